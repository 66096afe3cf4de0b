resource "terraform_data" "d" {
  for_each = ["a", "b"]
  input    = each.value
}

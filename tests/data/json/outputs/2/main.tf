output "a" { value = "2" }
output "b" { value = [1, "x", { y = 2 }] }
output "c" {
  value = { k = "v2" }
}
output "num" {
  value = 12345678901234567890
  sensitive = true
}
output "new" { value = "<&>" }

variable "secret" {
  type      = string
  default   = "hush"
  sensitive = true
}

resource "terraform_data" "d" {
  input = { secret = var.secret, open = "yes" }
}

output "secret" {
  value     = terraform_data.d.output.secret
  sensitive = true
}

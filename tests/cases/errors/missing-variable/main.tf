variable "name" {
  type = string
}

output "n" {
  value = var.name
}

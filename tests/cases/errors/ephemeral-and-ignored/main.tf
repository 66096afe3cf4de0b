variable "token" {
  default   = "x"
  ephemeral = true
}

resource "terraform_data" "counted" {
  count = length(var.token)
}

resource "terraform_data" "ignoring" {
  input = 1
  lifecycle {
    ignore_changes = [inptu, output]
  }
}

import {
  to = terraform_data.nobody
  id = "x"
}

output "token" {
  value = var.token
}

output "text" {
  value = templatefile("text.tftpl", { name = "x" })
}

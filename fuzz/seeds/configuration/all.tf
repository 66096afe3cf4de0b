terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.0", configuration_aliases = [aws.west] }
  }
  backend "local" { path = "x" }
}
variable "v" {
  type = object({ a = optional(list(string), []), b = map(any) })
  validation {
    condition     = length(var.v.a) < 3
    error_message = "Too ${"many"}."
  }
}
resource "aws_dynamodb_table" "t" {
  for_each = toset(["a"])
  name     = each.key
  dynamic "attribute" {
    for_each = var.v.b
    iterator = it
    content { name = it.value }
  }
  lifecycle {
    ignore_changes       = [tags["x"]]
    replace_triggered_by = [terraform_data.d]
    precondition {
      condition     = true
      error_message = <<-E
        a
          ${self.id}
      E
    }
  }
}
module "m" {
  source    = "./m"
  providers = { aws = aws.west }
  count     = 2
}
check "c" {
  assert {
    condition     = can(module.m[0].o)
    error_message = "no"
  }
}
moved {
  from = a_b.c
  to   = module.m[0].a_b.c["k"]
}
import {
  to = a_b.c
  id = "x"
}
removed {
  from = a_b.d
  lifecycle { destroy = false }
}
output "o" { value = [for k, v in local.x : k => v... if v != null] }
locals { x = { a = 1, (var.v) : 2 } }

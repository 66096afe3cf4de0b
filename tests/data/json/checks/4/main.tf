terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}
provider "aws" {
  region = "us-east-1"
}

variable "n" {
  type = number
  default = 7
  validation {
    condition = var.n > 0
    error_message = "n must be positive."
  }
  validation {
    condition = var.n < 100
    error_message = "n must be small."
  }
}
resource "aws_cloudwatch_log_group" "g" {
  for_each = toset(["a", "b"])
  name = "/c/${each.key}"
  retention_in_days = 7
  lifecycle {
    precondition {
      condition = var.n > 1
      error_message = "pre ${var.n}"
    }
    postcondition {
      condition = self.retention_in_days == 7
      error_message = "post"
    }
    postcondition {
      condition = self.arn != ""
      error_message = "post arn"
    }
  }
}
check "health" {
  assert {
    condition = var.n > 5
    error_message = "n is ${var.n}, low"
  }
  assert {
    condition = aws_cloudwatch_log_group.g["a"].arn != "x"
    error_message = "arn"
  }
  assert {
    condition = var.n == 0
    error_message = "never"
  }
}
check "scoped" {
  data "aws_caller_identity" "me" {}
  assert {
    condition = data.aws_caller_identity.me.account_id == "999999999999"
    error_message = "wrong account"
  }
}
output "o" {
  value = var.n
  precondition {
    condition = var.n > 0
    error_message = "out"
  }
}
output "plain" { value = "p" }
module "ch" {
  count = 2
  source = "./child"
  v = "x${count.index}"
}

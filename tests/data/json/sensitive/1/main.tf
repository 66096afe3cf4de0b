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

variable "secret" {
  type = string
  sensitive = true
  default = "hush"
}
variable "cfg" {
  type = object({ a = string, b = optional(number, 3), c = optional(list(string)) })
  default = { a = "x" }
}
variable "nodefault" { type = map(string) }
variable "anyv" {}
variable "nul" {
  type = string
  default = null
  nullable = true
}
resource "aws_cloudwatch_log_group" "g" {
  name = "/x/g"
  tags = { s = var.secret, a = var.cfg.a }
}
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }]
  })
  description = var.secret
}

output "s" {
  value = var.secret
  sensitive = true
}
output "o" { value = { x = var.cfg, y = [1, 2.5, true, null] } }
output "nested" {
  value = nonsensitive(var.secret)
}
output "m" {
  value = aws_cloudwatch_log_group.g.tags
  sensitive = true
}

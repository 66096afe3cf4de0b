variable "name" {
  type = string
}

variable "description" {
  type    = string
  default = ""
}

locals {
  trust = {
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }]
  }
}

resource "aws_iam_role" "this" {
  name               = "role-${var.name}"
  description        = var.description
  assume_role_policy = jsonencode(local.trust)
}

output "arn" {
  value = aws_iam_role.this.arn
}

output "unique_id" {
  value = aws_iam_role.this.unique_id
}

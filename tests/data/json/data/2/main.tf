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

data "aws_region" "r" {}
data "aws_iam_role" "later" {
  name = aws_iam_role.r.name
  depends_on = [aws_iam_role.r]
}
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }]
  })
  description = "x"
}

output "region" { value = data.aws_region.r.name }
output "later" { value = data.aws_iam_role.later.arn }

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
data "aws_caller_identity" "me" {}
data "aws_iam_policy_document" "d" {
  statement {
    sid = "A"
    actions = ["dynamodb:GetItem"]
    resources = ["arn:aws:dynamodb:us-east-1:*:table/x"]
    condition {
      test = "StringEquals"
      variable = "aws:x"
      values = ["1"]
    }
  }
}
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

}

output "region" { value = data.aws_region.r.name }
output "json" { value = data.aws_iam_policy_document.d.json }
output "later" { value = data.aws_iam_role.later.arn }
output "me" { value = data.aws_caller_identity.me }

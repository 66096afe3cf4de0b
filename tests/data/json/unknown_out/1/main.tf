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

resource "aws_iam_policy" "p" {
  name_prefix = "pp"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "x:y", Resource = "*" }] })
}
resource "aws_iam_role" "r" {
  name_prefix = "q"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
}
resource "aws_cloudwatch_log_group" "g" {
  name_prefix = "/g"
  tags = { a = aws_iam_policy.p.arn, b = "known" }
}
output "a" { value = aws_iam_policy.p.arn }
output "l" { value = [aws_iam_policy.p.arn, "k"] }
output "o" { value = { x = aws_iam_policy.p.policy_id, y = "k", z = [aws_iam_role.r.unique_id, { q = 1 }] } }
output "tags" { value = aws_cloudwatch_log_group.g.tags }
output "whole" { value = aws_iam_policy.p }
data "aws_iam_policy" "back" { arn = aws_iam_policy.p.arn }
output "back" {
  value = data.aws_iam_policy.back.policy
  sensitive = true
}

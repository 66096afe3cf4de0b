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
  name_prefix = "ppz"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "x:y", Resource = "*" }] })
}
output "a" { value = aws_iam_policy.p.arn }
output "l" { value = [aws_iam_policy.p.arn, "k"] }
output "o" { value = { x = aws_iam_policy.p.policy_id, y = "k2", z = "n" } }
output "new" { value = { x = aws_iam_policy.p.policy_id } }

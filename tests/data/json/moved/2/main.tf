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
resource "aws_cloudwatch_log_group" "a2" {
  name = "/x/a"

}
resource "aws_cloudwatch_log_group" "b2" {
  name = "/x/b"
  retention_in_days = 3
}
moved {
  from = aws_cloudwatch_log_group.a
  to = aws_cloudwatch_log_group.a2
}
moved {
  from = aws_cloudwatch_log_group.b
  to = aws_cloudwatch_log_group.b2
}
resource "aws_cloudwatch_log_group" "n" {
  for_each = { x = 0, y = 1 }
  name = "/n/${each.value}"
}
moved {
  from = aws_cloudwatch_log_group.n[0]
  to = aws_cloudwatch_log_group.n["x"]
}
removed {
  from = aws_cloudwatch_log_group.rm
  lifecycle {
    destroy = false
  }
}

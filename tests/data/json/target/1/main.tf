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
resource "aws_cloudwatch_log_group" "g" {
  name = "/x/g"

}
resource "aws_cloudwatch_log_group" "h" {
  name = "/x/h"

}
output "o" { value = aws_cloudwatch_log_group.h.arn }

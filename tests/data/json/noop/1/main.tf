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
resource "aws_dynamodb_table" "t" {
  name = "tbl-t"
  billing_mode = "PAY_PER_REQUEST"
  hash_key = "id"
  attribute {
    name = "id"
    type = "S"
  }

}
output "o" { value = aws_cloudwatch_log_group.g.arn }

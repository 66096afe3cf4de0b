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

variable "region" { default = "us-west-2" }
provider "aws" {
  alias = "west"
  region = var.region
  default_tags {
    tags = { team = "x" }
  }
}
module "w" {
  source = "./child"
  providers = { aws = aws.west }
}
resource "aws_cloudwatch_log_group" "w" {
  name = "/x/w"
  provider = aws.west
}
resource "aws_cloudwatch_log_group" "e" {
  name = "/x/e"

}
output "arns" { value = [aws_cloudwatch_log_group.w.arn, aws_cloudwatch_log_group.e.arn] }

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
variable "e" {
  type = string
  ephemeral = true
  default = "x"
}
resource "aws_cloudwatch_log_group" "g" {
  name = "/x/g"

}

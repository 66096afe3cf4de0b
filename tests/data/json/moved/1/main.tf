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
resource "aws_cloudwatch_log_group" "a" {
  name = "/x/a"

}
resource "aws_cloudwatch_log_group" "b" {
  name = "/x/b"

}
resource "aws_cloudwatch_log_group" "n" {
  count = 2
  name = "/n/${count.index}"
}
resource "aws_cloudwatch_log_group" "rm" {
  name = "/x/rm"

}

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
resource "aws_cloudwatch_log_group" "c" {
  count = 3
  name = "/c/${count.index}"
}
resource "aws_cloudwatch_log_group" "e" {
  for_each = toset(["a","b"])
  name = "/e/${each.key}"
}
resource "aws_cloudwatch_log_group" "s" {
  name = "/s"
}
resource "aws_cloudwatch_log_group" "q" {
  count = 1
  name = "/q"
}
resource "aws_cloudwatch_log_group" "d" {
  name = "/x/d"

}

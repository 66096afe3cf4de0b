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
  count = 1
  name = "/c/${count.index}"
}
resource "aws_cloudwatch_log_group" "e" {
  for_each = toset(["a"])
  name = "/e/${each.key}"
}
resource "aws_cloudwatch_log_group" "s" {
  for_each = toset(["k"])
  name = "/s2"
}
resource "aws_cloudwatch_log_group" "q" {
  for_each = toset(["k"])
  name = "/q3"
}

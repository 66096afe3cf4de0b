terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
resource "aws_cloudwatch_log_group" "in" {
  name = "/x/in"

}

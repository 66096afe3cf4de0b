resource "aws_iam_role" "r" {
  name = "x
}

locals {
  a = [1, 2
}

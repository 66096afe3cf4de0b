provider "aws" {
  region = "us-east-1"
}
resource "aws_iam_role" "r0" {
  name = "role-0"
  assume_role_policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = "sts:AssumeRole", "Principal" = { "Service" = ["states.amazonaws.com", "lambda.amazonaws.com"] } }] })
  max_session_duration = 43200
  path = "/a/"
  force_detach_policies = true
  managed_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
}
resource "aws_iam_role_policy" "r0" {
  name = "own"
  role = aws_iam_role.r0.id
  policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource" = "*" }] })
}
resource "aws_iam_role" "r1" {
  name = "role-1"
  assume_role_policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = "sts:AssumeRole", "Principal" = { "Service" = ["states.amazonaws.com", "lambda.amazonaws.com"] } }] })
  description = ""
  max_session_duration = 43200
  path = "/"
  tags = { own = "yes", a = "1", z = "\u00e9" }
  inline_policy {
    name = "a"
    policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = ["dynamodb:GetItem"], "Resource" = ["*"] }] })
  }
  inline_policy {
    name = "b"
    policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = ["dynamodb:PutItem", "dynamodb:GetItem"], "Resource" = "*" }] })
  }
  managed_policy_arns = []
}
resource "aws_iam_role" "r2" {
  name_prefix = "role-2-"
  assume_role_policy = jsonencode({ "Version" = "2012-10-17", "Statement" = { "Effect" = "Allow", "Action" = "sts:AssumeRole", "Principal" = { "Service" = "states.amazonaws.com" } } })
  max_session_duration = 43200
  path = "/"
  permissions_boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
  tags = { a = "1" }
  force_detach_policies = true
  inline_policy {
    name = "b"
    policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource" = "*" }] })
  }
  inline_policy {
    name = "a"
    policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = "s3:*", "Resource" = ["arn:aws:s3:::b/*", "arn:aws:s3:::b"] }] })
  }
}
resource "aws_iam_role" "r3" {
  name = "role-3"
  assume_role_policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = "sts:AssumeRole", "Principal" = { "Service" = "states.amazonaws.com" }, "Sid" = "x" }] })
  description = "two"
  path = "/"
  permissions_boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
  tags = { a = "2", b = "" }
  force_detach_policies = false
  inline_policy {
    name = "a"
    policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = "dynamodb:GetItem", "Resource" = "*" }] })
  }
  managed_policy_arns = ["arn:aws:iam::aws:policy/PowerUserAccess", "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"]
}
resource "aws_iam_role" "r4" {
  name = "role-4"
  assume_role_policy = jsonencode({ "Version" = "2012-10-17", "Statement" = { "Effect" = "Allow", "Action" = "sts:AssumeRole", "Principal" = { "Service" = "states.amazonaws.com" } } })
  description = ""
  tags = { own = "yes", a = "1", z = "\u00e9" }
  inline_policy {
    name = "a"
    policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = "dynamodb:GetItem", "Resource" = "*" }] })
  }
  managed_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/PowerUserAccess"]
}
resource "aws_iam_role" "r5" {
  name = "role-5"
  assume_role_policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = "sts:AssumeRole", "Principal" = { "Service" = "states.amazonaws.com" } }] })
  description = "one"
  max_session_duration = 3600
  path = "/a/"
  tags = { own = "yes", a = "1", z = "\u00e9" }
  force_detach_policies = true
  inline_policy {
    name = "b"
    policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource" = "*" }] })
  }
  inline_policy {
    name = "a"
    policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = "s3:*", "Resource" = ["arn:aws:s3:::b/*", "arn:aws:s3:::b"] }] })
  }
}
resource "aws_iam_role" "r6" {
  name = "role-6"
  assume_role_policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = "sts:AssumeRole", "Principal" = { "Service" = ["lambda.amazonaws.com", "states.amazonaws.com"] } }] })
  description = ""
  max_session_duration = 7200
  permissions_boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
  force_detach_policies = true
}
resource "aws_iam_role_policy" "r6" {
  name = "own"
  role = aws_iam_role.r6.id
  policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = ["dynamodb:PutItem", "dynamodb:GetItem"], "Resource" = "*" }] })
}
resource "aws_iam_role" "r7" {
  name_prefix = "role-7-"
  assume_role_policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = "sts:AssumeRole", "Principal" = { "Service" = "states.amazonaws.com" }, "Condition" = { "StringEquals" = { "aws:SourceAccount" = "123456789012" } } }] })
  description = ""
  max_session_duration = 43200
  permissions_boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
  tags = { a = "2", b = "" }
  managed_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/PowerUserAccess"]
}
resource "aws_iam_role_policy" "r7" {
  name_prefix = "own-"
  role = aws_iam_role.r7.id
  policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = "s3:*", "Resource" = ["arn:aws:s3:::b/*", "arn:aws:s3:::b"] }] })
}
resource "aws_iam_role" "r8" {
  name_prefix = "role-8-"
  assume_role_policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = "sts:AssumeRole", "Principal" = { "Service" = ["states.amazonaws.com", "lambda.amazonaws.com"] } }] })
  permissions_boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
  force_detach_policies = true
  inline_policy {
    name = "a"
    policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = "dynamodb:GetItem", "Resource" = "*" }] })
  }
  managed_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/PowerUserAccess"]
}
resource "aws_iam_role" "r9" {
  name = "role-9"
  assume_role_policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = ["sts:AssumeRole"], "Principal" = { "Service" = ["states.amazonaws.com"] } }] })
  description = "one"
  tags = { own = "yes", a = "1", z = "\u00e9" }
  inline_policy {
    name = "b"
    policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource" = "*" }] })
  }
  inline_policy {
    name = "a"
    policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = "s3:*", "Resource" = ["arn:aws:s3:::b/*", "arn:aws:s3:::b"] }] })
  }
  managed_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/PowerUserAccess"]
}
resource "aws_iam_role" "r10" {
  name = "role-10"
  assume_role_policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = "sts:AssumeRole", "Principal" = { "Service" = ["states.amazonaws.com", "lambda.amazonaws.com"] } }] })
  description = "one"
  max_session_duration = 3600
  tags = { b = "x y", "c:d" = "e/f" }
  force_detach_policies = true
}
resource "aws_iam_role" "r11" {
  name_prefix = "role-11-"
  assume_role_policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = "sts:AssumeRole", "Principal" = { "Service" = "states.amazonaws.com" }, "Condition" = { "StringEquals" = { "aws:SourceAccount" = "123456789012" } } }] })
  description = ""
  max_session_duration = 43200
  tags = { a = "1" }
  force_detach_policies = true
  inline_policy {
    name = "b"
    policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource" = "*" }] })
  }
  inline_policy {
    name = "a"
    policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = "s3:*", "Resource" = ["arn:aws:s3:::b/*", "arn:aws:s3:::b"] }] })
  }
}
resource "aws_iam_role_policy_attachment" "r11" {
  role = aws_iam_role.r11.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"
}


resource "aws_iam_role" "r" {
  name               = "imp-role"
  description        = "d"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
  tags               = { a = "1" }
}
resource "aws_iam_role_policy" "rp" {
  name       = "inl"
  role       = "imp-role"
  policy     = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
  depends_on = [aws_iam_role.r]
}
resource "aws_iam_policy" "p" {
  name   = "imp-pol"
  path   = "/x/"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
resource "aws_iam_role_policy_attachment" "a" {
  role       = "imp-role"
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
  depends_on = [aws_iam_role.r]
}
resource "aws_iam_instance_profile" "ip" {
  name       = "imp-ip"
  role       = "imp-role"
  depends_on = [aws_iam_role.r]
}
resource "aws_sfn_state_machine" "m" {
  name       = "imp-m"
  role_arn   = "arn:aws:iam::000000000000:role/imp-role"
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
  publish    = true
  depends_on = [aws_iam_role.r]
}
resource "aws_sfn_alias" "al" {
  name = "live"
  routing_configuration {
    state_machine_version_arn = "arn:aws:states:us-east-1:000000000000:stateMachine:imp-m:1"
    weight                    = 100
  }
  depends_on = [aws_sfn_state_machine.m]
}
resource "aws_sfn_activity" "act" {
  name = "imp-act"
}
resource "aws_cloudwatch_log_group" "l" {
  name              = "/imp"
  retention_in_days = 7
}
resource "aws_dynamodb_table" "t" {
  name         = "imp-t"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  range_key    = "n"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "n"
    type = "N"
  }
  global_secondary_index {
    name            = "gsi"
    hash_key        = "n"
    projection_type = "ALL"
  }
  stream_enabled   = true
  stream_view_type = "NEW_IMAGE"
  ttl {
    attribute_name = "e"
    enabled        = true
  }
  point_in_time_recovery {
    enabled = true
  }
  server_side_encryption {
    enabled = true
  }
  tags = { a = "b" }
}
resource "aws_dynamodb_tag" "tg" {
  resource_arn = "arn:aws:dynamodb:us-east-1:000000000000:table/imp-t2"
  key          = "k"
  value        = "v"
  depends_on   = [aws_dynamodb_table.t2]
}
resource "aws_dynamodb_table" "t2" {
  name           = "imp-t2"
  read_capacity  = 1
  write_capacity = 2
  hash_key       = "id"
  attribute {
    name = "id"
    type = "S"
  }
  lifecycle {
    ignore_changes = [tags]
  }
}
import {
  to = aws_iam_role.r
  id = "imp-role"
}
import {
  to = aws_iam_role_policy.rp
  id = "imp-role:inl"
}
import {
  to = aws_iam_policy.p
  id = "arn:aws:iam::000000000000:policy/x/imp-pol"
}
import {
  to = aws_iam_role_policy_attachment.a
  id = "imp-role/arn:aws:iam::aws:policy/ReadOnlyAccess"
}
import {
  to = aws_iam_instance_profile.ip
  id = "imp-ip"
}
import {
  to = aws_sfn_state_machine.m
  id = "arn:aws:states:us-east-1:000000000000:stateMachine:imp-m"
}
import {
  to = aws_sfn_alias.al
  id = "arn:aws:states:us-east-1:000000000000:stateMachine:imp-m:live"
}
import {
  to = aws_sfn_activity.act
  id = "arn:aws:states:us-east-1:000000000000:activity:imp-act"
}
import {
  to = aws_cloudwatch_log_group.l
  id = "/imp"
}
import {
  to = aws_dynamodb_table.t
  id = "imp-t"
}
import {
  to = aws_dynamodb_table.t2
  id = "imp-t2"
}
import {
  to = aws_dynamodb_tag.tg
  id = "arn:aws:dynamodb:us-east-1:000000000000:table/imp-t2,k"
}

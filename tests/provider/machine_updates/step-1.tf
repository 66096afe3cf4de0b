provider "aws" {
  region = "us-east-1"
}
resource "aws_iam_role" "a" {
  name = "sfn-a"
  assume_role_policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = "sts:AssumeRole", "Principal" = { "Service" = "states.amazonaws.com" } }] })
}
resource "aws_iam_role" "b" {
  name = "sfn-b"
  assume_role_policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Action" = "sts:AssumeRole", "Principal" = { "Service" = "states.amazonaws.com" } }] })
}
resource "aws_cloudwatch_log_group" "lg" {
  name = "/sfn"
}
resource "aws_sfn_state_machine" "m0" {
  name_prefix = "m-0-"
  role_arn = aws_iam_role.a.arn
  definition = jsonencode({ "StartAt" = "A", "States" = { "A" = { "Type" = "Wait", "Seconds" = 5, "Next" = "B" }, "B" = { "Type" = "Succeed" } } })
  type = "STANDARD"
  publish = true
  tags = { a = "2", b = "" }
  timeouts {
    update = "2m"
    delete = "4m"
  }
}
resource "aws_sfn_alias" "m0" {
  name = "live-0"
  routing_configuration {
    state_machine_version_arn = aws_sfn_state_machine.m0.state_machine_version_arn
    weight = 100
  }
  description = "d2"
}
resource "aws_sfn_activity" "m0" {
  name = "act-0-x"
  tags = { a = "2", b = "" }
}
resource "aws_sfn_state_machine" "m1" {
  name_prefix = "m-1-"
  role_arn = aws_iam_role.a.arn
  definition = jsonencode({ "StartAt" = "A", "TimeoutSeconds" = 60, "States" = { "A" = { "Type" = "Task", "Resource" = "arn:aws:states:::dynamodb:putItem", "Parameters" = { "TableName" = "t", "Item" = { "id" = { "S.$" = "$.id" } } }, "End" = true } } })
  type = "EXPRESS"
}
resource "aws_sfn_state_machine" "m2" {
  name_prefix = "m-2-"
  role_arn = aws_iam_role.b.arn
  definition = jsonencode({ "Comment" = "x", "StartAt" = "A", "States" = { "A" = { "Type" = "Pass", "End" = true } } })
  publish = true
  logging_configuration {
    level = "ERROR"
    include_execution_data = false
    log_destination = "${aws_cloudwatch_log_group.lg.arn}:*"
  }
  tags = { own = "yes", a = "1", z = "\u00e9" }
  timeouts {
    update = "2m"
    delete = "4m"
  }
}
resource "aws_sfn_alias" "m2" {
  name = "live-2"
  routing_configuration {
    state_machine_version_arn = aws_sfn_state_machine.m2.state_machine_version_arn
    weight = 100
  }
  description = "d1"
}
resource "aws_sfn_activity" "m2" {
  name = "act-2-x"
  tags = { own = "yes", a = "1", z = "\u00e9" }
}
resource "aws_sfn_state_machine" "m3" {
  name = "m-3"
  role_arn = aws_iam_role.b.arn
  definition = jsonencode({ "StartAt" = "A", "States" = { "A" = { "Type" = "Wait", "Seconds" = 5, "Next" = "B" }, "B" = { "Type" = "Succeed" } } })
  type = "EXPRESS"
  publish = false
  logging_configuration {
    level = "FATAL"
    log_destination = "${aws_cloudwatch_log_group.lg.arn}:*"
  }
  timeouts {
    update = "2m"
    delete = "4m"
  }
}
resource "aws_sfn_state_machine" "m4" {
  name = "m-4"
  role_arn = aws_iam_role.a.arn
  definition = jsonencode({ "StartAt" = "A", "States" = { "A" = { "Type" = "Pass", "End" = true } } })
  type = "STANDARD"
  publish = true
  logging_configuration {
    level = "ALL"
    include_execution_data = true
    log_destination = "${aws_cloudwatch_log_group.lg.arn}:*"
  }
  tags = { a = "2", b = "" }
  timeouts {
    create = "3m"
  }
}
resource "aws_sfn_alias" "m4" {
  name = "live-4"
  routing_configuration {
    state_machine_version_arn = aws_sfn_state_machine.m4.state_machine_version_arn
    weight = 100
  }
}
resource "aws_sfn_state_machine" "m5" {
  name_prefix = "m-5-"
  role_arn = aws_iam_role.a.arn
  definition = jsonencode({ "StartAt" = "A", "States" = { "A" = { "Type" = "Wait", "Seconds" = 5, "Next" = "B" }, "B" = { "Type" = "Succeed" } } })
  logging_configuration {
    level = "FATAL"
    log_destination = "${aws_cloudwatch_log_group.lg.arn}:*"
  }
  tracing_configuration {
    enabled = false
  }
  tags = { a = "1" }
}
resource "aws_sfn_state_machine" "m6" {
  name_prefix = "m-6-"
  role_arn = aws_iam_role.b.arn
  definition = jsonencode({ "StartAt" = "A", "States" = { "A" = { "Type" = "Wait", "Seconds" = 5, "Next" = "B" }, "B" = { "Type" = "Succeed" } } })
  publish = true
  tracing_configuration {
    enabled = true
  }
  timeouts {
    update = "2m"
    delete = "4m"
  }
}
resource "aws_sfn_alias" "m6" {
  name = "live-6"
  routing_configuration {
    state_machine_version_arn = aws_sfn_state_machine.m6.state_machine_version_arn
    weight = 100
  }
}
resource "aws_sfn_state_machine" "m7" {
  name_prefix = "m-7-"
  role_arn = aws_iam_role.a.arn
  definition = jsonencode({ "StartAt" = "A", "TimeoutSeconds" = 60, "States" = { "A" = { "Type" = "Task", "Resource" = "arn:aws:states:::dynamodb:putItem", "Parameters" = { "TableName" = "t", "Item" = { "id" = { "S.$" = "$.id" } } }, "End" = true } } })
  type = "EXPRESS"
  publish = true
  logging_configuration {
    level = "ALL"
    include_execution_data = true
    log_destination = "${aws_cloudwatch_log_group.lg.arn}:*"
  }
  tracing_configuration {
    enabled = true
  }
  tags = {  }
}
resource "aws_sfn_state_machine" "m8" {
  name_prefix = "m-8-"
  role_arn = aws_iam_role.a.arn
  definition = jsonencode({ "Comment" = "x", "StartAt" = "A", "States" = { "A" = { "Type" = "Pass", "End" = true } } })
  publish = true
  tracing_configuration {
    enabled = false
  }
  tags = { a = "1" }
  timeouts {
    create = "3m"
  }
}
resource "aws_sfn_alias" "m8" {
  name = "live-8"
  routing_configuration {
    state_machine_version_arn = aws_sfn_state_machine.m8.state_machine_version_arn
    weight = 100
  }
}
resource "aws_sfn_state_machine" "m9" {
  name_prefix = "m-9-"
  role_arn = aws_iam_role.a.arn
  definition = jsonencode({ "Comment" = "x", "StartAt" = "A", "States" = { "A" = { "Type" = "Pass", "End" = true } } })
  publish = true
  logging_configuration {
    level = "ERROR"
    include_execution_data = false
    log_destination = "${aws_cloudwatch_log_group.lg.arn}:*"
  }
  tracing_configuration {
    enabled = false
  }
  tags = { own = "yes", a = "1", z = "\u00e9" }
  timeouts {
    update = "2m"
    delete = "4m"
  }
}
resource "aws_sfn_alias" "m9" {
  name = "live-9"
  routing_configuration {
    state_machine_version_arn = aws_sfn_state_machine.m9.state_machine_version_arn
    weight = 100
  }
  description = "d1"
}
resource "aws_sfn_state_machine" "m10" {
  name_prefix = "m-10-"
  role_arn = aws_iam_role.b.arn
  definition = jsonencode({ "Comment" = "x", "StartAt" = "A", "States" = { "A" = { "Type" = "Pass", "End" = true } } })
  type = "EXPRESS"
  publish = true
  logging_configuration {
    level = "OFF"
  }
  tracing_configuration {
    enabled = false
  }
  tags = { a = "2", b = "" }
  timeouts {
    update = "2m"
    delete = "4m"
  }
}
resource "aws_sfn_state_machine" "m11" {
  name = "m-11"
  role_arn = aws_iam_role.a.arn
  definition = jsonencode({ "StartAt" = "A", "States" = { "A" = { "Type" = "Pass", "End" = true } } })
  tags = { a = "2", b = "" }
}
resource "aws_sfn_activity" "m11" {
  name = "act-11-x"
  tags = { a = "2", b = "" }
}

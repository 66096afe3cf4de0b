# Orders are checked, charged and stored; three teams read them.

data "aws_caller_identity" "current" {}

locals {
  charge = "arn:aws:lambda:us-east-1:${data.aws_caller_identity.current.account_id}:function:charge"
}

resource "aws_dynamodb_table" "orders" {
  name                        = "orders-prod"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "customer"
  range_key                   = "order"
  deletion_protection_enabled = true

  attribute {
    name = "customer"
    type = "S"
  }

  attribute {
    name = "order"
    type = "S"
  }

  attribute {
    name = "status"
    type = "S"
  }

  global_secondary_index {
    name            = "by-status"
    hash_key        = "status"
    projection_type = "KEYS_ONLY"
  }

  point_in_time_recovery {
    enabled = true
  }
}

resource "aws_dynamodb_table" "archive" {
  name         = "orders-archive"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "order"

  attribute {
    name = "order"
    type = "S"
  }
}

resource "aws_cloudwatch_log_group" "workflow" {
  name              = "/aws/vendedlogs/states/orders"
  retention_in_days = 90
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["states.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "workflow" {
  name               = "orders-workflow"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "workflow" {
  statement {
    actions   = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
    resources = [aws_dynamodb_table.orders.arn]
  }

  statement {
    actions   = ["lambda:InvokeFunction"]
    resources = [local.charge, "${local.charge}:*"]
  }

  statement {
    actions = [
      "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
      "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "workflow" {
  name   = "workflow"
  role   = aws_iam_role.workflow.id
  policy = data.aws_iam_policy_document.workflow.json
}

resource "aws_sfn_state_machine" "orders" {
  name     = "orders"
  role_arn = aws_iam_role.workflow.arn

  logging_configuration {
    level           = "ERROR"
    log_destination = "${aws_cloudwatch_log_group.workflow.arn}:*"
  }

  definition = jsonencode({
    Comment = "Takes an order, charges it, and stores it."
    StartAt = "Check"
    States = {
      Check = {
        Type = "Choice"
        Choices = [
          { Variable = "$.total", NumericLessThanEquals = 0, Next = "Refuse" },
        ]
        Default = "Charge"
      }
      Charge = {
        Type       = "Task"
        Resource   = "arn:aws:states:::lambda:invoke"
        Parameters = { FunctionName = local.charge, "Payload.$" = "$" }
        ResultPath = "$.charge"
        Retry      = [{ ErrorEquals = ["Lambda.TooManyRequestsException"], IntervalSeconds = 2, MaxAttempts = 3, BackoffRate = 2 }]
        Catch      = [{ ErrorEquals = ["CardDeclined"], ResultPath = "$.error", Next = "Refuse" }]
        Next       = "Store"
      }
      Store = {
        Type     = "Task"
        Resource = "arn:aws:states:::dynamodb:putItem"
        Parameters = {
          TableName = aws_dynamodb_table.orders.name
          Item = {
            customer = { "S.$" = "$.customer" }
            order    = { "S.$" = "$.order" }
            status   = { S = "paid" }
          }
        }
        Retry = [{ ErrorEquals = ["States.TaskFailed"], MaxAttempts = 3 }]
        End   = true
      }
      Refuse = { Type = "Fail", Error = "OrderRefused" }
    }
  })
}

resource "aws_iam_role" "reader" {
  for_each = toset(["billing", "shipping", "support"])

  name = "orders-${each.key}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "reader" {
  for_each = aws_iam_role.reader

  name = "read-orders"
  role = each.value.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["dynamodb:GetItem", "dynamodb:Query"]
      Resource = [aws_dynamodb_table.orders.arn, "${aws_dynamodb_table.orders.arn}/index/by-status"]
    }]
  })
}

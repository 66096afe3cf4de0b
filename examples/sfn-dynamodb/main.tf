# A state machine that puts an item into a DynamoDB table and reads it back.
#
#   formwork -chdir=examples/sfn-dynamodb -sandbox apply     # without an account, inside formwork
#   formwork -chdir=examples/sfn-dynamodb apply              # on AWS
#
# The directory works with `terraform` unchanged.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }

  backend "local" {
    path = "../../state/sfn-dynamodb.tfstate"
  }
}

provider "aws" {
  region = var.region
}

resource "aws_dynamodb_table" "items" {
  name         = var.table_name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_iam_role" "workflow" {
  name = "${var.table_name}-workflow"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "states.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "items" {
  name = "items"
  role = aws_iam_role.workflow.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["dynamodb:PutItem", "dynamodb:GetItem"]
      Resource = aws_dynamodb_table.items.arn
    }]
  })
}

resource "aws_sfn_state_machine" "hello" {
  name     = "${var.table_name}-hello"
  role_arn = aws_iam_role.workflow.arn

  definition = jsonencode({
    Comment = "Puts an item built from the input, then reads it back."
    StartAt = "PutItem"
    States = {
      PutItem = {
        Type     = "Task"
        Resource = "arn:aws:states:::dynamodb:putItem"
        Parameters = {
          TableName = aws_dynamodb_table.items.name
          Item = {
            id          = { "S.$" = "$.id" }
            description = { "S.$" = "States.Format('Hello, my id is {}.', $.id)" }
          }
        }
        ResultPath = "$.put"
        Next       = "GetItem"
      }
      GetItem = {
        Type     = "Task"
        Resource = "arn:aws:states:::dynamodb:getItem"
        Parameters = {
          TableName = aws_dynamodb_table.items.name
          Key       = { id = { "S.$" = "$.id" } }
        }
        ResultPath = "$.got"
        OutputPath = "$.got.Item"
        End        = true
      }
    }
  })
}

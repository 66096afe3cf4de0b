# What scanners ask for: encrypted with a key of one's own, backed up, logged, traced, and least permissions.
locals {
  key = "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-0000-1111-2222-333344445555"
}

resource "aws_dynamodb_table" "orders" {
  name                        = "orders"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  deletion_protection_enabled = true

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = local.key
  }

  tags = {
    owner = "orders"
  }
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
      values   = ["111122223333"]
    }
  }
}

resource "aws_iam_role" "workflow" {
  name               = "workflow"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags = {
    owner = "orders"
  }
}

resource "aws_cloudwatch_log_group" "log" {
  name              = "/aws/vendedlogs/states/orders"
  retention_in_days = 400
  kms_key_id        = local.key
  tags = {
    owner = "orders"
  }
}

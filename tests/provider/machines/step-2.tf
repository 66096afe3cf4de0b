resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
}
resource "aws_iam_role" "r2" {
  name               = "r2"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
}
resource "aws_cloudwatch_log_group" "lg" {
  name = "/sfn"
}
resource "aws_sfn_state_machine" "m_def" {
  name       = "m-def"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Succeed" } } })
}
resource "aws_sfn_state_machine" "m_pub" {
  name       = "m-pub"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Succeed" } } })
  publish    = true
}
resource "aws_sfn_state_machine" "m_pub2" {
  name       = "m-pub2"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
  publish    = true
}
resource "aws_sfn_state_machine" "m_log" {
  name       = "m-log"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
  logging_configuration {
    level                  = "ERROR"
    include_execution_data = false
    log_destination        = "${aws_cloudwatch_log_group.lg.arn}:*"
  }
}
resource "aws_sfn_state_machine" "m_log2" {
  name       = "m-log2"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
  logging_configuration {
    level = "FATAL"

    log_destination = "${aws_cloudwatch_log_group.lg.arn}:*"
  }
}
resource "aws_sfn_state_machine" "m_trace" {
  name       = "m-trace"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
  tracing_configuration {
    enabled = true
  }
}
resource "aws_sfn_state_machine" "m_enc" {
  name       = "m-enc"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
  encryption_configuration {
    kms_key_id                        = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555"
    kms_data_key_reuse_period_seconds = 600
    type                              = "CUSTOMER_MANAGED_KMS_KEY"
  }
}
resource "aws_sfn_state_machine" "m_enc2" {
  name       = "m-enc2"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
  encryption_configuration {
    kms_key_id                        = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555"
    kms_data_key_reuse_period_seconds = 300
    type                              = "CUSTOMER_MANAGED_KMS_KEY"
  }
}
resource "aws_sfn_state_machine" "m_type" {
  name       = "m-type"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
}
resource "aws_sfn_state_machine" "m_tags" {
  name       = "m-tags"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
  tags       = { a = "2", b = "" }
}
resource "aws_sfn_state_machine" "m_prefix" {
  name_prefix = "mp-"
  role_arn    = aws_iam_role.r.arn
  definition  = jsonencode({ StartAt = "A", States = { A = { Type = "Succeed" } } })
}
resource "aws_sfn_state_machine" "m_none" {
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Succeed" } } })
}
resource "aws_sfn_state_machine" "m_comment" {
  name       = "m-comment"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ Comment = "two <&>", StartAt = "A", States = { A = { Type = "Pass", End = true } } })
}
resource "aws_sfn_state_machine" "m_num" {
  name       = "m-num"
  role_arn   = aws_iam_role.r.arn
  definition = "{\"StartAt\":\"A\",\"States\":{\"A\":{\"End\":true,\"Type\":\"Pass\"}},\"TimeoutSeconds\":60.0}"
}
resource "aws_sfn_state_machine" "m_timeouts" {
  name       = "m-timeouts"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Succeed" } } })
  timeouts {
    update = "2m"
  }
}
resource "aws_sfn_state_machine" "m_many" {
  name       = "m-many"
  role_arn   = aws_iam_role.r2.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Succeed" } } })
  type       = "EXPRESS"
  logging_configuration {
    level = "ERROR"

    log_destination = "${aws_cloudwatch_log_group.lg.arn}:*"
  }
  tags    = { a = "2" }
  publish = true
}
resource "aws_sfn_state_machine" "al_m" {
  name       = "al-m"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Succeed" } } })
  publish    = true
}
resource "aws_sfn_alias" "live" {
  name        = "live"
  description = "d"
  routing_configuration {
    state_machine_version_arn = aws_sfn_state_machine.al_m.state_machine_version_arn
    weight                    = 100
  }
}
resource "aws_sfn_alias" "two" {
  name = "two"
  routing_configuration {
    state_machine_version_arn = aws_sfn_state_machine.al_m.state_machine_version_arn
    weight                    = 90
  }
  routing_configuration {
    state_machine_version_arn = "${aws_sfn_state_machine.al_m.arn}:1"
    weight                    = 10
  }
}
resource "aws_sfn_alias" "tmo" {
  name        = "tmo"
  description = "z"
  routing_configuration {
    state_machine_version_arn = "${aws_sfn_state_machine.al_m.arn}:1"
    weight                    = 100
  }
  depends_on = [aws_sfn_state_machine.al_m]
}
resource "aws_sfn_activity" "a1" {
  name = "a1"
  tags = { a = "b" }
}
resource "aws_sfn_activity" "a4" {
  name = "a4"
  encryption_configuration {
    type = "AWS_OWNED_KEY"
  }
  tags = { q = "z" }
}
resource "aws_cloudwatch_log_group" "l1" {
  name              = "l1"
  retention_in_days = 7
}
resource "aws_cloudwatch_log_group" "l2" {
  name = "l2"
}
resource "aws_cloudwatch_log_group" "l3" {
  name_prefix = "l3-"
  tags        = { a = "b" }
}
resource "aws_cloudwatch_log_group" "l4" {
  tags = { a = "b" }
}
resource "aws_cloudwatch_log_group" "l5" {
  name = "l5"
}
resource "aws_cloudwatch_log_group" "l6" {
  name = "l6"
  tags = { b = "3" }
}
resource "aws_cloudwatch_log_group" "l7" {
  name              = "l7x"
  retention_in_days = 3653
}

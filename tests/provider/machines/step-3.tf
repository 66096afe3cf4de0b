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
  role_arn   = aws_iam_role.r2.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Succeed" } } })
}
resource "aws_sfn_state_machine" "m_pub" {
  name       = "m-pub"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Succeed" } } })
  publish    = false
}
resource "aws_sfn_state_machine" "m_pub2" {
  name       = "m-pub2"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
}
resource "aws_sfn_state_machine" "m_log" {
  name       = "m-log"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
}
resource "aws_sfn_state_machine" "m_log2" {
  name       = "m-log2"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
  logging_configuration {
    level = "OFF"


  }
}
resource "aws_sfn_state_machine" "m_trace" {
  name       = "m-trace"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
  tracing_configuration {
    enabled = false
  }
}
resource "aws_sfn_state_machine" "m_enc" {
  name       = "m-enc"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
  encryption_configuration {
    type = "AWS_OWNED_KEY"
  }
}
resource "aws_sfn_state_machine" "m_enc2" {
  name       = "m-enc2"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
}
resource "aws_sfn_state_machine" "m_type" {
  name       = "m-type"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
  type       = "STANDARD"
}
resource "aws_sfn_state_machine" "m_tags" {
  name       = "m-tags"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
}
resource "aws_sfn_state_machine" "m_prefix" {
  name_prefix = "mq-"
  role_arn    = aws_iam_role.r.arn
  definition  = jsonencode({ StartAt = "A", States = { A = { Type = "Succeed" } } })
}
resource "aws_sfn_state_machine" "m_none" {
  name       = "m-now"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Succeed" } } })
}
resource "aws_sfn_state_machine" "m_comment" {
  name       = "m-comment"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
}
resource "aws_sfn_state_machine" "m_num" {
  name       = "m-num"
  role_arn   = aws_iam_role.r.arn
  definition = "{\"StartAt\":\"A\",\"States\":{\"A\":{\"End\":true,\"Type\":\"Pass\"}},\"TimeoutSeconds\":6e1}"
}
resource "aws_sfn_state_machine" "m_timeouts" {
  name       = "m-timeouts"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Succeed" } } })
}
resource "aws_sfn_state_machine" "m_many" {
  name       = "m-many"
  role_arn   = aws_iam_role.r2.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Succeed" } } })
  type       = "EXPRESS"
  logging_configuration {
    level = "OFF"


  }
  tracing_configuration {
    enabled = false
  }
}
resource "aws_sfn_state_machine" "al_m" {
  name       = "al-m"
  role_arn   = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
  publish    = true
}
resource "aws_sfn_alias" "live" {
  name = "live"
  routing_configuration {
    state_machine_version_arn = aws_sfn_state_machine.al_m.state_machine_version_arn
    weight                    = 100
  }
}
resource "aws_sfn_alias" "two" {
  name = "twox"
  routing_configuration {
    state_machine_version_arn = "${aws_sfn_state_machine.al_m.arn}:1"
    weight                    = 100
  }
}
resource "aws_sfn_alias" "tmo" {
  name = "tmo"
  routing_configuration {
    state_machine_version_arn = "${aws_sfn_state_machine.al_m.arn}:1"
    weight                    = 100
  }
}
resource "aws_sfn_activity" "a1" {
  name = "a2"
  tags = {}
}
resource "aws_cloudwatch_log_group" "l1" {
  name              = "l1"
  retention_in_days = 0
}
resource "aws_cloudwatch_log_group" "l2" {
  name              = "l2"
  retention_in_days = 1
}
resource "aws_cloudwatch_log_group" "l3" {
  name_prefix = "l4-"
}
resource "aws_cloudwatch_log_group" "l4" {
  name = "l4"
}
resource "aws_cloudwatch_log_group" "l5" {
  name         = "l5b"
  skip_destroy = true
}
resource "aws_cloudwatch_log_group" "l6" {
  name = "l6"
}
resource "aws_cloudwatch_log_group" "l7" {
  name              = "l7x"
  retention_in_days = 3653
}

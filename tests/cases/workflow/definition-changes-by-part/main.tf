resource "aws_iam_role" "workflow" {
  name = "workflow"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }]
  })
}

data "aws_iam_policy_document" "ddb" {
  statement {
    actions   = ["dynamodb:PutItem"]
    resources = ["arn:aws:dynamodb:us-east-1:000000000000:table/t"]
  }
}

resource "aws_iam_role_policy" "ddb" {
  name   = "ddb"
  role   = aws_iam_role.workflow.id
  policy = data.aws_iam_policy_document.ddb.json
}

resource "aws_sfn_state_machine" "m" {
  name     = "m"
  role_arn = aws_iam_role.workflow.arn
  definition = jsonencode({
    StartAt = "A"
    States = {
      A = { Type = "Pass", Next = "B" }
      B = { Type = "Wait", Seconds = 1, End = true }
    }
  })
}

resource "aws_iam_role" "r" {
  nme                = "x"
  assume_role_policy = jsonencode({})
}

resource "aws_dynamodb_table" "t" {
  name         = var.missing
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = local.nothing
}

output "o" {
  value = aws_iam_rol.r.arn
}

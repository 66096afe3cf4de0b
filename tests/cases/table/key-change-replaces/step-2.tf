resource "aws_dynamodb_table" "t" {
  name         = "t-two"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}

output "arn" {
  value = aws_dynamodb_table.t.arn
}

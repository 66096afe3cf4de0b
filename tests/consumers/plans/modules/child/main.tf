variable "name" {
  type = string
}

variable "backups" {
  type = bool
}

resource "aws_dynamodb_table" "table" {
  name         = var.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = var.backups
  }
}

output "name" {
  value = aws_dynamodb_table.table.name
}

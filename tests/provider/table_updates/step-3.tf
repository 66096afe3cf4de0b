provider "aws" {
  region = "us-east-1"
}
resource "aws_dynamodb_table" "t0" {
  name = "tab-0"
  billing_mode = "PROVISIONED"
  read_capacity = 5
  write_capacity = 2
  hash_key = "id"
  range_key = "r"
  attribute {
    name = "a"
    type = "S"
  }
  attribute {
    name = "id"
    type = "N"
  }
  attribute {
    name = "r"
    type = "S"
  }
  attribute {
    name = "b"
    type = "S"
  }
  local_secondary_index {
    name = "la-index"
    range_key = "a"
    projection_type = "ALL"
  }
  local_secondary_index {
    name = "lb-index"
    range_key = "b"
    projection_type = "KEYS_ONLY"
  }
  ttl {
    attribute_name = "exp"
    enabled = true
  }
  stream_enabled = false
  point_in_time_recovery {
    enabled = true
    recovery_period_in_days = 35
  }
  server_side_encryption {
    enabled = false
  }
  table_class = "STANDARD_INFREQUENT_ACCESS"
  deletion_protection_enabled = false
  tags = { own = "yes", a = "1", z = "\u00e9" }
}
resource "aws_dynamodb_table" "t1" {
  name = "tab-1"
  read_capacity = 5
  write_capacity = 5
  hash_key = "id"
  attribute {
    name = "id"
    type = "N"
  }
  attribute {
    name = "a"
    type = "S"
  }
  global_secondary_index {
    name = "gsi-a"
    hash_key = "a"
    projection_type = "INCLUDE"
    non_key_attributes = ["q", "p"]
    read_capacity = 1
    write_capacity = 1
  }
  ttl {
    attribute_name = "exp"
    enabled = false
  }
  stream_enabled = true
  stream_view_type = "NEW_IMAGE"
  point_in_time_recovery {
    enabled = true
    recovery_period_in_days = 35
  }
  tags = { a = "1" }
}
resource "aws_dynamodb_table" "t2" {
  name = "tab-2"
  billing_mode = "PAY_PER_REQUEST"
  hash_key = "id"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "a"
    type = "S"
  }
  attribute {
    name = "b"
    type = "S"
  }
  global_secondary_index {
    name = "gsi-c"
    hash_key = "b"
    range_key = "a"
    projection_type = "INCLUDE"
    non_key_attributes = ["p"]
  }
  global_secondary_index {
    name = "gsi-b"
    hash_key = "b"
    projection_type = "INCLUDE"
    non_key_attributes = ["p"]
    on_demand_throughput {
      max_read_request_units = 5
      max_write_request_units = 6
    }
  }
  point_in_time_recovery {
    enabled = true
  }
  server_side_encryption {
    enabled = true
  }
  table_class = "STANDARD_INFREQUENT_ACCESS"
  tags = { own = "yes", a = "1", z = "\u00e9" }
}
resource "aws_dynamodb_table" "t3" {
  name = "tab-3"
  billing_mode = "PROVISIONED"
  read_capacity = 1
  write_capacity = 1
  hash_key = "id"
  attribute {
    name = "id"
    type = "S"
  }
  server_side_encryption {
    enabled = true
  }
}
resource "aws_dynamodb_table" "t4" {
  name = "tab-4"
  billing_mode = "PROVISIONED"
  read_capacity = 1
  write_capacity = 1
  hash_key = "id"
  range_key = "r"
  attribute {
    name = "c"
    type = "N"
  }
  attribute {
    name = "id"
    type = "B"
  }
  attribute {
    name = "a"
    type = "S"
  }
  attribute {
    name = "r"
    type = "N"
  }
  global_secondary_index {
    name = "gsi-b"
    hash_key = "a"
    range_key = "c"
    projection_type = "INCLUDE"
    non_key_attributes = ["q", "p"]
    read_capacity = 1
    write_capacity = 1
  }
  local_secondary_index {
    name = "la-index"
    range_key = "a"
    projection_type = "ALL"
  }
  ttl {
    attribute_name = ""
    enabled = false
  }
  stream_enabled = true
  stream_view_type = "NEW_IMAGE"
  server_side_encryption {
    enabled = true
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/99999999-2222-3333-4444-555555555555"
  }
  deletion_protection_enabled = false
}
resource "aws_dynamodb_table" "t5" {
  name = "tab-5"
  read_capacity = 5
  write_capacity = 5
  hash_key = "id"
  attribute {
    name = "a"
    type = "S"
  }
  attribute {
    name = "b"
    type = "S"
  }
  attribute {
    name = "id"
    type = "B"
  }
  global_secondary_index {
    name = "gsi-a"
    hash_key = "b"
    projection_type = "INCLUDE"
    non_key_attributes = ["p", "q"]
    read_capacity = 2
    write_capacity = 3
  }
  global_secondary_index {
    name = "gsi-b"
    hash_key = "a"
    projection_type = "INCLUDE"
    non_key_attributes = ["q", "p"]
    read_capacity = 1
    write_capacity = 1
  }
  stream_enabled = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  point_in_time_recovery {
    enabled = true
    recovery_period_in_days = 5
  }
  server_side_encryption {
    enabled = true
  }
  deletion_protection_enabled = false
  tags = { b = "x y", "c:d" = "e/f" }
}
resource "aws_dynamodb_table" "t6" {
  name = "tab-6"
  billing_mode = "PAY_PER_REQUEST"
  hash_key = "id"
  range_key = "r"
  attribute {
    name = "a"
    type = "S"
  }
  attribute {
    name = "r"
    type = "N"
  }
  attribute {
    name = "b"
    type = "S"
  }
  attribute {
    name = "id"
    type = "N"
  }
  global_secondary_index {
    name = "gsi-b"
    hash_key = "a"
    projection_type = "INCLUDE"
    non_key_attributes = ["p"]
    on_demand_throughput {
      max_write_request_units = 8
    }
  }
  local_secondary_index {
    name = "la-index"
    range_key = "a"
    projection_type = "ALL"
  }
  local_secondary_index {
    name = "lb-index"
    range_key = "b"
    projection_type = "KEYS_ONLY"
  }
  stream_enabled = true
  stream_view_type = "NEW_IMAGE"
  server_side_encryption {
    enabled = true
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }
  table_class = "STANDARD"
  on_demand_throughput {
    max_read_request_units = 10
  }
  deletion_protection_enabled = false
  tags = { b = "x y", "c:d" = "e/f" }
}
resource "aws_dynamodb_table" "t7" {
  name = "tab-7"
  read_capacity = 5
  write_capacity = 5
  hash_key = "id"
  range_key = "r"
  attribute {
    name = "b"
    type = "S"
  }
  attribute {
    name = "a"
    type = "S"
  }
  attribute {
    name = "c"
    type = "N"
  }
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "r"
    type = "S"
  }
  global_secondary_index {
    name = "gsi-c"
    hash_key = "a"
    range_key = "c"
    projection_type = "KEYS_ONLY"
    read_capacity = 1
    write_capacity = 1
  }
  local_secondary_index {
    name = "la-index"
    range_key = "a"
    projection_type = "ALL"
  }
  local_secondary_index {
    name = "lb-index"
    range_key = "b"
    projection_type = "KEYS_ONLY"
  }
  stream_enabled = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  point_in_time_recovery {
    enabled = false
  }
  server_side_encryption {
    enabled = false
  }
  deletion_protection_enabled = false
  tags = { a = "1" }
}
resource "aws_dynamodb_table" "t8" {
  name = "tab-8"
  billing_mode = "PAY_PER_REQUEST"
  hash_key = "id"
  range_key = "r"
  attribute {
    name = "a"
    type = "S"
  }
  attribute {
    name = "b"
    type = "S"
  }
  attribute {
    name = "r"
    type = "S"
  }
  attribute {
    name = "id"
    type = "B"
  }
  global_secondary_index {
    name = "gsi-a"
    hash_key = "b"
    projection_type = "INCLUDE"
    non_key_attributes = ["p"]
    on_demand_throughput {
      max_read_request_units = 7
    }
  }
  local_secondary_index {
    name = "la-index"
    range_key = "a"
    projection_type = "ALL"
  }
  ttl {
    attribute_name = ""
    enabled = false
  }
  stream_enabled = true
  stream_view_type = "NEW_IMAGE"
  point_in_time_recovery {
    enabled = true
  }
  server_side_encryption {
    enabled = true
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/99999999-2222-3333-4444-555555555555"
  }
  table_class = "STANDARD"
  on_demand_throughput {
    max_read_request_units = -1
    max_write_request_units = 5
  }
  deletion_protection_enabled = false
  tags = { own = "yes", a = "1", z = "\u00e9" }
}
resource "aws_dynamodb_table" "t9" {
  name = "tab-9"
  read_capacity = 5
  write_capacity = 5
  hash_key = "id"
  range_key = "r"
  attribute {
    name = "c"
    type = "N"
  }
  attribute {
    name = "id"
    type = "N"
  }
  attribute {
    name = "a"
    type = "S"
  }
  attribute {
    name = "r"
    type = "S"
  }
  global_secondary_index {
    name = "gsi-a"
    hash_key = "a"
    range_key = "c"
    projection_type = "INCLUDE"
    non_key_attributes = ["q", "p"]
    read_capacity = 2
    write_capacity = 3
  }
  ttl {
    attribute_name = ""
    enabled = false
  }
  stream_enabled = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  table_class = "STANDARD_INFREQUENT_ACCESS"
  deletion_protection_enabled = false
}
resource "aws_dynamodb_table" "t10" {
  name = "tab-10"
  billing_mode = "PAY_PER_REQUEST"
  hash_key = "id"
  range_key = "r"
  attribute {
    name = "c"
    type = "N"
  }
  attribute {
    name = "id"
    type = "N"
  }
  attribute {
    name = "a"
    type = "S"
  }
  attribute {
    name = "r"
    type = "N"
  }
  global_secondary_index {
    name = "gsi-a"
    hash_key = "id"
    range_key = "c"
    projection_type = "INCLUDE"
    non_key_attributes = ["p"]
    on_demand_throughput {
      max_read_request_units = 7
    }
  }
  local_secondary_index {
    name = "la-index"
    range_key = "a"
    projection_type = "ALL"
  }
  point_in_time_recovery {
    enabled = true
    recovery_period_in_days = 35
  }
  server_side_encryption {
    enabled = true
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }
  on_demand_throughput {
    max_read_request_units = -1
    max_write_request_units = 5
  }
  tags = { a = "1" }
}
resource "aws_dynamodb_table" "t11" {
  name = "tab-11"
  billing_mode = "PROVISIONED"
  read_capacity = 1
  write_capacity = 1
  hash_key = "id"
  attribute {
    name = "b"
    type = "S"
  }
  attribute {
    name = "id"
    type = "N"
  }
  global_secondary_index {
    name = "gsi-c"
    hash_key = "b"
    projection_type = "INCLUDE"
    non_key_attributes = ["q", "p"]
    read_capacity = 2
    write_capacity = 3
  }
  stream_enabled = true
  stream_view_type = "KEYS_ONLY"
  server_side_encryption {
    enabled = true
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }
  tags = {  }
}

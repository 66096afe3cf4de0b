resource "aws_dynamodb_table" "plain_same" {
  name         = "plain-same"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }

}
resource "aws_dynamodb_table" "billing_default" {
  name           = "billing-default"
  read_capacity  = 2
  write_capacity = 3
  hash_key       = "id"
  attribute {
    name = "id"
    type = "S"
  }

}
resource "aws_dynamodb_table" "prov_to_od" {
  name           = "prov-to-od"
  billing_mode   = "PROVISIONED"
  read_capacity  = 5
  write_capacity = 5
  hash_key       = "id"
  attribute {
    name = "id"
    type = "S"
  }

}
resource "aws_dynamodb_table" "prov_to_od_keepcap" {
  name           = "prov-to-od-keepcap"
  billing_mode   = "PROVISIONED"
  read_capacity  = 5
  write_capacity = 5
  hash_key       = "id"
  attribute {
    name = "id"
    type = "S"
  }

}
resource "aws_dynamodb_table" "prov_gsi_to_od" {
  name           = "prov-gsi-to-od"
  billing_mode   = "PROVISIONED"
  read_capacity  = 5
  write_capacity = 6
  hash_key       = "id"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "gk"
    type = "S"
  }
  global_secondary_index {
    name            = "g-one"
    hash_key        = "gk"
    projection_type = "ALL"
    read_capacity   = 3
    write_capacity  = 4
  }
}
resource "aws_dynamodb_table" "prov_gsi_drop_on_switch" {
  name           = "prov-gsi-drop-on-switch"
  billing_mode   = "PROVISIONED"
  read_capacity  = 5
  write_capacity = 6
  hash_key       = "id"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "gk"
    type = "S"
  }
  attribute {
    name = "gz"
    type = "N"
  }
  global_secondary_index {
    name            = "g-one"
    hash_key        = "gk"
    projection_type = "ALL"
    read_capacity   = 3
    write_capacity  = 4
  }
  global_secondary_index {
    name            = "g-two"
    hash_key        = "gz"
    projection_type = "ALL"
    read_capacity   = 3
    write_capacity  = 4
  }
}
resource "aws_dynamodb_table" "gsi_cap" {
  name           = "gsi-cap"
  billing_mode   = "PROVISIONED"
  read_capacity  = 5
  write_capacity = 6
  hash_key       = "id"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "gk"
    type = "S"
  }
  global_secondary_index {
    name            = "g-one"
    hash_key        = "gk"
    projection_type = "ALL"
    read_capacity   = 3
    write_capacity  = 4
  }
}
resource "aws_dynamodb_table" "gsi_three_at_once" {
  name         = "gsi-three-at-once"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }

}
resource "aws_dynamodb_table" "gsi_swap" {
  name         = "gsi-swap"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
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
    type = "N"
  }
  global_secondary_index {
    name            = "g-a"
    hash_key        = "a"
    projection_type = "ALL"
  }
  global_secondary_index {
    name            = "g-b"
    hash_key        = "b"
    projection_type = "ALL"
  }
}
resource "aws_dynamodb_table" "gsi_nonkey" {
  name         = "gsi-nonkey"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "a"
    type = "S"
  }
  global_secondary_index {
    name               = "g-a"
    hash_key           = "a"
    projection_type    = "INCLUDE"
    non_key_attributes = ["x", "y"]
  }
}
resource "aws_dynamodb_table" "gsi_range" {
  name         = "gsi-range"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "a"
    type = "S"
  }
  global_secondary_index {
    name            = "g-a"
    hash_key        = "a"
    projection_type = "ALL"
  }
}
resource "aws_dynamodb_table" "gsi_odt" {
  name         = "gsi-odt"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "a"
    type = "S"
  }
  global_secondary_index {
    name            = "g-a"
    hash_key        = "a"
    projection_type = "ALL"
    on_demand_throughput {
      max_read_request_units  = 10
      max_write_request_units = 20
    }
  }
}
resource "aws_dynamodb_table" "odt" {
  name         = "odt"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  on_demand_throughput {
    max_read_request_units  = 10
    max_write_request_units = 20
  }
}
resource "aws_dynamodb_table" "odt_minus" {
  name         = "odt-minus"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  on_demand_throughput {
    max_read_request_units  = 10
    max_write_request_units = 20
  }
}
resource "aws_dynamodb_table" "lsi" {
  name         = "lsi"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  range_key    = "r"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "r"
    type = "N"
  }
  attribute {
    name = "x"
    type = "S"
  }
  local_secondary_index {
    name            = "l-a"
    range_key       = "x"
    projection_type = "ALL"
  }
}
resource "aws_dynamodb_table" "lsi_drop" {
  name         = "lsi-drop"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  range_key    = "r"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "r"
    type = "N"
  }
  attribute {
    name = "x"
    type = "S"
  }
  local_secondary_index {
    name            = "l-a"
    range_key       = "x"
    projection_type = "ALL"
  }
  global_secondary_index {
    name            = "g-a"
    hash_key        = "x"
    projection_type = "ALL"
  }
}
resource "aws_dynamodb_table" "hash_change" {
  name         = "hash-change"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }

}
resource "aws_dynamodb_table" "range_drop" {
  name         = "range-drop"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  range_key    = "r"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "r"
    type = "N"
  }

}
resource "aws_dynamodb_table" "attr_type" {
  name         = "attr-type"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }

}
resource "aws_dynamodb_table" "ttl_on" {
  name         = "ttl-on"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }

}
resource "aws_dynamodb_table" "ttl_off_noname" {
  name         = "ttl-off-noname"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  ttl {
    attribute_name = "exp"
    enabled        = true
  }
}
resource "aws_dynamodb_table" "ttl_drop" {
  name         = "ttl-drop"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  ttl {
    attribute_name = "exp"
    enabled        = true
  }
}
resource "aws_dynamodb_table" "ttl_empty" {
  name         = "ttl-empty"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  ttl {
    attribute_name = ""
    enabled        = false
  }
}
resource "aws_dynamodb_table" "pitr" {
  name         = "pitr"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }

}
resource "aws_dynamodb_table" "pitr_drop" {
  name         = "pitr-drop"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = 7
  }
}
resource "aws_dynamodb_table" "pitr_off" {
  name         = "pitr-off"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = 7
  }
}
resource "aws_dynamodb_table" "stream" {
  name         = "stream"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  stream_enabled   = true
  stream_view_type = "KEYS_ONLY"
}
resource "aws_dynamodb_table" "stream_drop" {
  name         = "stream-drop"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  stream_enabled   = true
  stream_view_type = "KEYS_ONLY"
}
resource "aws_dynamodb_table" "stream_off_viewkept" {
  name         = "stream-off-viewkept"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  stream_enabled   = true
  stream_view_type = "OLD_IMAGE"
}
resource "aws_dynamodb_table" "sse" {
  name         = "sse"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  server_side_encryption {
    enabled = true
  }
}
resource "aws_dynamodb_table" "sse_drop" {
  name         = "sse-drop"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  server_side_encryption {
    enabled     = true
    kms_key_arn = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555"
  }
}
resource "aws_dynamodb_table" "sse_off" {
  name         = "sse-off"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  server_side_encryption {
    enabled = false
  }
}
resource "aws_dynamodb_table" "klass" {
  name         = "klass"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  table_class = "STANDARD_INFREQUENT_ACCESS"
}
resource "aws_dynamodb_table" "klass_drop" {
  name         = "klass-drop"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  table_class = "STANDARD_INFREQUENT_ACCESS"
}
resource "aws_dynamodb_table" "prot" {
  name         = "prot"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  deletion_protection_enabled = true
}
resource "aws_dynamodb_table" "prot_drop" {
  name         = "prot-drop"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  deletion_protection_enabled = true
}
resource "aws_dynamodb_table" "tags" {
  name         = "tags"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  tags = {
    a = "1"
    b = "2"
  }
}
resource "aws_dynamodb_table" "tags_drop" {
  name         = "tags-drop"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  tags = {
    a = "1"
    b = ""
  }
}
resource "aws_dynamodb_table" "timeouts" {
  name         = "timeouts"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  timeouts {
    create = "5m"
  }
}
resource "aws_dynamodb_table" "name_change" {
  name         = "name-change"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  # one
}
resource "aws_dynamodb_table" "many" {
  name         = "many"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  table_class                 = "STANDARD_INFREQUENT_ACCESS"
  deletion_protection_enabled = true
  stream_enabled              = true
  stream_view_type            = "KEYS_ONLY"
  point_in_time_recovery {
    enabled = true
  }
  ttl {
    attribute_name = "t"
    enabled        = true
  }
  tags = { a = "1" }
  server_side_encryption {
    enabled = true
  }
}
resource "aws_dynamodb_table" "streams_and_gsi" {
  name         = "streams-and-gsi"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "a"
    type = "S"
  }
  global_secondary_index {
    name            = "g-a"
    hash_key        = "a"
    projection_type = "ALL"
  }
}
resource "aws_dynamodb_table" "cap_and_gsi" {
  name           = "cap-and-gsi"
  billing_mode   = "PROVISIONED"
  read_capacity  = 1
  write_capacity = 1
  hash_key       = "id"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "a"
    type = "S"
  }
  global_secondary_index {
    name            = "g-a"
    hash_key        = "a"
    projection_type = "ALL"
    read_capacity   = 1
    write_capacity  = 1
  }
}
resource "aws_dynamodb_table" "attr_order" {
  name         = "attr-order"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "a"
    type = "S"
  }
  global_secondary_index {
    name            = "g-a"
    hash_key        = "a"
    projection_type = "ALL"
  }
}
resource "aws_dynamodb_table" "gsi_cap_under_od" {
  name         = "gsi-cap-under-od"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "a"
    type = "S"
  }
  global_secondary_index {
    name            = "g-a"
    hash_key        = "a"
    projection_type = "ALL"
    read_capacity   = 0
    write_capacity  = 0
  }
}

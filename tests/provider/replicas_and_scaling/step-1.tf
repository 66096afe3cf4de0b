provider "aws" {
  region = "us-east-1"
}
resource "aws_dynamodb_table" "r1" {
  name = "tab-r1"
  billing_mode = "PAY_PER_REQUEST"
  hash_key = "id"
  attribute {
    name = "id"
    type = "S"
  }
  stream_enabled = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  replica {
    region_name = "us-west-2"
  }
  tags = { a = "1" }

}
resource "aws_dynamodb_table" "r2" {
  name = "tab-r2"
  billing_mode = "PAY_PER_REQUEST"
  hash_key = "id"
  attribute {
    name = "id"
    type = "S"
  }
  stream_enabled = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  replica {
    region_name = "us-west-2"
    propagate_tags = true
  }
  replica {
    region_name = "eu-west-1"
    point_in_time_recovery = true
  }
  tags = { a = "1", b = "2" }

}
resource "aws_dynamodb_table" "r3" {
  name = "tab-r3"
  billing_mode = "PAY_PER_REQUEST"
  hash_key = "id"
  attribute {
    name = "id"
    type = "S"
  }
  stream_enabled = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  tags = { a = "1" }

}
resource "aws_dynamodb_table" "r4" {
  name = "tab-r4"
  billing_mode = "PAY_PER_REQUEST"
  hash_key = "id"
  attribute {
    name = "id"
    type = "S"
  }
  stream_enabled = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  replica {
    region_name = "us-west-2"
    point_in_time_recovery = true
    propagate_tags = true
  }
  point_in_time_recovery {
    enabled = true
  }

}
resource "aws_dynamodb_table" "r5" {
  name = "tab-r5"
  billing_mode = "PAY_PER_REQUEST"
  hash_key = "id"
  attribute {
    name = "id"
    type = "S"
  }
  stream_enabled = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  replica {
    region_name = "us-west-2"
  }
  server_side_encryption {
    enabled = true
  }

}
resource "aws_dynamodb_table" "r6" {
  name = "tab-r6"
  billing_mode = "PAY_PER_REQUEST"
  hash_key = "id"
  attribute {
    name = "id"
    type = "S"
  }
  stream_enabled = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  replica {
    region_name = "us-west-2"
  }
  replica {
    region_name = "eu-west-1"
  }
  replica {
    region_name = "us-east-2"
  }

}
resource "aws_dynamodb_table" "r7" {
  name = "tab-r7"
  billing_mode = "PAY_PER_REQUEST"
  hash_key = "id"
  attribute {
    name = "id"
    type = "S"
  }
  replica {
    region_name = "us-west-2"
  }
  stream_enabled = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  deletion_protection_enabled = false
  attribute {
    name = "g"
    type = "S"
  }
  global_secondary_index {
    name = "by-g"
    hash_key = "g"
    projection_type = "ALL"
  }

}
resource "aws_dynamodb_table" "r8" {
  name = "tab-r8"
  billing_mode = "PAY_PER_REQUEST"
  hash_key = "id"
  attribute {
    name = "id"
    type = "S"
  }
  stream_enabled = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  replica {
    region_name = "us-west-2"
    kms_key_arn = "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555"
  }
  server_side_encryption {
    enabled = true
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

}
resource "aws_dynamodb_table" "src" {
  name = "tab-src"
  billing_mode = "PAY_PER_REQUEST"
  hash_key = "id"
  attribute {
    name = "id"
    type = "S"
  }
  point_in_time_recovery {
    enabled = true
  }
  tags = { s = "1" }

}
resource "aws_dynamodb_table" "cap" {
  name = "tab-cap"
  read_capacity = 5
  write_capacity = 5
  hash_key = "id"
  attribute {
    name = "id"
    type = "S"
  }
  lifecycle {
    ignore_changes = [read_capacity, write_capacity]
  }
  attribute {
    name = "g"
    type = "S"
  }
  global_secondary_index {
    name = "by-g"
    hash_key = "g"
    projection_type = "ALL"
    read_capacity = 2
    write_capacity = 2
  }

}
resource "aws_appautoscaling_target" "rd" {
  service_namespace = "dynamodb"
  resource_id = "table/${aws_dynamodb_table.cap.name}"
  scalable_dimension = "dynamodb:table:ReadCapacityUnits"
  min_capacity = 5
  max_capacity = 10
}
resource "aws_appautoscaling_target" "wr" {
  service_namespace = "dynamodb"
  resource_id = "table/${aws_dynamodb_table.cap.name}"
  scalable_dimension = "dynamodb:table:WriteCapacityUnits"
  min_capacity = 5
  max_capacity = 10
  tags = { a = "1" }
}
resource "aws_appautoscaling_target" "gr" {
  service_namespace = "dynamodb"
  resource_id = "table/${aws_dynamodb_table.cap.name}/index/by-g"
  scalable_dimension = "dynamodb:index:ReadCapacityUnits"
  min_capacity = 2
  max_capacity = 10
  suspended_state {
    dynamic_scaling_in_suspended = true
  }
}
resource "aws_appautoscaling_policy" "rd" {
  name = "rd"
  policy_type = "TargetTrackingScaling"
  resource_id = aws_appautoscaling_target.rd.resource_id
  scalable_dimension = aws_appautoscaling_target.rd.scalable_dimension
  service_namespace = aws_appautoscaling_target.rd.service_namespace
  target_tracking_scaling_policy_configuration {
    predefined_metric_specification {
      predefined_metric_type = "DynamoDBReadCapacityUtilization"
    }
    target_value = 70
  }
}
resource "aws_appautoscaling_policy" "wr" {
  name = "wr"
  policy_type = "TargetTrackingScaling"
  resource_id = aws_appautoscaling_target.wr.resource_id
  scalable_dimension = aws_appautoscaling_target.wr.scalable_dimension
  service_namespace = aws_appautoscaling_target.wr.service_namespace
  target_tracking_scaling_policy_configuration {
    predefined_metric_specification {
      predefined_metric_type = "DynamoDBWriteCapacityUtilization"
    }
    target_value = 70.5
    scale_in_cooldown = 60
    scale_out_cooldown = 30
  }
}
resource "aws_appautoscaling_policy" "gr" {
  name = "gr"
  policy_type = "TargetTrackingScaling"
  resource_id = aws_appautoscaling_target.gr.resource_id
  scalable_dimension = aws_appautoscaling_target.gr.scalable_dimension
  service_namespace = aws_appautoscaling_target.gr.service_namespace
  target_tracking_scaling_policy_configuration {
    predefined_metric_specification {
      predefined_metric_type = "DynamoDBReadCapacityUtilization"
    }
    target_value = 50
    disable_scale_in = true
  }
}
resource "aws_dynamodb_contributor_insights" "t" {
  table_name = aws_dynamodb_table.r3.name
}
resource "aws_dynamodb_contributor_insights" "g" {
  table_name = aws_dynamodb_table.cap.name
  index_name = "by-g"
}
resource "aws_dynamodb_kinesis_streaming_destination" "k" {
  table_name = aws_dynamodb_table.r3.name
  stream_arn = "arn:aws:kinesis:us-east-1:123456789012:stream/s1"
}
resource "aws_dynamodb_kinesis_streaming_destination" "k2" {
  table_name = aws_dynamodb_table.src.name
  stream_arn = "arn:aws:kinesis:us-east-1:123456789012:stream/s1"
  approximate_creation_date_time_precision = "MICROSECOND"
}

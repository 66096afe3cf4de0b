terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}
provider "aws" {
  region = "us-east-1"
}

variable "m" {
  type = map(object({ ret = number }))
  default = { a = { ret = 7 }, b = { ret = 14 } }
}
variable "on" { default = true }
locals {
  names = [for k, v in var.m : "/e/${k}"]
  map = { for k, v in var.m : k => v.ret }
}
resource "aws_cloudwatch_log_group" "a" {
  for_each = var.m
  name = "/e/${each.key}"
  retention_in_days = each.value.ret
  tags = merge({ a = "b" }, { (each.key) = upper(each.key) })
}
resource "aws_cloudwatch_log_group" "c" {
  count = var.on ? length(local.names) : 0
  name = "/c${local.names[count.index]}"
  depends_on = [aws_cloudwatch_log_group.a]
}

resource "aws_dynamodb_table" "t" {
  name = "ttt"
  hash_key = "id"
  billing_mode = "PAY_PER_REQUEST"
  dynamic "attribute" {
    for_each = { id = "S", gk = "N" }
    content {
      name = attribute.key
      type = attribute.value
    }
  }
  global_secondary_index {
    name = "ggg"
    hash_key = "gk"
    projection_type = "ALL"
  }
  ttl {
    attribute_name = "ttl"
    enabled = true
  }
  server_side_encryption {
    enabled = true
  }
  timeouts {
    create = "5m"
  }
  tags = {
    Name = "t-${var.on}"
    "quoted key" = "x"
  }
}
data "aws_iam_policy_document" "doc" {
  dynamic "statement" {
    for_each = local.map
    content {
      sid = statement.key
      actions = ["a:${statement.value}"]
      resources = [aws_dynamodb_table.t.arn, "${aws_dynamodb_table.t.arn}/index/*"]
    }
  }
}
resource "aws_iam_policy" "p" {
  name = "p"
  policy = data.aws_iam_policy_document.doc.json
}
output "x1" { value = aws_cloudwatch_log_group.a["a"].arn }
output "x2" { value = [for g in aws_cloudwatch_log_group.c : g.name] }
output "x3" { value = aws_cloudwatch_log_group.c[*].arn }
output "x4" { value = one(aws_dynamodb_table.t.ttl[*].attribute_name) }
output "x5" { value = try(aws_cloudwatch_log_group.c[0].name, null) }
output "x6" { value = aws_cloudwatch_log_group.a[join("", ["b"])].name }
output "x7" { value = { path = path.module, ws = terraform.workspace, root = path.root } }
output "x8" { value = aws_dynamodb_table.t.ttl[0].enabled ? "${var.m["a"].ret}" : -1 }
output "x9" {
  value = <<-EOT
  heredoc ${var.on}
  EOT
}
output "x10" { value = "static" }
output "x11" { value = !var.on }
output "x12" { value = 1 + 2 }
output "x13" { value = [1, 2, { a = "b" }] }
output "x14" { value = upper("x") }
output "x15" { value = tolist(["x"])[0] }
output "x16" { value = aws_dynamodb_table.t.tags["Name"] }
output "x17" { value = values(aws_cloudwatch_log_group.a)[*].arn }
output "x18" { value = sum(var.m["a"][*].ret) }

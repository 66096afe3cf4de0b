
variable "name" { type = string }
variable "n" {
  type = number
  default = 2
}
variable "keys" {
  type = set(string)
  default = ["a", "b"]
  description = "the keys"
}
resource "aws_cloudwatch_log_group" "c" {
  count = var.n
  name = "/${var.name}/${count.index}"
}
resource "aws_cloudwatch_log_group" "e" {
  for_each = var.keys
  name = "/${var.name}/${each.key}"
  tags = { k = each.value }
}
data "aws_caller_identity" "me" {}
output "names" { value = aws_cloudwatch_log_group.c[*].name }
output "all" { value = { for k, g in aws_cloudwatch_log_group.e : k => g.arn } }
output "acct" {
  value = data.aws_caller_identity.me.account_id
  sensitive = true
}

# The same kind of table from a module, several times, and one with count.
variable "stage" {
  type    = string
  default = "prod"
}

variable "token" {
  type      = string
  default   = "hush-hush"
  sensitive = true
}

module "tables" {
  source   = "./child"
  for_each = toset(["orders", "payments"])
  name     = "${var.stage}-${each.key}"
  backups  = each.key == "orders"
}

resource "aws_cloudwatch_log_group" "logs" {
  count             = 2
  name              = "/app/${count.index}"
  retention_in_days = count.index == 0 ? 7 : 400
  tags              = { token = var.token }
}

output "names" {
  value = [for t in module.tables : t.name]
}

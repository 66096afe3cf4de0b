module "queue" {
  source   = "./role"
  for_each = { a = "first", b = "second" }

  name        = each.key
  description = each.value
}

output "arns" {
  value = { for k, m in module.queue : k => m.arn }
}

output "ids" {
  value = [for m in module.queue : m.unique_id]
}

output "state_machine_arn" {
  description = "What to start: formwork run aws_sfn_state_machine.hello --input '{\"id\": \"1\"}'"
  value       = aws_sfn_state_machine.hello.arn
}

output "table_name" {
  description = "Where the items are."
  value       = aws_dynamodb_table.items.name
}

output "name" {
  description = "Name of the table."
  value       = local.table.name
}

output "arn" {
  description = "ARN of the table."
  value       = local.table.arn
}

output "stream_arn" {
  description = "ARN of the table's stream."
  value       = local.table.stream_arn
}

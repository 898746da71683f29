output "endpoint" {
  description = "Host name of the instance."
  value       = aws_db_instance.this.address
}

output "reader_endpoints" {
  description = "Host name of each read replica."
  value       = { for key, replica in aws_db_instance.replica : key => replica.address }
}

output "port" {
  description = "TCP port."
  value       = local.port
}

output "database_name" {
  description = "Name of the first database."
  value       = aws_db_instance.this.db_name
}

output "arn" {
  description = "ARN of the instance."
  value       = aws_db_instance.this.arn
}

output "identifier" {
  description = "Identifier of the instance."
  value       = aws_db_instance.this.identifier
}

output "resource_id" {
  description = "Resource id, part of the ARN in rds-db:connect policies."
  value       = aws_db_instance.this.resource_id
}

output "secret_arn" {
  description = "ARN of the master user's secret."
  value       = local.own_secret ? one(module.master_secret[*].arn) : aws_db_instance.this.master_user_secret[0].secret_arn
}

output "security_group_id" {
  description = "Security group of the instance."
  value       = module.access.security_group_id
}

output "client_security_group_id" {
  description = "Security group of those who may connect."
  value       = module.access.client_security_group_id
}

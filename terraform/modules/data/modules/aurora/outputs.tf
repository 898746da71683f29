output "endpoint" {
  description = "Host name of the writer."
  value       = aws_rds_cluster.this.endpoint
}

output "reader_endpoint" {
  description = "Host name that spreads connections over the readers."
  value       = aws_rds_cluster.this.reader_endpoint
}

output "port" {
  description = "TCP port."
  value       = local.port
}

output "database_name" {
  description = "Name of the first database."
  value       = aws_rds_cluster.this.database_name
}

output "arn" {
  description = "ARN of the cluster."
  value       = aws_rds_cluster.this.arn
}

output "identifier" {
  description = "Identifier of the cluster."
  value       = aws_rds_cluster.this.cluster_identifier
}

output "resource_id" {
  description = "Resource id, part of the ARN in rds-db:connect policies."
  value       = aws_rds_cluster.this.cluster_resource_id
}

output "secret_arn" {
  description = "ARN of the master user's secret."
  value       = local.own_secret ? one(module.master_secret[*].arn) : try(aws_rds_cluster.this.master_user_secret[0].secret_arn, null)
}

output "security_group_id" {
  description = "Security group of the cluster."
  value       = module.access.security_group_id
}

output "client_security_group_id" {
  description = "Security group of those who may connect."
  value       = module.access.client_security_group_id
}

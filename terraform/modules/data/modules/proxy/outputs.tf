output "endpoint" {
  description = "Host name of the proxy."
  value       = aws_db_proxy.this.endpoint
}

output "arn" {
  description = "ARN of the proxy."
  value       = aws_db_proxy.this.arn
}

output "resource_id" {
  description = "Id of the proxy (prx-…): through it, rds-db:connect is about this and not about the database's."
  value       = reverse(split(":", aws_db_proxy.this.arn))[0]
}

output "user_secret_arns" {
  description = "ARN of the secret of each user that comes through the proxy."
  value       = { for name, secret in aws_secretsmanager_secret.user : name => secret.arn }
}

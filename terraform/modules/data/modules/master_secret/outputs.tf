output "arn" {
  description = "ARN of the secret."
  value       = aws_secretsmanager_secret.this.arn
}

output "password" {
  description = "The password, only while applying."
  value       = ephemeral.aws_secretsmanager_random_password.this.random_password
  ephemeral   = true
  sensitive   = true
}

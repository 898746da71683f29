output "security_group_id" {
  description = "Security group of what is connected to."
  value       = aws_security_group.this.id
}

output "client_security_group_id" {
  description = "Security group of those who may connect."
  value       = aws_security_group.client.id
}

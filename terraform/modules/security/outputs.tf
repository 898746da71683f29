output "kms_key_arns" {
  description = "ARN of each key, by purpose."
  value       = { for purpose, key in aws_kms_key.this : purpose => key.arn }
}

output "kms_key_ids" {
  description = "Id of each key, by purpose."
  value       = { for purpose, key in aws_kms_key.this : purpose => key.key_id }
}

output "kms_alias_names" {
  description = "Alias of each key, by purpose."
  value       = { for purpose, alias in aws_kms_alias.this : purpose => alias.name }
}

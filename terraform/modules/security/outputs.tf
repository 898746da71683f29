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

output "regional_web_acl_arn" {
  description = "ARN of the web ACL for load balancers and REST APIs of the region. Null without one."
  value       = one(module.regional_web_acl[*].arn)
}

output "web_acl_enabled" {
  description = "Whether there is a regional web ACL. Known when planning."
  value       = contains(keys(var.web_acls), "regional")
}

output "shield_enabled" {
  description = "Whether Shield Advanced is subscribed, so that layers may protect what they make. Known when planning."
  value       = local.shield_enabled
}

output "shield_protection_arns" {
  description = "ARN of each Shield Advanced protection, by name."
  value       = { for name, protection in aws_shield_protection.this : name => protection.arn }
}

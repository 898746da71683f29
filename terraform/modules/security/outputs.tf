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

output "user_pool_web_acl_arn" {
  description = "ARN of the web ACL for user pools. Null without one."
  value       = one(module.user_pool_web_acl[*].arn)
}

output "user_pool_web_acl_enabled" {
  description = "Whether there is a web ACL for user pools. Known when planning."
  value       = contains(keys(var.web_acls), "user_pool")
}

output "shield_enabled" {
  description = "Whether Shield Advanced is subscribed, so that layers may protect what they make. Known when planning."
  value       = local.shield_enabled
}

output "shield_protection_arns" {
  description = "ARN of each Shield Advanced protection, by name."
  value       = { for name, protection in aws_shield_protection.this : name => protection.arn }
}

output "cloudfront_web_acl_arn" {
  description = "ARN of the web ACL for CloudFront distributions, in us-east-1. Null without one."
  value       = one(module.cloudfront_web_acl[*].arn)
}

output "web_acl_log_group_names" {
  description = "Log group of each web ACL: regional, user_pool and cloudfront (the last in us-east-1)."
  value = merge(
    { for acl in module.regional_web_acl : "regional" => acl.log_group_name },
    { for acl in module.user_pool_web_acl : "user_pool" => acl.log_group_name },
    { for acl in module.cloudfront_web_acl : "cloudfront" => acl.log_group_name },
  )
}

output "replica_kms_key_arns" {
  description = "ARN of the replica of each key that has one, by purpose."
  value       = { for purpose, key in aws_kms_replica_key.this : purpose => key.arn }
}

output "guardduty_detector_id" {
  description = "Id of the GuardDuty detector. Null without one."
  value       = one(aws_guardduty_detector.this[*].id)
}

output "audit_bucket_names" {
  description = "Buckets of AWS Config (config) and of GuardDuty's findings (guardduty)."
  value = merge(
    { for bucket in module.config_bucket : "config" => bucket.name },
    { for bucket in module.guardduty_bucket : "guardduty" => bucket.name },
  )
}

output "shield_response_team_access" {
  description = "Whether Shield's response team gets a role, which the auth layer makes; known when planning."
  value       = try(var.shield.response_team_access, false)
}

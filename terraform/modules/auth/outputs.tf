output "permissions_boundary_arn" {
  description = "Boundary that every role of the platform has."
  value       = aws_iam_policy.boundary.arn
}

output "user_pool_id" {
  description = "Id of the user pool; null without one."
  value       = local.user_pool_id
}

output "user_pool_arn" {
  description = "ARN of the user pool; null without one."
  value       = one(aws_cognito_user_pool.this[*].arn)
}

output "user_pool_enabled" {
  description = "Whether there is a user pool; known when planning."
  value       = var.user_pool != null
}

output "user_pool_issuer" {
  description = "Issuer of the tokens, as authorizers check it; null without a user pool."
  value       = var.user_pool == null ? null : "https://cognito-idp.${var.region}.amazonaws.com/${local.user_pool_id}"
}

output "user_pool_client_ids" {
  description = "Id of each client: the audience of its tokens."
  value       = { for name, client in aws_cognito_user_pool_client.this : name => client.id }
}

output "user_pool_domain" {
  description = "Domain, or prefix below amazoncognito.com, of the sign-in pages; null without them."
  value       = one(aws_cognito_user_pool_domain.this[*].domain)
}

output "user_pool_login_url" {
  description = "Where the sign-in pages and OAuth endpoints are; null without them."
  value = var.user_pool_domain == null ? null : (
    var.user_pool_domain.certificate_arn != null ? "https://${var.user_pool_domain.domain}" : "https://${var.user_pool_domain.domain}.auth.${var.region}.amazoncognito.com"
  )
}

output "user_pool_domain_target" {
  description = "What the DNS record of a sign-in domain of your own is an alias of: name and zone_id; null without one."
  value = one([
    for domain in aws_cognito_user_pool_domain.this : {
      name    = domain.cloudfront_distribution
      zone_id = domain.cloudfront_distribution_zone_id
    } if try(var.user_pool_domain.certificate_arn, null) != null
  ])
}

output "group_role_arns" {
  description = "Role of each group that has one."
  value       = { for name, role in aws_iam_role.group : name => role.arn }
}

output "identity_pool_id" {
  description = "Id of the identity pool; null without one."
  value       = local.identity_pool_id
}

output "secret_arns" {
  description = "ARN of each secret."
  value       = { for name, secret in aws_secretsmanager_secret.this : name => secret.arn }
}

output "secret_names" {
  description = "Full name of each secret."
  value       = { for name, secret in aws_secretsmanager_secret.this : name => secret.name }
}

output "github_oidc_provider_arn" {
  description = "OIDC provider of GitHub Actions; null without github."
  value       = var.github == null ? null : local.github_provider_arn
}

output "deploy_role_arns" {
  description = "Roles that plan and apply; none where neither builds nor GitHub Actions may."
  value       = { for name, role in aws_iam_role.deploy : name => role.arn }
}

output "access_analyzer_arns" {
  description = "Access analyzers: external and, by setting, unused."
  value = merge(
    { for analyzer in aws_accessanalyzer_analyzer.external : "external" => analyzer.arn },
    { for analyzer in aws_accessanalyzer_analyzer.unused : "unused" => analyzer.arn },
  )
}

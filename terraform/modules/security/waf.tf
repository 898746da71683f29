# Web ACLs: one for load balancers and APIs of the region, one for user pools, one for CloudFront.

locals {
  # What every web ACL begins with; the environment lays its own settings over it.
  # https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
  platform_rule_groups = {
    AWSManagedRulesAmazonIpReputationList = 10
    AWSManagedRulesCommonRuleSet          = 20
    AWSManagedRulesKnownBadInputsRuleSet  = 30
    AWSManagedRulesSQLiRuleSet            = 40
  }

  managed_rule_groups = {
    for scope, acl in var.web_acls : scope => {
      for name in setunion(keys(local.platform_rule_groups), keys(acl.managed_rule_groups)) : name => {
        vendor                       = try(acl.managed_rule_groups[name].vendor, "AWS")
        version                      = try(acl.managed_rule_groups[name].version, null)
        priority                     = coalesce(try(acl.managed_rule_groups[name].priority, null), lookup(local.platform_rule_groups, name, 100))
        count_only                   = try(acl.managed_rule_groups[name].count_only, false)
        rule_overrides               = try(acl.managed_rule_groups[name].rule_overrides, {})
        bot_control_inspection_level = try(acl.managed_rule_groups[name].bot_control_inspection_level, null)
        account_takeover             = try(acl.managed_rule_groups[name].account_takeover, null)
      }
      if try(acl.managed_rule_groups[name].enabled, true)
    }
  }
}

module "regional_web_acl" {
  source = "./modules/web_acl"
  count  = contains(keys(var.web_acls), "regional") ? 1 : 0

  name                  = "${var.name_prefix}-security-regional"
  scope                 = "REGIONAL"
  region                = var.region
  account_id            = var.account_id
  default_action        = var.web_acls.regional.default_action
  ip_sets               = var.web_acls.regional.ip_sets
  allowed_countries     = var.web_acls.regional.allowed_countries
  blocked_countries     = var.web_acls.regional.blocked_countries
  rate_limits           = var.web_acls.regional.rate_limits
  managed_rule_groups   = local.managed_rule_groups.regional
  body_inspection_kb    = var.web_acls.regional.body_inspection_kb
  log_retention_in_days = var.web_acls.regional.logging.retention_in_days
  redacted_headers      = var.web_acls.regional.logging.redacted_headers
  redact_query_string   = var.web_acls.regional.logging.redact_query_string
  logged_actions        = var.web_acls.regional.logging.logged_actions
  logs_kms_key_arn      = aws_kms_key.this["logs"].arn
}

# A user pool has its own, for AWS refuses it one with the rule groups against account takeover and fraudulent sign-up:
# https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-waf.html
module "user_pool_web_acl" {
  source = "./modules/web_acl"
  count  = contains(keys(var.web_acls), "user_pool") ? 1 : 0

  name                  = "${var.name_prefix}-security-user-pool"
  scope                 = "REGIONAL"
  region                = var.region
  account_id            = var.account_id
  default_action        = var.web_acls.user_pool.default_action
  ip_sets               = var.web_acls.user_pool.ip_sets
  allowed_countries     = var.web_acls.user_pool.allowed_countries
  blocked_countries     = var.web_acls.user_pool.blocked_countries
  rate_limits           = var.web_acls.user_pool.rate_limits
  managed_rule_groups   = local.managed_rule_groups.user_pool
  body_inspection_kb    = var.web_acls.user_pool.body_inspection_kb
  log_retention_in_days = var.web_acls.user_pool.logging.retention_in_days
  redacted_headers      = var.web_acls.user_pool.logging.redacted_headers
  redact_query_string   = var.web_acls.user_pool.logging.redact_query_string
  logged_actions        = var.web_acls.user_pool.logging.logged_actions
  logs_kms_key_arn      = aws_kms_key.this["logs"].arn
}

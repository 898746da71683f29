# The web ACL itself, one kind of rule after the other.
mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_wafv2_ip_set" {
    defaults = { arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/ipset/mock/1" }
  }
  mock_resource "aws_wafv2_web_acl" {
    defaults = { arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/mock/1" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:aws-waf-logs-mock" }
  }
}

run "every_kind_of_rule_in_its_place" {
  module {
    source = "./modules/web_acl"
  }

  variables {
    name           = "shop-test-security-regional"
    scope          = "REGIONAL"
    region         = "eu-west-1"
    account_id     = "123456789012"
    default_action = "allow"
    ip_sets = {
      blocked = { action = "block", addresses = ["198.51.100.7/32"] }
      office  = { action = "allow", addresses = ["203.0.113.0/24", "2001:db8::/48"] }
    }
    allowed_countries = ["DE", "FR"]
    blocked_countries = ["KP"]
    rate_limits = {
      login = { limit = 100, window_seconds = 60, action = "challenge", aggregate_by = "forwarded_ip", path_prefix = "/login" }
      site  = { limit = 2000, window_seconds = 300, action = "block", aggregate_by = "ip", path_prefix = null }
    }
    managed_rule_groups = {
      AWSManagedRulesSQLiRuleSet            = { vendor = "AWS", version = null, priority = 40, count_only = true, rule_overrides = {}, bot_control_inspection_level = null, account_takeover = null }
      AWSManagedRulesAmazonIpReputationList = { vendor = "AWS", version = null, priority = 10, count_only = false, rule_overrides = { AWSManagedIPDDoSList = "block" }, bot_control_inspection_level = null, account_takeover = null }
    }
    body_inspection_kb    = { api_gateway = "KB_32" }
    log_retention_in_days = 365
    logged_actions        = ["BLOCK"]
    redacted_headers      = ["authorization", "cookie"]
    redact_query_string   = true
    logs_kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  }

  assert {
    condition = { for rule in aws_wafv2_web_acl.this.rule : rule.priority => rule.name } == {
      100 = "ip-office-ipv4"
      101 = "ip-office-ipv6"
      102 = "ip-blocked-ipv4"
      300 = "blocked-countries"
      301 = "other-countries"
      400 = "rate-login"
      401 = "rate-site"
      600 = "AWSManagedRulesAmazonIpReputationList"
      601 = "AWSManagedRulesSQLiRuleSet"
    }
    error_message = "addresses, countries, rates, managed groups; allowing before blocking"
  }
  assert {
    condition     = aws_wafv2_ip_set.this["office-ipv6"].ip_address_version == "IPV6" && aws_wafv2_ip_set.this["office-ipv4"].addresses == toset(["203.0.113.0/24"])
    error_message = "a set is split by IP version"
  }
  assert {
    condition     = one([for rule in aws_wafv2_web_acl.this.rule : rule.action[0].block[0].custom_response[0].response_code if rule.name == "rate-site"]) == 429
    error_message = "beyond the limit the answer is 429"
  }
  assert {
    condition     = one([for rule in aws_wafv2_web_acl.this.rule : length(rule.override_action[0].count) if rule.name == "AWSManagedRulesSQLiRuleSet"]) == 1
    error_message = "a group can only count"
  }
  assert {
    condition     = startswith(aws_cloudwatch_log_group.this.name, "aws-waf-logs-") && aws_cloudwatch_log_group.this.kms_key_id == var.logs_kms_key_arn
    error_message = "WAF delivers only to such names, encrypted"
  }
  assert {
    condition     = length(aws_wafv2_web_acl_logging_configuration.this.redacted_fields) == 3 && aws_wafv2_web_acl_logging_configuration.this.logging_filter[0].default_behavior == "DROP"
    error_message = "credentials are hidden, only what was asked for is kept"
  }
  assert {
    condition     = contains([for condition in data.aws_iam_policy_document.delivery.statement[0].condition : condition.variable], "aws:SourceAccount")
    error_message = "deliveries for this account only"
  }
}

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

mock_provider "aws" {
  alias = "us_east_1"
}

mock_provider "aws" {
  alias = "replica"
}

variables {
  name_prefix = "shop-test"
  region      = "eu-west-1"
  account_id  = "123456789012"
}

run "no_web_acl_unless_asked_for" {
  command = plan

  assert {
    condition     = length(module.regional_web_acl) == 0 && output.web_acl_enabled == false && output.regional_web_acl_arn == null
    error_message = "a web ACL costs money by the month"
  }
}

run "the_platforms_rule_groups_limit_and_log_come_without_settings" {
  command = plan

  variables {
    web_acls = { regional = {} }
  }

  assert {
    condition     = output.web_acl_enabled
    error_message = "known when planning"
  }
  assert {
    condition = keys(local.managed_rule_groups.regional) == [
      "AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet",
      "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesSQLiRuleSet",
    ]
    error_message = "four groups to begin with"
  }
  assert {
    condition     = alltrue([for group in local.managed_rule_groups.regional : !group.count_only])
    error_message = "they block"
  }
  assert {
    condition     = var.web_acls.regional.rate_limits["per-address"].limit == 2000
    error_message = "one address sends at most 2,000 requests in five minutes"
  }
  assert {
    condition     = var.web_acls.regional.logging.redacted_headers == toset(["authorization", "cookie", "x-api-key"])
    error_message = "credentials are not logged"
  }
}

run "settings_are_laid_over_the_platforms_groups" {
  command = plan

  variables {
    web_acls = {
      regional = {
        managed_rule_groups = {
          AWSManagedRulesCommonRuleSet = { rule_overrides = { SizeRestrictions_BODY = "count" } }
          AWSManagedRulesSQLiRuleSet   = { enabled = false }
          AWSManagedRulesLinuxRuleSet  = { count_only = true }
        }
      }
    }
  }

  assert {
    condition     = local.managed_rule_groups.regional.AWSManagedRulesCommonRuleSet.rule_overrides.SizeRestrictions_BODY == "count"
    error_message = "a rule's action can be changed"
  }
  assert {
    condition     = local.managed_rule_groups.regional.AWSManagedRulesCommonRuleSet.priority == 20
    error_message = "the group keeps its place"
  }
  assert {
    condition     = !contains(keys(local.managed_rule_groups.regional), "AWSManagedRulesSQLiRuleSet") && local.managed_rule_groups.regional.AWSManagedRulesLinuxRuleSet.count_only
    error_message = "groups are left out and added"
  }
}

run "an_unknown_scope_is_refused" {
  command         = plan
  expect_failures = [var.web_acls]
  variables {
    web_acls = { global = {} }
  }
}

run "an_address_without_its_range_is_refused" {
  command         = plan
  expect_failures = [var.web_acls]
  variables {
    web_acls = { regional = { ip_sets = { office = { action = "allow", addresses = ["203.0.113.7"] } } } }
  }
}

run "the_whole_internet_is_refused" {
  command         = plan
  expect_failures = [var.web_acls]
  variables {
    web_acls = { regional = { ip_sets = { all = { action = "allow", addresses = ["0.0.0.0/0"] } } } }
  }
}

run "a_country_is_a_code" {
  command         = plan
  expect_failures = [var.web_acls]
  variables {
    web_acls = { regional = { blocked_countries = ["Germany"] } }
  }
}

run "a_window_is_one_that_waf_has" {
  command         = plan
  expect_failures = [var.web_acls]
  variables {
    web_acls = { regional = { rate_limits = { login = { limit = 100, window_seconds = 30 } } } }
  }
}

run "bot_control_says_how_deep" {
  command         = plan
  expect_failures = [var.web_acls]
  variables {
    web_acls = { regional = { managed_rule_groups = { AWSManagedRulesBotControlRuleSet = {} } } }
  }
}

run "an_unknown_action_is_refused" {
  command         = plan
  expect_failures = [var.web_acls]
  variables {
    web_acls = { regional = { rate_limits = { login = { limit = 100, action = "drop" } } } }
  }
}

run "an_unknown_logged_action_is_refused" {
  command         = plan
  expect_failures = [var.web_acls]
  variables {
    web_acls = { regional = { logging = { logged_actions = ["DENY"] } } }
  }
}

run "a_user_pool_has_its_own_acl_beside_one_against_account_takeover" {
  command = plan

  variables {
    web_acls = {
      regional  = { managed_rule_groups = { AWSManagedRulesATPRuleSet = { account_takeover = { login_path = "/login" } } } }
      user_pool = {}
    }
  }

  assert {
    condition     = length(module.user_pool_web_acl) == 1 && length(module.regional_web_acl) == 1 && output.user_pool_web_acl_enabled
    error_message = "one each"
  }
}

run "a_user_pool_s_acl_has_no_group_that_aws_refuses_it" {
  command         = plan
  expect_failures = [var.web_acls]
  variables {
    web_acls = { user_pool = { managed_rule_groups = { AWSManagedRulesATPRuleSet = { account_takeover = { login_path = "/login" } } } } }
  }
}

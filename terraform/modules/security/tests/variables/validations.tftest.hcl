# Every rule of the variables refuses its own bad value, one at a time. Run over the variables alone, without a provider:
# `python -m pytest tests/e2e/test_modules.py`.

variables {
  name_prefix = "shop-test"
  region      = "eu-west-1"
  account_id  = "123456789012"
}

run "an_account_has_twelve_digits" {
  command         = plan
  expect_failures = [var.account_id]
  variables {
    account_id = "1234"
  }
}

run "administrators_are_roles_or_users" {
  command         = plan
  expect_failures = [var.key_administrators]
  variables {
    key_administrators = ["alice"]
  }
}

run "a_key_s_window_is_one_that_aws_takes" {
  command         = plan
  expect_failures = [var.kms_keys]
  variables {
    kms_keys = { data = { deletion_window_in_days = 3 } }
  }
}

run "a_key_rotates_every_90_days_at_most" {
  command         = plan
  expect_failures = [var.kms_keys]
  variables {
    kms_keys = { data = { rotation_period_in_days = 30 } }
  }
}

run "a_grant_is_for_a_role_or_user" {
  command         = plan
  expect_failures = [var.kms_grants]
  variables {
    kms_grants = { etl = { purpose = "data", grantee_principal = "etl", operations = ["Decrypt"] } }
  }
}

run "a_context_is_equal_or_a_subset" {
  command         = plan
  expect_failures = [var.kms_grants]
  variables {
    kms_grants = { etl = { purpose = "data", grantee_principal = "arn:aws:iam::123456789012:role/etl", operations = ["Decrypt"], encryption_context_equals = { a = "b" }, encryption_context_subset = { a = "b" } } }
  }
}

run "findings_are_published_as_often_as_guardduty_can" {
  command         = plan
  expect_failures = [var.guardduty]
  variables {
    guardduty = { finding_frequency = "DAILY" }
  }
}

run "a_disabled_control_is_one_of_a_standard" {
  command         = plan
  expect_failures = [var.security_hub]
  variables {
    security_hub = { disabled_controls = { "pci-dss/v/4.0.1" = { "IAM.6" = "Root has a device" } } }
  }
}

run "config_records_all_the_time_or_daily" {
  command         = plan
  expect_failures = [var.config]
  variables {
    config = { frequency = "HOURLY" }
  }
}

run "history_is_kept_for_a_month" {
  command         = plan
  expect_failures = [var.config]
  variables {
    config = { retention_in_days = 7 }
  }
}

run "a_rule_is_one_of_aws" {
  command         = plan
  expect_failures = [var.config]
  variables {
    config = { rules = { mine = { identifier = "my-rule" } } }
  }
}

run "a_pack_s_name_begins_with_a_letter" {
  command         = plan
  expect_failures = [var.config]
  variables {
    config = { conformance_packs = { "1st" = { template = "Resources: {}" } } }
  }
}

run "inspector_scans_what_it_can" {
  command         = plan
  expect_failures = [var.inspector]
  variables {
    inspector = { resource_types = ["RDS"] }
  }
}

run "code_is_scanned_with_its_function" {
  command         = plan
  expect_failures = [var.inspector]
  variables {
    inspector = { resource_types = ["LAMBDA_CODE"] }
  }
}

run "a_severity_has_a_name" {
  command         = plan
  expect_failures = [var.findings]
  variables {
    findings = { topic_arn = "arn:aws:sns:eu-west-1:123456789012:alarms", minimum_severity = "BAD" }
  }
}

run "findings_go_to_a_topic" {
  command         = plan
  expect_failures = [var.findings]
  variables {
    findings = { topic_arn = "arn:aws:sqs:eu-west-1:123456789012:alarms" }
  }
}

run "shield_blocks_or_counts" {
  command         = plan
  expect_failures = [var.shield]
  variables {
    shield = { subscription_acknowledged = true, protections = { site = { resource_arn = "arn:aws:cloudfront::123456789012:distribution/E123", automatic_response = "drop" } } }
  }
}

run "a_group_has_a_pattern_of_shield" {
  command         = plan
  expect_failures = [var.shield]
  variables {
    shield = { subscription_acknowledged = true, protection_groups = { edge = { pattern = "SOME" } } }
  }
}

run "somebody_is_called" {
  command         = plan
  expect_failures = [var.shield]
  variables {
    shield = { subscription_acknowledged = true, response_team_access = true, proactive_engagement = { contacts = [] } }
  }
}

run "a_web_acl_allows_or_blocks" {
  command         = plan
  expect_failures = [var.web_acls]
  variables {
    web_acls = { regional = { default_action = "count" } }
  }
}

run "names_are_words" {
  command         = plan
  expect_failures = [var.web_acls]
  variables {
    web_acls = { regional = { rate_limits = { "log in" = { limit = 100 } } } }
  }
}

run "an_ip_set_has_addresses" {
  command         = plan
  expect_failures = [var.web_acls]
  variables {
    web_acls = { regional = { ip_sets = { office = { action = "allow", addresses = [] } } } }
  }
}

run "a_path_begins_with_a_slash" {
  command         = plan
  expect_failures = [var.web_acls]
  variables {
    web_acls = { regional = { rate_limits = { login = { limit = 100, path_prefix = "login" } } } }
  }
}

run "a_rule_is_overridden_by_an_action" {
  command         = plan
  expect_failures = [var.web_acls]
  variables {
    web_acls = { regional = { managed_rule_groups = { AWSManagedRulesCommonRuleSet = { rule_overrides = { SizeRestrictions_BODY = "ignore" } } } } }
  }
}

run "waf_looks_at_64_kb_at_most" {
  command         = plan
  expect_failures = [var.web_acls]
  variables {
    web_acls = { regional = { body_inspection_kb = { api_gateway = "KB_128" } } }
  }
}

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
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

mock_provider "aws" {
  alias = "replica"
}

variables {
  name_prefix = "shop-test"
  region      = "eu-west-1"
  account_id  = "123456789012"
}

run "standard_is_all_there_is_unless_asked_for" {
  command = plan

  assert {
    condition     = length(aws_shield_subscription.this) == 0 && output.shield_enabled == false
    error_message = "nobody is subscribed by accident"
  }
}

run "a_subscription_is_acknowledged" {
  command         = plan
  expect_failures = [var.shield]
  variables {
    shield = { protections = {} }
  }
}

run "subscribed_with_groups_and_people_to_call" {
  command = plan
  variables {
    shield = {
      subscription_acknowledged = true
      response_team_access      = true
      protections = {
        zone = { resource_arn = "arn:aws:route53:::hostedzone/Z123", health_check_arns = ["arn:aws:route53:::healthcheck/1"] }
        site = { resource_arn = "arn:aws:cloudfront::123456789012:distribution/E123", automatic_response = "block" }
      }
      protection_groups    = { all = {}, edge = { pattern = "ARBITRARY", members = ["zone"] } }
      proactive_engagement = { contacts = [{ email_address = "ops@example.com", phone_number = "+4930123456" }] }
    }
  }

  assert {
    condition     = aws_shield_subscription.this[0].skip_destroy && aws_shield_subscription.this[0].auto_renew == "ENABLED"
    error_message = "a year is a year"
  }
  assert {
    condition     = aws_shield_protection_group.this["edge"].members == tolist(["arn:aws:route53:::hostedzone/Z123"])
    error_message = "members are named by their protection"
  }
  assert {
    condition     = aws_shield_application_layer_automatic_response.this["site"].action == "BLOCK" && length(aws_shield_protection_health_check_association.this) == 1
    error_message = "automatic response and health checks where asked for"
  }
  assert {
    condition     = output.shield_response_team_access && output.shield_enabled
    error_message = "the auth layer hears of the response team"
  }
}

run "an_account_that_is_subscribed_is_not_subscribed_again" {
  command = plan
  variables {
    shield = { subscription_acknowledged = true, create_subscription = false, protection_groups = { all = {} } }
  }
  assert {
    condition     = length(aws_shield_subscription.this) == 0 && output.shield_enabled
    error_message = "protections without a subscription of our own"
  }
}

run "only_what_shield_protects" {
  command         = plan
  expect_failures = [var.shield]
  variables {
    shield = { subscription_acknowledged = true, protections = { queue = { resource_arn = "arn:aws:sqs:eu-west-1:123456789012:jobs" } } }
  }
}

run "members_are_protections" {
  command         = plan
  expect_failures = [var.shield]
  variables {
    shield = { subscription_acknowledged = true, protection_groups = { edge = { pattern = "ARBITRARY", members = ["zone"] } } }
  }
}

run "a_group_by_type_has_the_type" {
  command         = plan
  expect_failures = [var.shield]
  variables {
    shield = { subscription_acknowledged = true, protection_groups = { edge = { pattern = "BY_RESOURCE_TYPE" } } }
  }
}

run "who_calls_must_be_able_to_look" {
  command         = plan
  expect_failures = [var.shield]
  variables {
    shield = { subscription_acknowledged = true, proactive_engagement = { contacts = [{ email_address = "ops@example.com", phone_number = "+4930123456" }] } }
  }
}

run "prod_settings" {
  command = plan

  variables {
    shield    = { subscription_acknowledged = true, response_team_access = true, protection_groups = { all = {} } }
    web_acls  = { regional = {}, user_pool = {}, cloudfront = {} }
    guardduty = { publish_findings = true, runtime_monitoring = { ecs_fargate = true, ec2 = true } }
    config    = {}
    inspector = {}
  }

  assert {
    condition     = output.shield_enabled && output.web_acl_enabled && output.user_pool_web_acl_enabled && length(module.cloudfront_web_acl) == 1
    error_message = "what is public is guarded"
  }
  assert {
    condition     = length(aws_config_configuration_recorder.this) + length(aws_guardduty_detector.this) + length(aws_inspector2_enabler.this) == 3
    error_message = "what happens is watched"
  }
}

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

run "nothing_watches_unless_asked_for" {
  command = plan

  assert {
    condition     = length(aws_guardduty_detector.this) + length(aws_securityhub_account.this) + length(aws_config_configuration_recorder.this) + length(aws_inspector2_enabler.this) + length(aws_cloudwatch_event_rule.findings) == 0
    error_message = "detectors are billed by what they read"
  }
  assert {
    condition     = output.cloudfront_web_acl_arn == null && !contains(keys(aws_kms_key.this), "audit")
    error_message = "no key without something to encrypt"
  }
}

run "all_detectors_as_in_production" {
  command = plan

  variables {
    web_acls     = { cloudfront = {} }
    guardduty    = { publish_findings = true, runtime_monitoring = { ecs_fargate = true } }
    security_hub = { disabled_controls = { "aws-foundational-security-best-practices/v/1.0.0" = { "IAM.6" = "Root has a virtual device" } } }
    config = {
      rules             = { public-read = { identifier = "S3_BUCKET_PUBLIC_READ_PROHIBITED", resource_types = ["AWS::S3::Bucket"] } }
      conformance_packs = { basics = { template = "Resources: {}" } }
    }
    inspector = {}
    findings  = { topic_arn = "arn:aws:sns:eu-west-1:123456789012:alarms" }
  }

  assert {
    condition     = alltrue([for feature in aws_guardduty_detector_feature.this : feature.status == "ENABLED"]) && length(aws_guardduty_detector_feature.this) == 5
    error_message = "every protection plan is on"
  }
  assert {
    condition     = [for agent in aws_guardduty_detector_feature.runtime[0].additional_configuration : agent.status] == ["DISABLED", "ENABLED", "DISABLED"]
    error_message = "agents where asked for"
  }
  assert {
    condition     = aws_securityhub_account.this[0].enable_default_standards == false && keys(aws_securityhub_standards_subscription.this) == ["aws-foundational-security-best-practices/v/1.0.0"]
    error_message = "the standards that the environment names"
  }
  assert {
    condition     = one(values(aws_securityhub_standards_control_association.disabled)).updated_reason == "Root has a virtual device"
    error_message = "a control is switched off with its reason"
  }
  assert {
    condition     = aws_config_configuration_recorder.this[0].recording_group[0].all_supported && aws_config_configuration_recorder_status.this[0].is_enabled
    error_message = "everything is recorded"
  }
  assert {
    condition     = aws_config_configuration_recorder.this[0].role_arn == "arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig" && length(aws_iam_service_linked_role.config) == 1
    error_message = "Config records with its service-linked role, which is made first"
  }
  assert {
    condition     = [for text in local.config_bucket_statements : jsondecode(text).Condition.StringEquals["aws:SourceAccount"]] == ["123456789012", "123456789012"]
    error_message = "Config delivers for this account only"
  }
  assert {
    condition     = aws_inspector2_enabler.this[0].resource_types == toset(["EC2", "ECR", "LAMBDA"])
    error_message = "instances, images and functions are scanned"
  }
  assert {
    condition     = keys(aws_cloudwatch_event_rule.findings) == ["guardduty", "inspector", "security-hub"]
    error_message = "each detector's findings reach the topic"
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.findings["guardduty"].event_pattern).detail.severity[0].numeric == [">=", 7] && jsondecode(aws_cloudwatch_event_rule.findings["inspector"].event_pattern).detail.severity == ["HIGH", "CRITICAL"]
    error_message = "high and critical findings"
  }
  assert {
    condition     = contains(keys(aws_kms_key.this), "audit") && length(module.cloudfront_web_acl) == 1 && length(aws_kms_key.edge_logs) == 1
    error_message = "buckets and CloudFront's log group have their keys"
  }
}

run "a_standard_has_its_version" {
  command         = plan
  expect_failures = [var.security_hub]
  variables {
    security_hub = { standards = ["cis-aws-foundations-benchmark"] }
  }
}

run "a_disabled_control_has_a_reason" {
  command         = plan
  expect_failures = [var.security_hub]
  variables {
    security_hub = { disabled_controls = { "aws-foundational-security-best-practices/v/1.0.0" = { "IAM.6" = " " } } }
  }
}

run "settings_that_aws_does_not_have_are_refused" {
  command         = plan
  expect_failures = [var.guardduty, var.config, var.inspector, var.findings]
  variables {
    guardduty = { finding_frequency = "DAILY" }
    config    = { frequency = "HOURLY" }
    inspector = { resource_types = ["RDS"] }
    findings  = { topic_arn = "arn:aws:sqs:eu-west-1:123456789012:alarms" }
  }
}

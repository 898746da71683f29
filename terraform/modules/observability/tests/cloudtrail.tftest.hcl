mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

variables {
  name_prefix           = "shop-test"
  region                = "eu-west-1"
  account_id            = "123456789012"
  logs_kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  messaging_kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-1111-1111-1111-111111111111"
  vpc_id                = "vpc-0123456789abcdef0"
  vpc_cidr              = "10.0.0.0/16"
  private_subnet_ids    = ["subnet-00000000000000001", "subnet-00000000000000002", "subnet-00000000000000003"]
}

run "the_trail_sees_every_region_signs_and_encrypts" {
  command = plan

  variables {
    cloudtrail = {
      management_events = "write"
      exclude_sources   = ["kms.amazonaws.com"]
      insights          = ["ApiCallRateInsight"]
      data_events       = { media = { type = "AWS::S3::Object", arns = ["arn:aws:s3:::media"], events = "read" } }
    }
  }

  assert {
    condition     = aws_cloudtrail.this[0].is_multi_region_trail && aws_cloudtrail.this[0].enable_log_file_validation && aws_cloudtrail.this[0].kms_key_id == var.logs_kms_key_arn
    error_message = "all regions, signed, encrypted"
  }
  assert {
    condition     = length(aws_cloudtrail.this[0].advanced_event_selector) == 2 && one(aws_cloudtrail.this[0].insight_selector).insight_type == "ApiCallRateInsight"
    error_message = "management and data events, and insights"
  }
  assert {
    condition = anytrue([
      for selector in aws_cloudtrail.this[0].advanced_event_selector : anytrue([
        for field in selector.field_selector : field.field == "resources.ARN" && try(tolist(field.starts_with), []) == tolist(["arn:aws:s3:::media"])
      ])
    ])
    error_message = "data events of what is named"
  }
  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.trail_trust.statement : toset([for condition in statement.condition : condition.variable]) == toset(["aws:SourceArn", "aws:SourceAccount"])])
    error_message = "only this trail writes to the log group"
  }
  assert {
    condition     = length(data.aws_iam_policy_document.trail_write[0].statement) == 1 && data.aws_iam_policy_document.trail_write[0].statement[0].actions == toset(["logs:CreateLogStream", "logs:PutLogEvents"])
    error_message = "and may do nothing else"
  }
  assert {
    condition     = aws_cloudwatch_log_group.trail[0].retention_in_days == 365 && length(aws_sns_topic.trail) == 1
    error_message = "a log group and a topic"
  }
}

run "a_trail_that_only_goes_to_its_bucket" {
  command = plan

  variables {
    cloudtrail = { log_group_retention_in_days = 0, notify = false, multi_region = false }
  }

  assert {
    condition     = length(aws_cloudwatch_log_group.trail) + length(aws_sns_topic.trail) + length(aws_iam_role.trail) == 0 && !aws_cloudtrail.this[0].is_multi_region_trail
    error_message = "no log group, no topic, no role"
  }
}

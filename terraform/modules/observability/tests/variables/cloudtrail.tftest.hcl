# Every rule of the variables refuses its own bad value, one at a time. Run over the variables alone, without a provider:
# `python -m pytest tests/e2e/test_modules.py`.

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

run "events_that_are_none" {
  command = plan
  variables {
    cloudtrail = { management_events = "some" }
  }
  expect_failures = [var.cloudtrail]
}

run "a_trail_of_nothing" {
  command = plan
  variables {
    cloudtrail = { management_events = "none" }
  }
  expect_failures = [var.cloudtrail]
}

run "a_source_that_cannot_be_left_out" {
  command = plan
  variables {
    cloudtrail = { exclude_sources = ["s3.amazonaws.com"] }
  }
  expect_failures = [var.cloudtrail]
}

run "data_events_neither_read_nor_write" {
  command = plan
  variables {
    cloudtrail = { data_events = { media = { type = "AWS::S3::Object", events = "none" } } }
  }
  expect_failures = [var.cloudtrail]
}

run "data_events_of_no_type" {
  command = plan
  variables {
    cloudtrail = { data_events = { media = { type = "S3" } } }
  }
  expect_failures = [var.cloudtrail]
}

run "an_insight_that_is_none" {
  command = plan
  variables {
    cloudtrail = { insights = ["Everything"] }
  }
  expect_failures = [var.cloudtrail]
}

run "insights_into_no_management_events" {
  command = plan
  variables {
    cloudtrail = { management_events = "none", insights = ["ApiCallRateInsight"], data_events = { media = { type = "AWS::S3::Object" } } }
  }
  expect_failures = [var.cloudtrail]
}

run "a_retention_of_the_trail_that_cloudwatch_does_not_take" {
  command = plan
  variables {
    cloudtrail = { log_group_retention_in_days = 8 }
  }
  expect_failures = [var.cloudtrail]
}

run "destroyed_before_it_is_archived" {
  command = plan
  variables {
    cloudtrail = { expire_after_days = 30 }
  }
  expect_failures = [var.cloudtrail]
}

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

run "a_rate_above_one" {
  command = plan
  variables {
    traces = { sampling_rules = { a = { priority = 1, rate = 5 } } }
  }
  expect_failures = [var.traces]
}

run "a_priority_of_none" {
  command = plan
  variables {
    traces = { sampling_rules = { a = { priority = 0, rate = 1 } } }
  }
  expect_failures = [var.traces]
}

run "a_name_too_long_for_x_ray" {
  command = plan
  variables {
    traces = { groups = { a-group-with-a-rather-long-name = { filter_expression = "fault" } } }
  }
  expect_failures = [var.traces]
}

run "news_of_insights_that_are_off" {
  command = plan
  variables {
    traces = { groups = { a = { filter_expression = "fault", insights = false } } }
  }
  expect_failures = [var.traces]
}

run "a_level_that_is_none" {
  command = plan
  variables {
    adot = { log_level = "loud" }
  }
  expect_failures = [var.adot]
}

run "a_retention_of_metrics_that_cloudwatch_does_not_take" {
  command = plan
  variables {
    adot = { metric_log_retention_in_days = 8 }
  }
  expect_failures = [var.adot]
}

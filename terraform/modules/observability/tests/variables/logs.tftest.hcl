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

run "a_retention_that_cloudwatch_does_not_take" {
  command = plan
  variables {
    log_groups = { audit = { retention_in_days = 100 } }
  }
  expect_failures = [var.log_groups]
}

run "a_class_that_is_none" {
  command = plan
  variables {
    log_groups = { audit = { class = "COLD" } }
  }
  expect_failures = [var.log_groups]
}

run "masking_in_the_cheap_class" {
  command = plan
  variables {
    log_groups = { audit = { class = "INFREQUENT_ACCESS", mask = ["EmailAddress"] } }
  }
  expect_failures = [var.log_groups]
}

run "anomalies_looked_for_every_seven_minutes" {
  command = plan
  variables {
    log_groups = { audit = { anomaly_detection = { evaluation_minutes = 7 } } }
  }
  expect_failures = [var.log_groups]
}

run "a_default_and_dimensions" {
  command = plan
  variables {
    metric_filters = { a = { log_group = "/x", pattern = "", default_value = 0, dimensions = { K = "$.k" } } }
  }
  expect_failures = [var.metric_filters]
}

run "an_alarm_on_many_metrics" {
  command = plan
  variables {
    metric_filters = { a = { log_group = "/x", pattern = "", dimensions = { K = "$.k" }, alarm = { threshold = 1 } } }
  }
  expect_failures = [var.metric_filters]
}

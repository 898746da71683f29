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

run "an_unknown_runtime" {
  command = plan
  variables {
    services = { orders = { runtime = "beanstalk" } }
  }
  expect_failures = [var.services]
}

run "an_account_that_is_none" {
  command = plan
  variables {
    account_id = "12"
  }
  expect_failures = [var.account_id]
}

run "addresses_that_are_none" {
  command = plan
  variables {
    alarm_topic = { email_subscriptions = ["ops"], https_subscriptions = { pager = "http://events.example.com" } }
  }
  expect_failures = [var.alarm_topic]
}

run "an_alarm_over_a_metric_and_queries" {
  command = plan
  variables {
    alarms = { a = { threshold = 1, metric = { namespace = "n", name = "m" }, queries = { q = { expression = "1", return_data = true } } } }
  }
  expect_failures = [var.alarms]
}

run "an_alarm_without_threshold_or_band" {
  command = plan
  variables {
    alarms = { a = { metric = { namespace = "n", name = "m" } } }
  }
  expect_failures = [var.alarms]
}

run "a_band_around_queries" {
  command = plan
  variables {
    alarms = { a = { anomaly_band = 2, queries = { q = { expression = "1", return_data = true } } } }
  }
  expect_failures = [var.alarms]
}

run "two_queries_that_return_data" {
  command = plan
  variables {
    alarms = { a = { threshold = 2, queries = { q = { expression = "1", return_data = true }, r = { expression = "1", return_data = true } } } }
  }
  expect_failures = [var.alarms]
}

run "a_query_of_nothing" {
  command = plan
  variables {
    alarms = { a = { threshold = 2, queries = { q = { return_data = true } } } }
  }
  expect_failures = [var.alarms]
}

run "missing_data_that_is_no_such_thing" {
  command = plan
  variables {
    alarms = { a = { threshold = 2, metric = { namespace = "n", name = "m" }, missing_data = "fine" } }
  }
  expect_failures = [var.alarms]
}

run "a_period_between_minutes" {
  command = plan
  variables {
    alarms = { a = { threshold = 2, metric = { namespace = "n", name = "m" }, period_seconds = 90 } }
  }
  expect_failures = [var.alarms]
}

run "a_comparison_that_is_none" {
  command = plan
  variables {
    alarms = { a = { threshold = 2, metric = { namespace = "n", name = "m" }, comparison = ">" } }
  }
  expect_failures = [var.alarms]
}

run "a_composite_alarm_of_two_kinds" {
  command = plan
  variables {
    composite_alarms = { a = { any_of = ["x"], all_of = ["y"] } }
  }
  expect_failures = [var.composite_alarms]
}

run "more_bad_minutes_than_minutes" {
  command = plan
  variables {
    service_alarms = { evaluation_periods = 2, datapoints_to_alarm = 3 }
  }
  expect_failures = [var.service_alarms]
}

run "alarms_that_tell_whom" {
  command = plan
  variables {
    service_alarms = { notify = "everyone" }
  }
  expect_failures = [var.service_alarms]
}

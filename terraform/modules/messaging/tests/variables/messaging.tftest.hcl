# Every rule of the variables refuses its own bad value, one at a time. Run over the variables alone, without a provider:
# `python -m pytest tests/e2e/test_modules.py`.

variables {
  name_prefix = "shop-test"
  account_id  = "123456789012"
  region      = "eu-west-1"
  kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"

  logs_kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  data_kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000002"
}

run "a_subscription_to_a_queue_that_is_not_there_is_refused" {
  command         = plan
  expect_failures = [var.topics]

  variables {
    topics = { orders = { subscriptions = { work = { queue = "jobs" } } } }
  }
}

run "a_standard_topic_into_a_fifo_queue_is_refused" {
  command         = plan
  expect_failures = [var.topics]

  variables {
    queues = { jobs = { fifo = true } }
    topics = { orders = { subscriptions = { work = { queue = "jobs" } } } }
  }
}

run "a_dead_letter_queue_of_the_other_kind_is_refused" {
  command         = plan
  expect_failures = [var.topics]

  variables {
    queues = { jobs = {}, failed = { fifo = true } }
    topics = { orders = { subscriptions = { work = { queue = "jobs", dead_letter_queue = "failed" } } } }
  }
}

run "a_subscription_has_one_target" {
  command         = plan
  expect_failures = [var.topics]

  variables {
    queues = { jobs = {} }
    topics = { orders = { subscriptions = { work = { queue = "jobs", protocol = "https" } } } }
  }
}

run "a_filter_that_is_no_json_object_is_refused" {
  command         = plan
  expect_failures = [var.topics]

  variables {
    queues = { jobs = {} }
    topics = { orders = { subscriptions = { work = { queue = "jobs", filter_policy = "[1" } } } }
  }
}

run "a_name_of_a_dead_letter_queue_is_refused" {
  command         = plan
  expect_failures = [var.queues]

  variables {
    queues = { jobs-dlq = {} }
  }
}

run "plain_http_is_refused" {
  command         = plan
  expect_failures = [var.topics]

  variables {
    topics = { orders = { subscriptions = { hook = { protocol = "http", endpoint = "http://example.com" } } } }
  }
}

run "a_setting_out_of_range_is_refused" {
  command         = plan
  expect_failures = [var.queues]

  variables {
    queues = { jobs = { delay_seconds = 1000 } }
  }
}

run "fifo_settings_on_a_standard_queue_are_refused" {
  command         = plan
  expect_failures = [var.queues]

  variables {
    queues = { jobs = { content_based_deduplication = true } }
  }
}

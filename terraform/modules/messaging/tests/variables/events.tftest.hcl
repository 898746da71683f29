# Every rule of the variables refuses its own bad value, one at a time. Run over the variables alone, without a provider:
# `python -m pytest tests/e2e/test_modules.py`.

variables {
  name_prefix              = "shop-test"
  account_id               = "123456789012"
  region                   = "eu-west-1"
  kms_key_arn              = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  logs_kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  data_kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"

  queues            = { jobs = {}, ledger = { fifo = true }, undelivered = { dead_letter = { enabled = false } } }
  topics            = { orders = {} }
  services          = { orders = { runtime = "lambda" }, catalog = { runtime = "ecs" } }
  table_arns        = { orders = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders" }
  table_names       = { orders = "shop-test-data-orders" }
  table_stream_arns = { orders = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/1" }
  secret_arns       = { partner = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:partner-abcdef" }
}

run "a_rule_of_a_bus_that_is_not_there_is_refused" {
  command         = plan
  expect_failures = [var.event_rules]
  variables {
    event_rules = { created = { bus = "shop", pattern = "{}" } }
  }
}

run "a_target_that_is_not_there_is_refused" {
  command         = plan
  expect_failures = [var.event_rules]
  variables {
    event_rules = { created = { pattern = "{}", targets = { a = { queue = "other" } } } }
  }
}

run "a_target_is_one_thing" {
  command         = plan
  expect_failures = [var.event_rules]
  variables {
    event_rules = { created = { pattern = "{}", targets = { a = { queue = "jobs", topic = "orders" } } } }
  }
}

run "a_fifo_queue_has_a_group" {
  command         = plan
  expect_failures = [var.event_rules]
  variables {
    event_rules = { created = { pattern = "{}", targets = { a = { queue = "ledger" } } } }
  }
}

run "the_name_default_is_taken" {
  command         = plan
  expect_failures = [var.event_buses]
  variables {
    event_buses = { default = {} }
  }
}

run "an_archive_has_a_bus" {
  command         = plan
  expect_failures = [var.event_archives]
  variables {
    event_archives = { all = { bus = "shop" } }
  }
}

run "an_unknown_secret_is_refused" {
  command         = plan
  expect_failures = [var.connections]
  variables {
    connections = { partner = { type = "BASIC", identity = "user", secret = "other" } }
  }
}

run "a_destination_over_plain_http_is_refused" {
  command         = plan
  expect_failures = [var.api_destinations]
  variables {
    connections      = { partner = { type = "BASIC", identity = "user", secret = "partner" } }
    api_destinations = { partner = { connection = "partner", endpoint = "http://api.example.com" } }
  }
}

run "a_schema_is_json" {
  command         = plan
  expect_failures = [var.schema_registries]
  variables {
    schema_registries = { shop = { schemas = { order = { content = "type: object" } } } }
  }
}

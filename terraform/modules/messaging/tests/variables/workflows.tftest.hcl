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

run "a_definition_is_given_once" {
  command         = plan
  expect_failures = [var.state_machines]
  variables {
    state_machines = { fulfil = {} }
  }
}

run "a_machine_uses_what_is_there" {
  command         = plan
  expect_failures = [var.state_machines]
  variables {
    state_machines = { fulfil = { definition = "{}", uses = { functions = ["catalog"] } } }
  }
}

run "a_table_that_is_not_there_is_refused" {
  command         = plan
  expect_failures = [var.state_machines]
  variables {
    state_machines = { fulfil = { definition = "{}", uses = { tables = { carts = "read" } } } }
  }
}

run "an_alias_between_versions_names_both" {
  command         = plan
  expect_failures = [var.state_machines]
  variables {
    state_machines = { fulfil = { definition = "{}", aliases = { live = { previous_weight = 10 } } } }
  }
}

run "a_schedule_says_when" {
  command         = plan
  expect_failures = [var.schedules]
  variables {
    schedules = { tick = { expression = "hourly", target = { queue = "jobs" } } }
  }
}

run "a_schedule_has_one_target" {
  command         = plan
  expect_failures = [var.schedules]
  variables {
    schedules = { tick = { expression = "rate(1 hour)", target = {} } }
  }
}

run "a_pipe_reads_what_is_there" {
  command         = plan
  expect_failures = [var.pipes]
  variables {
    pipes = { stored = { source = { table = "carts" }, target = { queue = "jobs" } } }
  }
}

run "a_machine_that_enriches_is_express" {
  command         = plan
  expect_failures = [var.pipes]
  variables {
    state_machines = { slow = { definition = "{}" } }
    pipes          = { stored = { source = { queue = "jobs" }, enrichment = { state_machine = "slow" }, target = { topic = "orders" } } }
  }
}

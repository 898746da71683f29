# Every rule of the variables refuses its own bad value, one at a time. Run over the variables alone, without a provider:
# `python -m pytest tests/e2e/test_modules.py`.

variables {
  name_prefix      = "shop-test"
  account_id       = "123456789012"
  region           = "eu-west-1"
  kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  logs_kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  data_kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000002"

  queues            = { jobs = {}, ledger = { fifo = true }, undelivered = { dead_letter = { enabled = false } } }
  topics            = { orders = {} }
  services          = { orders = { runtime = "lambda" }, catalog = { runtime = "ecs" } }
  table_arns        = { orders = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders" }
  table_stream_arns = { orders = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/1" }
  secret_arns       = { partner = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:partner-abcdef" }
}

run "a_queue_has_a_name_that_sqs_takes" {
  command         = plan
  expect_failures = [var.queues]
  variables {
    queues = { "my jobs" = {} }
  }
}

run "a_name_of_a_dead_letter_queue_is_the_layer_s_own" {
  command         = plan
  expect_failures = [var.queues]
  variables {
    queues = { jobs-dlq = {} }
  }
}

run "a_queue_s_name_leaves_room_for_what_is_added" {
  command         = plan
  expect_failures = [var.queues]
  variables {
    name_prefix = "a-project-with-a-name-of-its-own-production"
    queues      = { "a-queue-with-a-longer-name" = {} }
  }
}

run "fifo_settings_are_for_fifo_queues" {
  command         = plan
  expect_failures = [var.queues]
  variables {
    queues = { jobs = { content_based_deduplication = true } }
  }
}

run "a_delay_has_a_limit" {
  command         = plan
  expect_failures = [var.queues]
  variables {
    queues = { jobs = { delay_seconds = 1000 } }
  }
}

run "a_message_is_received_once_at_least" {
  command         = plan
  expect_failures = [var.queues]
  variables {
    queues = { jobs = { dead_letter = { max_receive_count = 0 } } }
  }
}

run "a_topic_has_a_name_that_sns_takes" {
  command         = plan
  expect_failures = [var.topics]
  variables {
    topics = { "all orders" = {} }
  }
}

run "a_subscription_has_one_target" {
  command         = plan
  expect_failures = [var.topics]
  variables {
    topics = { orders = { subscriptions = { work = { queue = "jobs", protocol = "https" } } } }
  }
}

run "a_subscription_is_to_a_queue_that_is_there" {
  command         = plan
  expect_failures = [var.topics]
  variables {
    topics = { orders = { subscriptions = { work = { queue = "parcels" } } } }
  }
}

run "a_standard_topic_does_not_feed_a_fifo_queue" {
  command         = plan
  expect_failures = [var.topics]
  variables {
    topics = { orders = { subscriptions = { work = { queue = "ledger" } } } }
  }
}

run "a_dead_letter_queue_is_of_the_topic_s_kind" {
  command         = plan
  expect_failures = [var.topics]
  variables {
    topics = { orders = { subscriptions = { work = { queue = "jobs", dead_letter_queue = "ledger" } } } }
  }
}

run "a_filter_looks_at_attributes_or_body" {
  command         = plan
  expect_failures = [var.topics]
  variables {
    topics = { orders = { subscriptions = { work = { queue = "jobs", filter_policy_scope = "Subject" } } } }
  }
}

run "sns_writes_to_firehose_with_a_role" {
  command         = plan
  expect_failures = [var.topics]
  variables {
    topics = { orders = { subscriptions = { work = { protocol = "firehose", endpoint = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/x" } } } }
  }
}

run "plain_http_is_not_offered" {
  command         = plan
  expect_failures = [var.topics]
  variables {
    topics = { orders = { subscriptions = { hook = { protocol = "http", endpoint = "http://example.com" } } } }
  }
}

run "a_filter_is_a_json_object" {
  command         = plan
  expect_failures = [var.topics]
  variables {
    topics = { orders = { subscriptions = { work = { queue = "jobs", filter_policy = "[1" } } } }
  }
}

run "a_connection_has_a_name_that_cloudformation_takes" {
  command         = plan
  expect_failures = [var.connections]
  variables {
    connections = { "1st" = { type = "BASIC", identity = "user", secret = "partner" } }
  }
}

run "a_connection_signs_in_in_a_way_that_exists" {
  command         = plan
  expect_failures = [var.connections]
  variables {
    connections = { partner = { type = "KERBEROS", identity = "user", secret = "partner" } }
  }
}

run "a_connection_has_a_secret" {
  command         = plan
  expect_failures = [var.connections]
  variables {
    connections = { partner = { type = "BASIC", identity = "user" } }
  }
}

run "a_connection_s_secret_is_there" {
  command         = plan
  expect_failures = [var.connections]
  variables {
    connections = { partner = { type = "BASIC", identity = "user", secret = "other" } }
  }
}

run "oauth_has_an_endpoint" {
  command         = plan
  expect_failures = [var.connections]
  variables {
    connections = { partner = { type = "OAUTH_CLIENT_CREDENTIALS", identity = "client", secret = "partner" } }
  }
}

run "a_destination_has_a_connection" {
  command         = plan
  expect_failures = [var.api_destinations]
  variables {
    api_destinations = { partner = { connection = "partner", endpoint = "https://api.example.com" } }
  }
}

run "a_destination_is_reached_over_tls" {
  command         = plan
  expect_failures = [var.api_destinations]
  variables {
    connections      = { partner = { type = "BASIC", identity = "user", secret = "partner" } }
    api_destinations = { partner = { connection = "partner", endpoint = "http://api.example.com" } }
  }
}

run "a_destination_s_method_is_one_of_http_s" {
  command         = plan
  expect_failures = [var.api_destinations]
  variables {
    connections      = { partner = { type = "BASIC", identity = "user", secret = "partner" } }
    api_destinations = { partner = { connection = "partner", endpoint = "https://api.example.com", method = "FETCH" } }
  }
}

run "a_destination_is_called_300_times_a_second_at_most" {
  command         = plan
  expect_failures = [var.api_destinations]
  variables {
    connections      = { partner = { type = "BASIC", identity = "user", secret = "partner" } }
    api_destinations = { partner = { connection = "partner", endpoint = "https://api.example.com", invocations_per_second = 301 } }
  }
}

run "the_name_default_is_taken" {
  command         = plan
  expect_failures = [var.event_buses]
  variables {
    event_buses = { default = {} }
  }
}

run "a_bus_puts_aside_into_a_standard_queue" {
  command         = plan
  expect_failures = [var.event_buses]
  variables {
    event_buses = { shop = { dead_letter_queue = "ledger" } }
  }
}

run "senders_are_accounts" {
  command         = plan
  expect_failures = [var.event_buses]
  variables {
    event_buses = { shop = { senders = { account_ids = ["partner"] } } }
  }
}

run "a_rule_has_a_name_that_eventbridge_takes" {
  command         = plan
  expect_failures = [var.event_rules]
  variables {
    event_rules = { "order paid" = { pattern = "{}" } }
  }
}

run "a_rule_s_bus_is_there" {
  command         = plan
  expect_failures = [var.event_rules]
  variables {
    event_rules = { created = { bus = "shop", pattern = "{}" } }
  }
}

run "a_rule_has_a_pattern_or_a_time" {
  command         = plan
  expect_failures = [var.event_rules]
  variables {
    event_rules = { created = { pattern = "{}", schedule_expression = "rate(1 hour)" } }
  }
}

run "a_pattern_is_a_json_object" {
  command         = plan
  expect_failures = [var.event_rules]
  variables {
    event_rules = { created = { pattern = "[" } }
  }
}

run "a_rule_has_five_targets_at_most" {
  command         = plan
  expect_failures = [var.event_rules]
  variables {
    event_rules = { created = { pattern = "{}", targets = { for n in ["a", "b", "c", "d", "e", "f"] : n => { queue = "jobs" } } } }
  }
}

run "a_rule_s_target_is_one_thing" {
  command         = plan
  expect_failures = [var.event_rules]
  variables {
    event_rules = { created = { pattern = "{}", targets = { a = { queue = "jobs", topic = "orders" } } } }
  }
}

run "a_rule_s_target_is_there" {
  command         = plan
  expect_failures = [var.event_rules]
  variables {
    event_rules = { created = { pattern = "{}", targets = { a = { queue = "other" } } } }
  }
}

run "a_rule_puts_aside_into_a_standard_queue" {
  command         = plan
  expect_failures = [var.event_rules]
  variables {
    event_rules = { created = { pattern = "{}", targets = { a = { queue = "jobs", dead_letter_queue = "ledger" } } } }
  }
}

run "a_rule_s_fifo_queue_has_a_group" {
  command         = plan
  expect_failures = [var.event_rules]
  variables {
    event_rules = { created = { pattern = "{}", targets = { a = { queue = "ledger" } } } }
  }
}

run "a_target_s_input_is_one_thing" {
  command         = plan
  expect_failures = [var.event_rules]
  variables {
    event_rules = { created = { pattern = "{}", targets = { a = { queue = "jobs", input = "{}", input_path = "$.detail" } } } }
  }
}

run "an_event_is_kept_for_a_minute_at_least" {
  command         = plan
  expect_failures = [var.event_rules]
  variables {
    event_rules = { created = { pattern = "{}", targets = { a = { queue = "jobs", maximum_event_age_seconds = 59 } } } }
  }
}

run "an_archive_has_a_name_that_eventbridge_takes" {
  command         = plan
  expect_failures = [var.event_archives]
  variables {
    event_archives = { "all events" = { bus = "default" } }
  }
}

run "an_archive_s_bus_is_there" {
  command         = plan
  expect_failures = [var.event_archives]
  variables {
    event_archives = { all = { bus = "shop" } }
  }
}

run "a_pipe_has_a_name_that_eventbridge_takes" {
  command         = plan
  expect_failures = [var.pipes]
  variables {
    pipes = { "all jobs" = { source = { queue = "jobs" }, target = { topic = "orders" } } }
  }
}

run "a_pipe_has_one_source" {
  command         = plan
  expect_failures = [var.pipes]
  variables {
    pipes = { stored = { source = {}, target = { topic = "orders" } } }
  }
}

run "a_pipe_has_one_target" {
  command         = plan
  expect_failures = [var.pipes]
  variables {
    pipes = { stored = { source = { queue = "jobs" }, target = { topic = "orders", log = true } } }
  }
}

run "a_pipe_is_enriched_by_one_thing" {
  command         = plan
  expect_failures = [var.pipes]
  variables {
    pipes = { stored = { source = { queue = "jobs" }, enrichment = {}, target = { topic = "orders" } } }
  }
}

run "a_pipe_names_what_is_there" {
  command         = plan
  expect_failures = [var.pipes]
  variables {
    pipes = { stored = { source = { queue = "jobs" }, target = { topic = "parcels" } } }
  }
}

run "a_pipe_reads_a_table_with_a_stream" {
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

run "an_event_has_a_source_and_a_type" {
  command         = plan
  expect_failures = [var.pipes]
  variables {
    pipes = { stored = { source = { queue = "jobs" }, target = { event_bus = "default", detail_type = "Stored" } } }
  }
}

run "a_pipe_s_fifo_queue_has_a_group" {
  command         = plan
  expect_failures = [var.pipes]
  variables {
    pipes = { stored = { source = { queue = "jobs" }, target = { queue = "ledger" } } }
  }
}

run "a_pipe_s_filter_is_a_json_object" {
  command         = plan
  expect_failures = [var.pipes]
  variables {
    pipes = { stored = { source = { queue = "jobs" }, filters = ["["], target = { topic = "orders" } } }
  }
}

run "a_pipe_s_log_has_a_level" {
  command         = plan
  expect_failures = [var.pipes]
  variables {
    pipes = { stored = { source = { queue = "jobs" }, target = { topic = "orders" }, logging = { level = "LOUD" } } }
  }
}

run "the_group_default_is_there" {
  command         = plan
  expect_failures = [var.schedule_groups]
  variables {
    schedule_groups = ["default"]
  }
}

run "a_schedule_has_a_name_that_scheduler_takes" {
  command         = plan
  expect_failures = [var.schedules]
  variables {
    schedules = { "every hour" = { expression = "rate(1 hour)", target = { queue = "jobs" } } }
  }
}

run "a_schedule_says_when" {
  command         = plan
  expect_failures = [var.schedules]
  variables {
    schedules = { tick = { expression = "hourly", target = { queue = "jobs" } } }
  }
}

run "a_schedule_s_group_is_there" {
  command         = plan
  expect_failures = [var.schedules]
  variables {
    schedules = { tick = { group = "hourly", expression = "rate(1 hour)", target = { queue = "jobs" } } }
  }
}

run "a_schedule_has_one_target" {
  command         = plan
  expect_failures = [var.schedules]
  variables {
    schedules = { tick = { expression = "rate(1 hour)", target = {} } }
  }
}

run "a_schedule_s_target_is_there" {
  command         = plan
  expect_failures = [var.schedules]
  variables {
    schedules = { tick = { expression = "rate(1 hour)", target = { function = "catalog" } } }
  }
}

run "a_schedule_s_event_has_a_source_and_a_type" {
  command         = plan
  expect_failures = [var.schedules]
  variables {
    schedules = { tick = { expression = "rate(1 hour)", target = { event_bus = "default", detail_type = "Tick" } } }
  }
}

run "a_schedule_s_fifo_queue_has_a_group" {
  command         = plan
  expect_failures = [var.schedules]
  variables {
    schedules = { tick = { expression = "rate(1 hour)", target = { queue = "ledger" } } }
  }
}

run "a_schedule_is_late_by_a_day_at_most" {
  command         = plan
  expect_failures = [var.schedules]
  variables {
    schedules = { tick = { expression = "rate(1 hour)", flexible_minutes = 1441, target = { queue = "jobs" } } }
  }
}

run "a_registry_has_a_name_that_eventbridge_takes" {
  command         = plan
  expect_failures = [var.schema_registries]
  variables {
    schema_registries = { "our schemas" = {} }
  }
}

run "a_schema_is_of_a_type_that_exists" {
  command         = plan
  expect_failures = [var.schema_registries]
  variables {
    schema_registries = { shop = { schemas = { order = { type = "Avro", content = "{}" } } } }
  }
}

run "a_schema_is_a_json_object" {
  command         = plan
  expect_failures = [var.schema_registries]
  variables {
    schema_registries = { shop = { schemas = { order = { content = "type: object" } } } }
  }
}

run "a_machine_has_a_name_that_step_functions_takes" {
  command         = plan
  expect_failures = [var.state_machines]
  variables {
    state_machines = { "fulfil all" = { definition = "{}" } }
  }
}

run "a_machine_is_of_a_type_that_exists" {
  command         = plan
  expect_failures = [var.state_machines]
  variables {
    state_machines = { fulfil = { type = "QUICK", definition = "{}" } }
  }
}

run "a_definition_is_given_once" {
  command         = plan
  expect_failures = [var.state_machines]
  variables {
    state_machines = { fulfil = {} }
  }
}

run "a_definition_s_file_is_there" {
  command         = plan
  expect_failures = [var.state_machines]
  variables {
    state_machines = { fulfil = { definition_file = "nowhere.asl.json" } }
  }
}

run "a_machine_uses_what_is_there" {
  command         = plan
  expect_failures = [var.state_machines]
  variables {
    state_machines = { fulfil = { definition = "{}", uses = { queues = ["parcels"] } } }
  }
}

run "a_machine_uses_functions" {
  command         = plan
  expect_failures = [var.state_machines]
  variables {
    state_machines = { fulfil = { definition = "{}", uses = { functions = ["catalog"] } } }
  }
}

run "a_machine_reads_or_writes_a_table" {
  command         = plan
  expect_failures = [var.state_machines]
  variables {
    state_machines = { fulfil = { definition = "{}", uses = { tables = { orders = "drop" } } } }
  }
}

run "a_machine_s_tables_are_there" {
  command         = plan
  expect_failures = [var.state_machines]
  variables {
    state_machines = { fulfil = { definition = "{}", uses = { tables = { carts = "read" } } } }
  }
}

run "a_machine_s_log_has_a_level" {
  command         = plan
  expect_failures = [var.state_machines]
  variables {
    state_machines = { fulfil = { definition = "{}", logging = { level = "LOUD" } } }
  }
}

run "an_alias_between_versions_names_both" {
  command         = plan
  expect_failures = [var.state_machines]
  variables {
    state_machines = { fulfil = { definition = "{}", aliases = { live = { previous_weight = 10 } } } }
  }
}

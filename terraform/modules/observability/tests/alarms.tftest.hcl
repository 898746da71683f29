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

run "an_environment_without_services_has_a_topic_and_little_else" {
  command = plan

  assert {
    condition     = aws_sns_topic.alarms.kms_master_key_id == var.messaging_kms_key_arn
    error_message = "what alarms say is encrypted with the platform's key"
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) + length(aws_cloudwatch_composite_alarm.this) + length(aws_cloudwatch_composite_alarm.service) == 0
    error_message = "nothing to watch, no alarms"
  }
  assert {
    condition     = length(aws_cloudtrail.this) + length(aws_opensearch_domain.this) + length(aws_opensearchserverless_collection.this) + length(aws_synthetics_canary.this) + length(aws_kinesis_firehose_delivery_stream.this) + length(aws_xray_group.this) == 0
    error_message = "what costs money is there only when asked for"
  }
  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.alarm_topic.statement :
      contains([for condition in statement.condition : condition.variable], "aws:SourceAccount") if startswith(statement.sid, "Publish")
    ])
    error_message = "a service publishes for this account only"
  }
}

run "each_service_has_alarms_of_its_runtime_and_one_over_them" {
  command = plan

  variables {
    services = {
      orders     = { runtime = "lambda", timeout_seconds = 10, routes = [{ via = "http_api" }], alarms = { error_percent = 1, latency_p99_ms = 500 } }
      catalog    = { runtime = "ecs", routes = [{ via = "alb" }], scaling = { min = 2 }, alarms = { error_percent = 1, latency_p99_ms = 500, cpu_percent = 80, memory_percent = 80 } }
      storefront = { runtime = "eks", alarms = { cpu_percent = 70 } }
    }
    http_api_id               = "abc123"
    alb_arn_suffix            = "app/shop/50dc6c495c0c9188"
    target_group_arn_suffixes = { catalog = "targetgroup/catalog/73e2d6bc24d8a067" }
    service_alarms            = { anomaly_detection = true }
  }

  assert {
    condition     = output.service_alarm_names["orders"] == [for kind in ["dead-letter-errors", "errors", "latency", "throttles", "timeout", "traffic"] : "shop-test-observability-orders-${kind}"]
    error_message = "alarms of a function: ${join(", ", output.service_alarm_names["orders"])}"
  }
  assert {
    condition     = output.service_alarm_names["catalog"] == [for kind in ["cpu", "http-errors", "http-latency", "http-traffic", "memory", "tasks", "unhealthy"] : "shop-test-observability-catalog-${kind}"]
    error_message = "alarms of tasks behind a load balancer: ${join(", ", output.service_alarm_names["catalog"])}"
  }
  assert {
    condition     = output.service_alarm_names["storefront"] == [for kind in ["cpu", "pods", "restarts"] : "shop-test-observability-storefront-${kind}"]
    error_message = "alarms of pods: ${join(", ", output.service_alarm_names["storefront"])}"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["orders-timeout"].threshold == 9000 && aws_cloudwatch_metric_alarm.this["catalog-tasks"].threshold == 2 && aws_cloudwatch_metric_alarm.this["catalog-tasks"].treat_missing_data == "breaching"
    error_message = "nine tenths of the time-out; as many tasks as the service wants, and no news is bad news"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["orders-latency"].extended_statistic == "p99" && aws_cloudwatch_metric_alarm.this["catalog-http-latency"].threshold == 0.5
    error_message = "percentiles; the load balancer counts in seconds"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["orders-traffic"].threshold_metric_id == "band" && length([for query in aws_cloudwatch_metric_alarm.this["orders-traffic"].metric_query : query if query.expression == "ANOMALY_DETECTION_BAND(m1, 3)"]) == 1
    error_message = "traffic is compared with what is usual"
  }
  assert {
    condition     = strcontains(aws_cloudwatch_composite_alarm.service["orders"].alarm_rule, "ALARM(\"shop-test-observability-orders-errors\") OR")
    error_message = "a service's own alarm is over its alarms"
  }
  assert {
    condition     = contains(keys(aws_cloudwatch_metric_alarm.this), "http-api-errors") && contains(keys(aws_cloudwatch_metric_alarm.this), "load-balancer-errors") && !contains(keys(aws_cloudwatch_metric_alarm.this), "rest-api-errors")
    error_message = "APIs that have routes are watched"
  }
}

run "what_other_layers_made_is_watched" {
  command = plan

  variables {
    queue_names             = { jobs = "shop-test-messaging-jobs" }
    dead_letter_queue_names = { jobs = "shop-test-messaging-jobs-dlq" }
    state_machine_arns      = { order = "arn:aws:states:eu-west-1:123456789012:stateMachine:order" }
    table_names             = { orders = "shop-test-data-orders" }
    database_identifiers    = { main = "main", ledger = "ledger" }
    database_kinds          = { ledger = "cluster" }
    cache_cluster_ids       = { sessions = "sessions-001" }
    serverless_cache_names  = { quick = "quick" }
    nat_gateway_ids         = { eu-west-1a = "nat-0123" }
    platform_alarms         = { queue_age_seconds_by_queue = { jobs = 60 } }
  }

  assert {
    condition = tolist(keys(aws_cloudwatch_metric_alarm.this)) == sort([
      "queue-jobs-age", "queue-jobs-dead-letters", "state-machine-order-failed", "state-machine-order-timedout", "state-machine-order-throttled",
      "table-orders-throttles", "database-main-cpu", "database-main-memory", "database-main-storage", "database-ledger-cpu", "database-ledger-memory",
      "cache-sessions-cpu", "cache-sessions-memory", "cache-sessions-evictions", "cache-quick-evictions", "cache-quick-throttles",
      "nat-eu-west-1a-ports", "nat-eu-west-1a-drops",
    ])
    error_message = "alarms: ${join(", ", keys(aws_cloudwatch_metric_alarm.this))}"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["queue-jobs-age"].threshold == 60 && aws_cloudwatch_metric_alarm.this["database-ledger-cpu"].dimensions["DBClusterIdentifier"] == "ledger"
    error_message = "a queue's own threshold; a cluster is named as one"
  }
}

run "alarms_of_ones_own_and_alarms_over_alarms" {
  command = plan

  variables {
    alarm_topic = { email_subscriptions = ["ops@example.com"], https_subscriptions = { pager = "https://events.example.com/x" } }
    alarms = {
      sales = { metric = { namespace = "shop", name = "Sales", statistic = "Sum" }, anomaly_band = 2 }
      quiet = { metric = { namespace = "shop", name = "Maintenance" }, threshold = 0, notify = false }
      share = {
        threshold = 5
        queries = {
          share = { expression = "100 * a / b", return_data = true }
          a     = { metric = { namespace = "shop", name = "Refused" } }
          b     = { metric = { namespace = "shop", name = "Asked" } }
        }
      }
    }
    composite_alarms = {
      both = { all_of = ["sales", "share"], suppressed_by = "quiet" }
      odd  = { rule = "ALARM(\"somewhere-else\")", notify = false }
    }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["sales"].comparison_operator == "LessThanLowerOrGreaterThanUpperThreshold" && length(aws_cloudwatch_metric_alarm.this["share"].metric_query) == 3
    error_message = "bands and expressions"
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this["quiet"].alarm_actions) == 0
    error_message = "notify: false tells nobody"
  }
  assert {
    condition     = aws_cloudwatch_composite_alarm.this["both"].alarm_rule == "ALARM(\"shop-test-observability-sales\") AND ALARM(\"shop-test-observability-share\")" && one(aws_cloudwatch_composite_alarm.this["both"].actions_suppressor).alarm == "shop-test-observability-quiet"
    error_message = "keys stand for names"
  }
  assert {
    condition     = length(aws_sns_topic_subscription.email) == 1 && aws_sns_topic_subscription.https["pager"].endpoint == "https://events.example.com/x"
    error_message = "people and tools are told"
  }
}

run "a_composite_alarm_over_nothing" {
  command = plan
  variables {
    composite_alarms = { down = { any_of = ["nowhere"] } }
  }
  expect_failures = [aws_cloudwatch_composite_alarm.this]
}

run "an_alarm_on_an_api_that_is_not_there" {
  command = plan
  variables {
    services = { orders = { runtime = "lambda", routes = [{ via = "http_api" }] } }
  }
  expect_failures = [aws_cloudwatch_metric_alarm.this]
}

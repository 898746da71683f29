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

run "log_groups_are_encrypted_kept_masked_and_indexed" {
  command = plan

  variables {
    log_groups = {
      audit         = { mask = ["EmailAddress"], index_fields = ["requestId"], anomaly_detection = { evaluation_minutes = 60 } }
      "/shop/cheap" = { class = "INFREQUENT_ACCESS", retention_in_days = 30 }
    }
  }

  assert {
    condition     = aws_cloudwatch_log_group.this["audit"].name == "/shop-test/observability/audit" && aws_cloudwatch_log_group.this["/shop/cheap"].name == "/shop/cheap"
    error_message = "names with and without the prefix"
  }
  assert {
    condition     = alltrue([for group in values(aws_cloudwatch_log_group.this) : group.kms_key_id == var.logs_kms_key_arn]) && aws_cloudwatch_log_group.this["audit"].retention_in_days == 365
    error_message = "encrypted with the layer's key, kept for a year unless told otherwise"
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_log_data_protection_policy.this["audit"].policy_document).Statement[1].DataIdentifier == ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"]
    error_message = "addresses are masked"
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_log_index_policy.this["audit"].policy_document).Fields == ["requestId"] && aws_cloudwatch_log_anomaly_detector.this["audit"].evaluation_frequency == "ONE_HOUR"
    error_message = "an index and an anomaly detector"
  }
  assert {
    condition     = length(aws_cloudwatch_log_data_protection_policy.this) == 1
    error_message = "the other group has none"
  }
}

run "events_are_counted_and_alarmed_on" {
  command = plan

  variables {
    log_groups = { audit = {} }
    metric_filters = {
      refused = { log_group = "audit", pattern = "refused", alarm = { threshold = 10 } }
      kinds   = { log_group = "/aws/elsewhere", pattern = "{ $.kind = * }", dimensions = { Kind = "$.kind" } }
    }
  }

  assert {
    condition     = aws_cloudwatch_log_metric_filter.this["refused"].log_group_name == "/shop-test/observability/audit" && aws_cloudwatch_log_metric_filter.this["kinds"].log_group_name == "/aws/elsewhere"
    error_message = "keys stand for names, other names for themselves"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["refused"].threshold == 10 && aws_cloudwatch_metric_alarm.this["refused"].namespace == "shop-test/observability"
    error_message = "the alarm watches the filter's metric"
  }
}

run "the_trail_is_watched_as_the_benchmark_wants" {
  command = plan

  variables {
    cloudtrail           = {}
    trail_metric_filters = true
  }

  assert {
    condition     = length(aws_cloudwatch_log_metric_filter.this) == 15 && length(aws_cloudwatch_metric_alarm.this) == 15
    error_message = "fifteen kinds of event; got ${length(aws_cloudwatch_log_metric_filter.this)}"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["trail-root-use"].threshold == 1 && aws_cloudwatch_metric_alarm.this["trail-unauthorized-calls"].threshold == 20
    error_message = "once is too often for root; denials only in bursts"
  }
}

run "the_trail_is_watched_but_not_in_logs" {
  command = plan
  variables {
    cloudtrail           = { log_group_retention_in_days = 0 }
    trail_metric_filters = true
  }
  expect_failures = [aws_cloudwatch_log_metric_filter.this]
}

run "dashboards_and_queries_come_with_services" {
  command = plan

  variables {
    services = {
      orders  = { runtime = "lambda" }
      catalog = { runtime = "ecs" }
      pages   = { runtime = "eks" }
    }
    log_groups      = { audit = {} }
    queries         = { audit = { query = "fields @message", log_groups = ["audit"] } }
    log_group_names = { catalog = "/elsewhere/catalog" }
  }

  assert {
    condition     = output.dashboard_names == { orders = "shop-test-observability-orders", catalog = "shop-test-observability-catalog", pages = "shop-test-observability-pages", environment = "shop-test-observability" }
    error_message = "one a service, one for all"
  }
  assert {
    condition = alltrue([
      for widget in jsondecode(aws_cloudwatch_dashboard.service["orders"].dashboard_body).widgets :
      alltrue([for metric in widget.properties.metrics : metric[0] == "AWS/Lambda" && metric[3] == "shop-test-compute-orders"]) if widget.type == "metric"
    ])
    error_message = "a function's graphs show the function"
  }
  assert {
    condition     = strcontains(aws_cloudwatch_dashboard.service["catalog"].dashboard_body, "/elsewhere/catalog")
    error_message = "its log is where its layer says"
  }
  assert {
    condition     = aws_cloudwatch_query_definition.this["services/orders/errors"].log_group_names == tolist(["/shop-test/compute/orders"]) && aws_cloudwatch_query_definition.this["audit"].log_group_names == tolist(["/shop-test/observability/audit"])
    error_message = "saved queries, generated and configured"
  }
}

run "a_dashboard_without_alarms_has_no_widget_for_them" {
  command = plan

  variables {
    services = { batch = { runtime = "ecs", scaling = { min = 0 } } }
  }

  assert {
    condition     = !contains([for widget in jsondecode(aws_cloudwatch_dashboard.service["batch"].dashboard_body).widgets : widget.type], "alarm")
    error_message = "CloudWatch refuses an empty one"
  }
}

run "dashboards_and_queries_can_be_left_out" {
  command = plan

  variables {
    services        = { orders = { runtime = "lambda" } }
    dashboards      = false
    default_queries = false
  }

  assert {
    condition     = length(aws_cloudwatch_dashboard.service) + length(aws_cloudwatch_dashboard.environment) + length(aws_cloudwatch_query_definition.this) == 0
    error_message = "none of either"
  }
}

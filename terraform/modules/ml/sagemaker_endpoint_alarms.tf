# What tells a good deployment from a bad one. https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html

locals {
  endpoint_alarms = merge(
    merge([
      for name, endpoint in var.endpoints : merge([
        for variant in keys(endpoint.variants) : {
          for kind, threshold in { errors = endpoint.alarms.error_percent, latency = endpoint.alarms.latency_p99_ms } :
          "${name}-${variant}-${kind}" => { endpoint = name, variant = variant, kind = kind, threshold = threshold, actions = endpoint.alarms.actions }
          if threshold > 0
        }
      ]...)
    ]...),
    merge([
      for name, endpoint in var.serverless_endpoints : {
        for kind, threshold in { errors = endpoint.alarms.error_percent, latency = endpoint.alarms.latency_p99_ms } :
        "${name}-${local.serverless_variant}-${kind}" => { endpoint = name, variant = local.serverless_variant, kind = kind, threshold = threshold, actions = endpoint.alarms.actions }
        if threshold > 0
      }
    ]...),
  )

  rollback_alarm_names = {
    for name, endpoint in var.endpoints : name => sort(setunion(
      endpoint.rollback_alarms,
      [for key, alarm in local.endpoint_alarms : "${local.prefix}-${key}" if alarm.endpoint == name],
    ))
  }
}

resource "aws_cloudwatch_metric_alarm" "endpoint" {
  for_each = local.endpoint_alarms

  alarm_name = "${local.prefix}-${each.key}"
  alarm_description = (
    each.value.kind == "errors"
    ? "More than ${each.value.threshold} percent of the answers of ${each.value.endpoint}'s variant ${each.value.variant} are errors"
    : "The slowest hundredth of ${each.value.endpoint}'s variant ${each.value.variant} takes more than ${each.value.threshold} ms"
  )
  namespace           = "AWS/SageMaker"
  metric_name         = each.value.kind == "errors" ? "Invocation5XXErrors" : "ModelLatency"
  statistic           = each.value.kind == "errors" ? "Average" : null
  extended_statistic  = each.value.kind == "errors" ? null : "p99"
  comparison_operator = "GreaterThanThreshold"
  # The average of errors is their share; latency is counted in microseconds.
  threshold           = each.value.kind == "errors" ? each.value.threshold / 100 : each.value.threshold * 1000
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = sort(each.value.actions)
  ok_actions          = sort(each.value.actions)

  dimensions = {
    EndpointName = "${local.prefix}-${each.value.endpoint}"
    VariantName  = each.value.variant
  }
}

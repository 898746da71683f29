# Every alarm on a metric: those of services and of the platform are generated, others are configured.

locals {
  alarm_defaults = {
    description         = null
    metric              = null
    queries             = {}
    threshold           = null
    anomaly_band        = null
    comparison          = "GreaterThanThreshold"
    period_seconds      = 60
    evaluation_periods  = var.service_alarms.evaluation_periods
    datapoints_to_alarm = var.service_alarms.datapoints_to_alarm
    missing_data        = "notBreaching"
    notify              = true
    actions             = []
  }

  configured_alarms = {
    for key, alarm in var.alarms : key => merge(alarm, {
      comparison = coalesce(alarm.comparison, alarm.anomaly_band == null ? "GreaterThanThreshold" : "LessThanLowerOrGreaterThanUpperThreshold")
    })
  }

  metric_filter_alarms = {
    for key, filter in local.metric_filters : key => merge(local.alarm_defaults, {
      description         = coalesce(filter.alarm.description, "Events that the metric filter ${key} counts.")
      metric              = { namespace = local.metric_namespace, name = key, statistic = filter.alarm.statistic, dimensions = {} }
      threshold           = filter.alarm.threshold
      comparison          = filter.alarm.comparison
      period_seconds      = filter.alarm.period_seconds
      evaluation_periods  = filter.alarm.evaluation_periods
      datapoints_to_alarm = filter.alarm.evaluation_periods
    }) if filter.alarm != null
  }

  alarms = merge(local.service_alarms, local.platform_alarms, local.metric_filter_alarms, local.canary_alarms, local.configured_alarms)

  # Anomaly detection is a query of its own: the metric, and the band that it is held against.
  alarm_queries = {
    for key, alarm in local.alarms : key => concat(
      [
        for id, query in alarm.queries : {
          id          = id
          expression  = query.expression
          label       = query.label
          return_data = query.return_data
          metric      = query.metric
        }
      ],
      [for metric in [alarm.metric] : { id = "m1", expression = null, label = null, return_data = true, metric = metric } if alarm.anomaly_band != null],
      [
        for band in [alarm.anomaly_band] :
        { id = "band", expression = "ANOMALY_DETECTION_BAND(m1, ${band})", label = "Usual", return_data = true, metric = null } if band != null
      ],
    )
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = each.value.description
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  threshold_metric_id = each.value.anomaly_band == null ? null : "band"
  evaluation_periods  = each.value.evaluation_periods
  datapoints_to_alarm = coalesce(each.value.datapoints_to_alarm, each.value.evaluation_periods)
  treat_missing_data  = each.value.missing_data
  alarm_actions       = concat(each.value.notify ? [aws_sns_topic.alarms.arn] : [], tolist(each.value.actions))
  ok_actions          = each.value.notify ? [aws_sns_topic.alarms.arn] : []

  namespace          = length(local.alarm_queries[each.key]) > 0 ? null : each.value.metric.namespace
  metric_name        = length(local.alarm_queries[each.key]) > 0 ? null : each.value.metric.name
  dimensions         = length(local.alarm_queries[each.key]) > 0 ? null : each.value.metric.dimensions
  period             = length(local.alarm_queries[each.key]) > 0 ? null : each.value.period_seconds
  statistic          = length(local.alarm_queries[each.key]) > 0 ? null : startswith(each.value.metric.statistic, "p") ? null : each.value.metric.statistic
  extended_statistic = length(local.alarm_queries[each.key]) > 0 ? null : startswith(each.value.metric.statistic, "p") ? each.value.metric.statistic : null

  dynamic "metric_query" {
    for_each = { for query in local.alarm_queries[each.key] : query.id => query }

    content {
      id          = metric_query.key
      expression  = metric_query.value.expression
      label       = metric_query.value.label
      return_data = metric_query.value.return_data

      dynamic "metric" {
        for_each = metric_query.value.metric == null ? [] : [metric_query.value.metric]

        content {
          namespace   = metric.value.namespace
          metric_name = metric.value.name
          stat        = metric.value.statistic
          dimensions  = metric.value.dimensions
          period      = each.value.period_seconds
        }
      }
    }
  }

  lifecycle {
    # It would watch nothing, in silence.
    precondition {
      condition = alltrue(flatten([
        for metric in concat([each.value.metric], [for query in values(each.value.queries) : query.metric]) : metric == null ? [true] : [for value in values(metric.dimensions) : value != null]
      ]))
      error_message = "The alarm \"${each.key}\" is over something that the environment does not have: add the layer that makes it (an HTTP API, a REST API and a load balancer come from `api`), or leave the alarm out (`api_alarms: {http_api: false}`)."
    }
    precondition {
      condition     = length("${local.name}-${each.key}") <= 255
      error_message = "The alarm's name ${local.name}-${each.key} has more than 255 characters."
    }
  }
}

# Alarms over alarms: one for each service, and those that are configured.

locals {
  alarm_names           = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => alarm.alarm_name }
  service_composite_set = toset([for name in keys(var.services) : name if length(local.service_alarm_keys[name]) > 0])

  # Names are known from configuration: a composite alarm can be over another one.
  alarm_name_of = merge(
    { for key in keys(local.alarms) : key => "${local.name}-${key}" },
    { for name in local.service_composite_set : "service-${name}" => "${local.name}-service-${name}" },
    { for key in keys(var.composite_alarms) : key => "${local.name}-${key}" },
  )

  composite_keys = { for key, alarm in var.composite_alarms : key => concat(alarm.any_of, alarm.all_of, alarm.suppressed_by == null ? [] : [alarm.suppressed_by]) }
}

resource "aws_cloudwatch_composite_alarm" "service" {
  for_each = local.service_composite_set

  alarm_name        = local.alarm_name_of["service-${each.key}"]
  alarm_description = "Something is wrong with the service ${each.key}: see which of its alarms is in ALARM."
  alarm_rule        = join(" OR ", [for key in local.service_alarm_keys[each.key] : "ALARM(\"${local.alarm_name_of[key]}\")"])
  alarm_actions     = local.service_notifies ? [] : [aws_sns_topic.alarms.arn]
  ok_actions        = local.service_notifies ? [] : [aws_sns_topic.alarms.arn]

  depends_on = [aws_cloudwatch_metric_alarm.this]
}

resource "aws_cloudwatch_composite_alarm" "this" {
  for_each = var.composite_alarms

  alarm_name        = local.alarm_name_of[each.key]
  alarm_description = each.value.description
  alarm_rule = coalesce(
    each.value.rule,
    length(each.value.any_of) > 0 ? join(" OR ", [for key in each.value.any_of : "ALARM(\"${try(local.alarm_name_of[key], key)}\")"]) : null,
    join(" AND ", [for key in each.value.all_of : "ALARM(\"${try(local.alarm_name_of[key], key)}\")"]),
  )
  alarm_actions = concat(each.value.notify ? [aws_sns_topic.alarms.arn] : [], tolist(each.value.actions))
  ok_actions    = each.value.notify ? [aws_sns_topic.alarms.arn] : []

  dynamic "actions_suppressor" {
    for_each = each.value.suppressed_by == null ? [] : [each.value.suppressed_by]

    content {
      alarm            = try(local.alarm_name_of[actions_suppressor.value], actions_suppressor.value)
      wait_period      = each.value.suppressor_wait_seconds
      extension_period = each.value.suppressor_extend_seconds
    }
  }

  lifecycle {
    precondition {
      condition     = alltrue([for key in local.composite_keys[each.key] : contains(keys(local.alarm_name_of), key)])
      error_message = "The composite alarm \"${each.key}\" names alarms that are not there: ${join(", ", [for key in local.composite_keys[each.key] : key if !contains(keys(local.alarm_name_of), key)])}. There are: ${join(", ", sort(keys(local.alarm_name_of)))}."
    }
  }

  depends_on = [aws_cloudwatch_metric_alarm.this, aws_cloudwatch_composite_alarm.service]
}

# Schedules: millions of them where the default bus takes three hundred rules, in any time zone, once or again and again.

locals {
  schedule_arns = {
    for key, schedule in var.schedules :
    key => "arn:${local.partition}:scheduler:${local.here}:schedule/${schedule.group == null ? "default" : "${local.prefix}-${schedule.group}"}/${local.prefix}-${key}"
  }
}

resource "aws_scheduler_schedule_group" "this" {
  for_each = var.schedule_groups

  name = "${local.prefix}-${each.key}"
}

module "schedule_role" {
  source   = "./modules/role"
  for_each = var.schedules

  name        = "${local.prefix}-${each.key}-schedule"
  description = "Lets the schedule ${each.key} start its target"
  service     = "scheduler"
  # Scheduler's source is the group: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
  source_arns              = ["arn:${local.partition}:scheduler:${local.here}:schedule-group/${split("/", local.schedule_arns[each.key])[1]}"]
  account_id               = var.account_id
  region                   = var.region
  permissions_boundary_arn = var.permissions_boundary_arn
  kms_key_arn              = var.kms_key_arn

  grants = {
    send_queues          = [for name in compact([each.value.target.queue, each.value.dead_letter_queue]) : local.arns.queues[name]]
    publish_topics       = [for name in compact([each.value.target.topic]) : local.arns.topics[name]]
    start_state_machines = [for name in compact([each.value.target.state_machine]) : local.arns.state_machines[name]]
    put_events           = [for name in compact([each.value.target.event_bus]) : local.arns.event_buses[name]]
    invoke_functions     = [for name in compact([each.value.target.function]) : local.arns.functions[name]]
  }

  encryption_context = { "aws:scheduler:schedule:arn" = [local.schedule_arns[each.key]] }
}

resource "aws_scheduler_schedule" "this" {
  for_each = var.schedules

  name                         = "${local.prefix}-${each.key}"
  group_name                   = each.value.group == null ? "default" : aws_scheduler_schedule_group.this[each.value.group].name
  description                  = each.value.description
  schedule_expression          = each.value.expression
  schedule_expression_timezone = each.value.timezone
  start_date                   = each.value.start_date
  end_date                     = each.value.end_date
  state                        = each.value.enabled ? "ENABLED" : "DISABLED"
  kms_key_arn                  = var.kms_key_arn

  flexible_time_window {
    mode                      = each.value.flexible_minutes > 0 ? "FLEXIBLE" : "OFF"
    maximum_window_in_minutes = each.value.flexible_minutes > 0 ? each.value.flexible_minutes : null
  }

  target {
    arn = (
      each.value.target.queue != null ? aws_sqs_queue.this[each.value.target.queue].arn :
      each.value.target.topic != null ? aws_sns_topic.this[each.value.target.topic].arn :
      each.value.target.state_machine != null ? aws_sfn_state_machine.this[each.value.target.state_machine].arn :
      each.value.target.event_bus == "default" ? local.arns.event_buses.default :
      each.value.target.event_bus != null ? aws_cloudwatch_event_bus.this[each.value.target.event_bus].arn :
      # Made later, by the compute layer.
      local.arns.functions[each.value.target.function]
    )
    role_arn = module.schedule_role[each.key].arn
    input    = each.value.target.input

    dynamic "sqs_parameters" {
      for_each = each.value.target.message_group_id == null ? [] : [each.value.target.message_group_id]
      content {
        message_group_id = sqs_parameters.value
      }
    }

    dynamic "eventbridge_parameters" {
      for_each = each.value.target.event_bus == null ? [] : [each.value.target]
      content {
        detail_type = eventbridge_parameters.value.detail_type
        source      = eventbridge_parameters.value.source
      }
    }

    dynamic "dead_letter_config" {
      for_each = each.value.dead_letter_queue == null ? [] : [each.value.dead_letter_queue]
      content {
        arn = aws_sqs_queue.this[dead_letter_config.value].arn
      }
    }

    retry_policy {
      maximum_event_age_in_seconds = each.value.maximum_event_age_seconds
      maximum_retry_attempts       = each.value.maximum_retry_attempts
    }
  }
}

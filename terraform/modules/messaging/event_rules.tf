# Rules, and where they send. Queues, topics and log groups let a rule in by their own policies, and want no role;
# state machines, buses and API destinations are reached with the rule's role.

locals {
  rule_targets = merge([
    for rule_key, rule in var.event_rules : {
      for name, target in rule.targets : "${rule_key}/${name}" => merge(target, { rule = rule_key, name = name })
    }
  ]...)

  rules_with_role = {
    for key, rule in var.event_rules : key => rule
    if anytrue([for target in values(rule.targets) : target.state_machine != null || target.event_bus != null || target.api_destination != null])
  }

  logging_targets = { for key, target in local.rule_targets : key => target if target.log }

  # Rules and buses that deliver into each queue, also as a dead-letter queue; and rules that publish to each topic.
  events_into_queue = {
    for queue in keys(var.queues) : queue => sort(distinct(concat(
      [for target in values(local.rule_targets) : local.arns.rules[target.rule] if target.queue == queue || target.dead_letter_queue == queue],
      [for key, bus in var.event_buses : local.arns.event_buses[key] if bus.dead_letter_queue == queue],
    )))
  }
  events_into_topic = {
    for topic in keys(var.topics) : topic => sort(distinct([
      for target in values(local.rule_targets) : local.arns.rules[target.rule] if target.topic == topic
    ]))
  }
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = var.event_rules

  name                = "${local.prefix}-${each.key}"
  description         = each.value.description
  event_bus_name      = each.value.bus == "default" ? "default" : aws_cloudwatch_event_bus.this[each.value.bus].name
  event_pattern       = each.value.pattern == null ? null : jsonencode(jsondecode(each.value.pattern))
  schedule_expression = each.value.schedule_expression
  state               = each.value.enabled ? "ENABLED" : "DISABLED"
}

module "rule_role" {
  source   = "./modules/role"
  for_each = local.rules_with_role

  name                     = "${local.prefix}-${each.key}-rule"
  description              = "Lets the EventBridge rule ${each.key} reach its targets"
  service                  = "events"
  source_arns              = [local.arns.rules[each.key]]
  account_id               = var.account_id
  region                   = var.region
  permissions_boundary_arn = var.permissions_boundary_arn
  kms_key_arn              = var.kms_key_arn

  grants = {
    start_state_machines    = [for target in values(each.value.targets) : local.arns.state_machines[target.state_machine] if target.state_machine != null]
    put_events              = [for target in values(each.value.targets) : local.arns.event_buses[target.event_bus] if target.event_bus != null]
    invoke_api_destinations = [for target in values(each.value.targets) : local.api_destination_patterns[target.api_destination] if target.api_destination != null]
  }
}

resource "aws_cloudwatch_log_group" "rule" {
  for_each = local.logging_targets

  # EventBridge delivers only to log groups whose name begins so.
  name              = "/aws/events/${local.prefix}-${replace(each.key, "/", "-")}"
  retention_in_days = var.event_log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

data "aws_iam_policy_document" "rule_logs" {
  count = length(local.logging_targets) > 0 ? 1 : 0

  statement {
    sid       = "RulesLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = [for key in sort(keys(local.logging_targets)) : "${aws_cloudwatch_log_group.rule[key].arn}:*"]

    principals {
      type        = "Service"
      identifiers = ["delivery.logs.amazonaws.com", "events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = sort(distinct([for target in values(local.logging_targets) : local.arns.rules[target.rule]]))
    }
  }
}

resource "aws_cloudwatch_log_resource_policy" "rules" {
  count = length(data.aws_iam_policy_document.rule_logs)

  policy_name     = "${local.prefix}-event-rules"
  policy_document = data.aws_iam_policy_document.rule_logs[0].json
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = local.rule_targets

  rule           = aws_cloudwatch_event_rule.this[each.value.rule].name
  event_bus_name = aws_cloudwatch_event_rule.this[each.value.rule].event_bus_name
  target_id      = each.value.name
  arn = (
    each.value.queue != null ? aws_sqs_queue.this[each.value.queue].arn :
    each.value.topic != null ? aws_sns_topic.this[each.value.topic].arn :
    each.value.state_machine != null ? aws_sfn_state_machine.this[each.value.state_machine].arn :
    each.value.event_bus == "default" ? local.arns.event_buses.default :
    each.value.event_bus != null ? aws_cloudwatch_event_bus.this[each.value.event_bus].arn :
    each.value.api_destination != null ? aws_cloudwatch_event_api_destination.this[each.value.api_destination].arn :
    each.value.log ? aws_cloudwatch_log_group.rule[each.key].arn : each.value.arn
  )
  role_arn   = each.value.state_machine != null || each.value.event_bus != null || each.value.api_destination != null ? module.rule_role[each.value.rule].arn : each.value.role_arn
  input      = each.value.input
  input_path = each.value.input_path

  dynamic "input_transformer" {
    for_each = each.value.input_transformer == null ? [] : [each.value.input_transformer]
    content {
      input_paths    = input_transformer.value.paths
      input_template = input_transformer.value.template
    }
  }

  dynamic "sqs_target" {
    for_each = each.value.message_group_id == null ? [] : [each.value.message_group_id]
    content {
      message_group_id = sqs_target.value
    }
  }

  dynamic "http_target" {
    for_each = each.value.api_destination == null || length(each.value.path_parameters) + length(each.value.query_parameters) + length(each.value.headers) == 0 ? [] : [each.value]
    content {
      path_parameter_values   = http_target.value.path_parameters
      query_string_parameters = http_target.value.query_parameters
      header_parameters       = http_target.value.headers
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

  # What lets the rule in has to be there before it sends.
  depends_on = [aws_cloudwatch_log_resource_policy.rules, aws_sqs_queue_policy.this, aws_sns_topic_policy.this]
}

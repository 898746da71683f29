# What invokes functions: the APIs' routes, queues, tables' changes, events and schedules.

locals {
  api_routes = {
    for route in flatten([
      for name, service in local.lambda_services : [
        for route in service.routes : {
          service = name
          # /orders/{id} is asked for as /orders/17
          request = "${route.method == "ANY" ? "*" : route.method}${replace(route.path, "/[{][^}]+[}]/", "*")}"
          arn     = route.via == "rest_api" ? var.rest_api_execution_arn : var.http_api_execution_arn
          id      = replace("${route.via}-${route.method}${route.path}", "/[^A-Za-z0-9]+/", "-")
        } if route.via != "alb"
      ]
    ]) : "${route.service}/${route.id}" => route
  }

  queue_triggers    = { for pair in flatten([for name, service in local.lambda_services : [for key, trigger in service.triggers.queues : { service = name, name = key, trigger = trigger }]]) : "${pair.service}/${pair.name}" => pair }
  table_triggers    = { for pair in flatten([for name, service in local.lambda_services : [for key, trigger in service.triggers.tables : { service = name, name = key, trigger = trigger }]]) : "${pair.service}/${pair.name}" => pair }
  event_triggers    = { for pair in flatten([for name, service in local.lambda_services : [for key, trigger in service.triggers.events : { service = name, name = key, trigger = trigger }]]) : "${pair.service}/${pair.name}" => pair }
  schedule_triggers = { for pair in flatten([for name, service in local.lambda_services : [for key, trigger in service.triggers.schedules : { service = name, name = key, trigger = trigger }]]) : "${pair.service}/${pair.name}" => pair }
}

resource "aws_lambda_permission" "api" {
  for_each = local.api_routes

  statement_id  = each.value.id
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this[each.value.service].function_name
  qualifier     = local.aliases[each.value.service].name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${each.value.arn}/*/${each.value.request}"
}

resource "aws_lambda_event_source_mapping" "queue" {
  for_each = local.queue_triggers

  function_name                      = local.aliases[each.value.service].arn
  event_source_arn                   = var.queue_arns[each.value.name]
  batch_size                         = each.value.trigger.batch_size
  maximum_batching_window_in_seconds = each.value.trigger.batch_size > 10 ? 5 : 0

  # One bad message does not bring back the whole batch.
  function_response_types = ["ReportBatchItemFailures"]

  dynamic "scaling_config" {
    for_each = each.value.trigger.maximum_concurrency == null ? [] : [each.value.trigger.maximum_concurrency]

    content {
      maximum_concurrency = scaling_config.value
    }
  }

  depends_on = [aws_iam_role_policy.service]
}

resource "aws_lambda_event_source_mapping" "table" {
  for_each = local.table_triggers

  function_name                  = local.aliases[each.value.service].arn
  event_source_arn               = var.table_stream_arns[each.value.name]
  batch_size                     = each.value.trigger.batch_size
  starting_position              = each.value.trigger.starting_position
  bisect_batch_on_function_error = true
  maximum_retry_attempts         = 5
  function_response_types        = ["ReportBatchItemFailures"]

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.failed[each.value.service].arn
    }
  }

  depends_on = [aws_iam_role_policy.service]
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.event_triggers

  name           = "${local.prefix}-${each.value.service}-${each.value.name}"
  description    = "Invokes the service ${each.value.service}"
  event_bus_name = each.value.trigger.bus == "default" ? "default" : var.event_bus_names[each.value.trigger.bus]
  event_pattern  = each.value.trigger.pattern
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = local.event_triggers

  rule           = aws_cloudwatch_event_rule.this[each.key].name
  event_bus_name = aws_cloudwatch_event_rule.this[each.key].event_bus_name
  target_id      = "service"
  arn            = local.aliases[each.value.service].arn

  dead_letter_config {
    arn = aws_sqs_queue.failed[each.value.service].arn
  }

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 10
  }
}

resource "aws_lambda_permission" "event" {
  for_each = local.event_triggers

  statement_id  = "event-${each.value.name}"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this[each.value.service].function_name
  qualifier     = local.aliases[each.value.service].name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.this[each.key].arn
}

data "aws_iam_policy_document" "scheduler_trust" {
  for_each = { for name, service in local.lambda_services : name => service if length(service.triggers.schedules) > 0 }

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_iam_role" "scheduler" {
  for_each = data.aws_iam_policy_document.scheduler_trust

  name                 = "${local.prefix}-${each.key}-schedule"
  description          = "Invokes the service ${each.key} on schedule"
  assume_role_policy   = each.value.json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "scheduler" {
  for_each = data.aws_iam_policy_document.scheduler_trust

  statement {
    sid       = "Invokes"
    actions   = ["lambda:InvokeFunction"]
    resources = [local.aliases[each.key].arn]
  }

  statement {
    sid       = "PutsAside"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.failed[each.key].arn]
  }

  statement {
    sid       = "Encrypts"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.messaging_kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["sqs.${var.region}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "scheduler" {
  for_each = data.aws_iam_policy_document.scheduler_trust

  name   = "schedule"
  role   = aws_iam_role.scheduler[each.key].id
  policy = data.aws_iam_policy_document.scheduler[each.key].json
}

resource "aws_scheduler_schedule" "this" {
  for_each = local.schedule_triggers

  name                         = "${local.prefix}-${each.value.service}-${each.value.name}"
  description                  = "Invokes the service ${each.value.service}"
  schedule_expression          = each.value.trigger.expression
  schedule_expression_timezone = coalesce(each.value.trigger.timezone, "UTC")
  kms_key_arn                  = var.messaging_kms_key_arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = local.aliases[each.value.service].arn
    role_arn = aws_iam_role.scheduler[each.value.service].arn

    dead_letter_config {
      arn = aws_sqs_queue.failed[each.value.service].arn
    }

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 10
    }
  }

  depends_on = [aws_iam_role_policy.scheduler]
}

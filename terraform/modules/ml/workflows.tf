# Workflows: an object is put into a bucket, EventBridge starts a state machine, and what could not be started is put aside.

locals {
  state_machine_arns = { for name in keys(var.workflows) : name => "arn:${local.partition}:states:${local.here}:stateMachine:${local.prefix}-${name}" }
  rule_arns          = { for name in keys(var.workflows) : name => "arn:${local.partition}:events:${local.here}:rule/${local.prefix}-${name}" }
}

resource "aws_cloudwatch_log_group" "workflow" {
  for_each = var.workflows

  name              = "/aws/vendedlogs/states/${local.prefix}-${each.key}"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

resource "aws_sfn_state_machine" "workflow" {
  for_each = var.workflows

  name       = "${local.prefix}-${each.key}"
  type       = "STANDARD"
  definition = local.definitions[each.key]
  role_arn   = aws_iam_role.workflow[each.key].arn

  logging_configuration {
    level                  = "ALL"
    include_execution_data = true
    log_destination        = "${aws_cloudwatch_log_group.workflow[each.key].arn}:*"
  }

  tracing_configuration {
    enabled = true
  }

  encryption_configuration {
    type                              = "CUSTOMER_MANAGED_KMS_KEY"
    kms_key_id                        = var.messaging_kms_key_arn
    kms_data_key_reuse_period_seconds = 300
  }

  depends_on = [aws_iam_role_policy.workflow]
}

resource "aws_cloudwatch_event_rule" "workflow" {
  for_each = var.workflows

  name        = "${local.prefix}-${each.key}"
  description = "Objects for the workflow ${each.key}"
  state       = each.value.enabled ? "ENABLED" : "DISABLED"
  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail = {
      bucket = { name = [var.bucket_names[each.value.bucket]] }
      object = {
        key = length(each.value.suffixes) == 0 ? [for prefix in [each.value.prefix] : { prefix = prefix }] : [
          for suffix in sort(each.value.suffixes) : { wildcard = "${each.value.prefix}*${suffix}" }
        ]
      }
    }
  })
}

resource "aws_cloudwatch_event_target" "workflow" {
  for_each = var.workflows

  rule      = aws_cloudwatch_event_rule.workflow[each.key].name
  target_id = "workflow"
  arn       = aws_sfn_state_machine.workflow[each.key].arn
  role_arn  = aws_iam_role.starter[each.key].arn

  dead_letter_config {
    arn = aws_sqs_queue.unstarted[0].arn
  }

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 20
  }
}

resource "aws_sqs_queue" "unstarted" {
  count = length(var.workflows) > 0 ? 1 : 0

  name                              = "${local.prefix}-unstarted"
  message_retention_seconds         = 1209600
  kms_master_key_id                 = var.messaging_kms_key_arn
  kms_data_key_reuse_period_seconds = 300
}

data "aws_iam_policy_document" "unstarted" {
  count = length(var.workflows) > 0 ? 1 : 0

  statement {
    sid       = "RulesPutAside"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.unstarted[0].arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [for name in sort(keys(var.workflows)) : local.rule_arns[name]]
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.unstarted[0].arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "unstarted" {
  count = length(var.workflows) > 0 ? 1 : 0

  queue_url = aws_sqs_queue.unstarted[0].url
  policy    = data.aws_iam_policy_document.unstarted[0].json
}

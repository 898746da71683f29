# Buses: who may put events on them, and what is kept of those.

resource "aws_cloudwatch_event_bus" "this" {
  for_each = var.event_buses

  name        = local.event_bus_names[each.key]
  description = each.value.description
  # EventBridge refuses to discover schemas on a bus with a customer-managed key, so these have AWS's own:
  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-cmkey.html
  kms_key_identifier = each.value.discover_schemas ? null : var.kms_key_arn

  dynamic "dead_letter_config" {
    for_each = each.value.dead_letter_queue == null ? [] : [each.value.dead_letter_queue]
    content {
      arn = aws_sqs_queue.this[dead_letter_config.value].arn
    }
  }
}

data "aws_iam_policy_document" "event_bus" {
  for_each = var.event_buses

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["events:PutEvents"]
    resources = [local.arns.event_buses[each.key]]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  dynamic "statement" {
    for_each = length(each.value.senders.account_ids) > 0 ? [each.value.senders] : []
    content {
      sid       = "Accounts"
      actions   = ["events:PutEvents"]
      resources = [local.arns.event_buses[each.key]]

      principals {
        type        = "AWS"
        identifiers = [for id in sort(statement.value.account_ids) : "arn:${local.partition}:iam::${id}:root"]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:PrincipalAccount"
        values   = sort(statement.value.account_ids)
      }

      dynamic "condition" {
        for_each = length(statement.value.sources) > 0 ? [sort(statement.value.sources)] : []
        content {
          test     = "StringEquals"
          variable = "events:source"
          values   = condition.value
        }
      }
    }
  }

  dynamic "statement" {
    for_each = each.value.senders.organization_id == null ? [] : [each.value.senders]
    content {
      sid       = "Organization"
      actions   = ["events:PutEvents"]
      resources = [local.arns.event_buses[each.key]]

      principals {
        type        = "AWS"
        identifiers = ["*"]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:PrincipalOrgID"
        values   = [statement.value.organization_id]
      }

      dynamic "condition" {
        for_each = length(statement.value.sources) > 0 ? [sort(statement.value.sources)] : []
        content {
          test     = "StringEquals"
          variable = "events:source"
          values   = condition.value
        }
      }
    }
  }
}

resource "aws_cloudwatch_event_bus_policy" "this" {
  for_each = var.event_buses

  event_bus_name = aws_cloudwatch_event_bus.this[each.key].name
  policy         = data.aws_iam_policy_document.event_bus[each.key].json
}

resource "aws_cloudwatch_event_archive" "this" {
  for_each = var.event_archives

  name             = "${local.prefix}-${each.key}"
  description      = each.value.description
  event_source_arn = each.value.bus == "default" ? local.arns.event_buses.default : aws_cloudwatch_event_bus.this[each.value.bus].arn
  retention_days   = each.value.retention_days
  event_pattern    = each.value.pattern == null ? null : jsonencode(jsondecode(each.value.pattern))
}

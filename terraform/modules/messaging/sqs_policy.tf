# Who may send: the topics that are subscribed, and whom the environment names. Nobody without TLS.

locals {
  # Topics of this layer that deliver into each queue, also as the dead-letter queue of a subscription.
  topics_into_queue = {
    for queue in keys(var.queues) : queue => sort(distinct(flatten([
      for topic_key, topic in var.topics : [
        for subscription in values(topic.subscriptions) : topic_key
        if subscription.queue == queue || subscription.dead_letter_queue == queue
      ]
    ])))
  }
}

data "aws_iam_policy_document" "queue" {
  for_each = var.queues

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.this[each.key].arn]

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
    for_each = length(local.topics_into_queue[each.key]) > 0 ? [local.topics_into_queue[each.key]] : []

    content {
      sid       = "SubscribedTopics"
      actions   = ["sqs:SendMessage"]
      resources = [aws_sqs_queue.this[each.key].arn]

      principals {
        type        = "Service"
        identifiers = ["sns.amazonaws.com"]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = [for topic in statement.value : aws_sns_topic.this[topic].arn]
      }
    }
  }

  # Rules with this queue as a target, rules and buses with it as their dead-letter queue.
  dynamic "statement" {
    for_each = length(local.events_into_queue[each.key]) > 0 ? [local.events_into_queue[each.key]] : []

    content {
      sid       = "Events"
      actions   = ["sqs:SendMessage"]
      resources = [aws_sqs_queue.this[each.key].arn]

      principals {
        type        = "Service"
        identifiers = ["events.amazonaws.com"]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = statement.value
      }
    }
  }

  dynamic "statement" {
    for_each = length(each.value.senders.services) > 0 ? [each.value.senders] : []

    content {
      sid       = "Services"
      actions   = ["sqs:SendMessage"]
      resources = [aws_sqs_queue.this[each.key].arn]

      principals {
        type        = "Service"
        identifiers = [for service in sort(statement.value.services) : "${service}.amazonaws.com"]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [var.account_id]
      }

      dynamic "condition" {
        for_each = length(statement.value.source_arns) > 0 ? [sort(statement.value.source_arns)] : []

        content {
          test     = "ArnLike"
          variable = "aws:SourceArn"
          values   = condition.value
        }
      }
    }
  }

  dynamic "statement" {
    for_each = length(each.value.senders.principals) > 0 ? [sort(each.value.senders.principals)] : []

    content {
      sid       = "Principals"
      actions   = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"]
      resources = [aws_sqs_queue.this[each.key].arn]

      principals {
        type        = "AWS"
        identifiers = statement.value
      }
    }
  }
}

resource "aws_sqs_queue_policy" "this" {
  for_each = var.queues

  queue_url = aws_sqs_queue.this[each.key].url
  policy    = data.aws_iam_policy_document.queue[each.key].json
}

data "aws_iam_policy_document" "dead_letter" {
  for_each = local.dead_letter_names

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.dead_letter[each.key].arn]

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
}

resource "aws_sqs_queue_policy" "dead_letter" {
  for_each = local.dead_letter_names

  queue_url = aws_sqs_queue.dead_letter[each.key].url
  policy    = data.aws_iam_policy_document.dead_letter[each.key].json
}

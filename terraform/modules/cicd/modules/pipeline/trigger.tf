# What starts the pipeline besides its connection: a new version of the source object, whose bucket has to send its events
# to EventBridge, and a schedule.
# https://docs.aws.amazon.com/codepipeline/latest/userguide/create-S3-source-events.html

locals {
  starts = merge(
    local.from_connection || var.settings.manual ? {} : {
      source = {
        description = "A new version of s3://${local.source.bucket}/${local.source.key} starts ${var.name}"
        schedule    = null
        pattern = jsonencode({
          source      = ["aws.s3"]
          detail-type = ["Object Created"]
          detail      = { bucket = { name = [local.source.bucket] }, object = { key = [local.source.key] } }
        })
      }
    },
    var.settings.schedule == null ? {} : {
      schedule = {
        description = "Starts ${var.name} by the clock"
        schedule    = var.settings.schedule
        pattern     = null
      }
    },
  )
}

resource "aws_cloudwatch_event_rule" "start" {
  for_each = local.starts

  name                = "${var.name}-${each.key}"
  description         = each.value.description
  event_pattern       = each.value.pattern
  schedule_expression = each.value.schedule
}

resource "aws_cloudwatch_event_target" "start" {
  for_each = local.starts

  rule     = aws_cloudwatch_event_rule.start[each.key].name
  arn      = aws_codepipeline.this.arn
  role_arn = aws_iam_role.start[each.key].arn
}

data "aws_iam_policy_document" "start_trust" {
  for_each = local.starts

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account.id]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = ["${local.arn_prefix}:events:${local.here}:rule/${var.name}-${each.key}"]
    }
  }
}

resource "aws_iam_role" "start" {
  for_each = local.starts

  name                 = "${var.name}-${each.key}"
  description          = "Starts the pipeline ${var.name}"
  assume_role_policy   = data.aws_iam_policy_document.start_trust[each.key].json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "start" {
  count = length(local.starts) > 0 ? 1 : 0

  statement {
    sid       = "StartPipeline"
    actions   = ["codepipeline:StartPipelineExecution"]
    resources = ["${local.arn_prefix}:codepipeline:${local.here}:${var.name}"]
  }
}

resource "aws_iam_role_policy" "start" {
  for_each = local.starts

  name   = "start"
  role   = aws_iam_role.start[each.key].id
  policy = data.aws_iam_policy_document.start[0].json
}

moved {
  from = aws_cloudwatch_event_rule.source[0]
  to   = aws_cloudwatch_event_rule.start["source"]
}

moved {
  from = aws_cloudwatch_event_target.source[0]
  to   = aws_cloudwatch_event_target.start["source"]
}

moved {
  from = aws_iam_role.source[0]
  to   = aws_iam_role.start["source"]
}

moved {
  from = aws_iam_role_policy.source[0]
  to   = aws_iam_role_policy.start["source"]
}

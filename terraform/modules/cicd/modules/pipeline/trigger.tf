# A new version of the source object starts the pipeline. The bucket has to send its events to EventBridge.
# https://docs.aws.amazon.com/codepipeline/latest/userguide/create-S3-source-events.html

locals {
  starts_by_event = !local.from_connection && !var.settings.manual
}

resource "aws_cloudwatch_event_rule" "source" {
  count = local.starts_by_event ? 1 : 0

  name        = "${var.name}-source"
  description = "A new version of s3://${local.source.bucket}/${local.source.key} starts ${var.name}"
  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail      = { bucket = { name = [local.source.bucket] }, object = { key = [local.source.key] } }
  })
}

resource "aws_cloudwatch_event_target" "source" {
  count = local.starts_by_event ? 1 : 0

  rule     = aws_cloudwatch_event_rule.source[0].name
  arn      = aws_codepipeline.this.arn
  role_arn = aws_iam_role.source[0].arn
}

data "aws_iam_policy_document" "source_trust" {
  count = local.starts_by_event ? 1 : 0

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
      values   = ["${local.arn_prefix}:events:${local.here}:rule/${var.name}-source"]
    }
  }
}

resource "aws_iam_role" "source" {
  count = local.starts_by_event ? 1 : 0

  name                 = "${var.name}-source"
  description          = "Starts the pipeline ${var.name}"
  assume_role_policy   = data.aws_iam_policy_document.source_trust[0].json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "source" {
  count = local.starts_by_event ? 1 : 0

  statement {
    sid       = "StartPipeline"
    actions   = ["codepipeline:StartPipelineExecution"]
    resources = ["${local.arn_prefix}:codepipeline:${local.here}:${var.name}"]
  }
}

resource "aws_iam_role_policy" "source" {
  count = local.starts_by_event ? 1 : 0

  name   = "start"
  role   = aws_iam_role.source[0].id
  policy = data.aws_iam_policy_document.source[0].json
}

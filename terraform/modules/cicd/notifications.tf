# One topic tells of pipelines, builds, deployments and stacks, and asks for approvals.

locals {
  has_stacks = length(var.stacks) + length(var.cdk_stacks) > 0
  has_topic  = local.needs_artifacts || local.has_stacks

  # What is told of each kind: the event's pattern, and a sentence made of its details.
  notices = { for key, notice in {
    pipelines = {
      wanted      = length(var.pipelines) > 0
      source      = "aws.codepipeline"
      detail_type = "CodePipeline Pipeline Execution State Change"
      detail      = { pipeline = [{ prefix = "${local.prefix}-" }], state = var.notifications.pipeline_states }
      paths       = { name = "$.detail.pipeline", state = "$.detail.state", id = "$.detail.execution-id" }
      text        = "Pipeline <name>: <state> (execution <id>)"
    }
    builds = {
      wanted      = length(local.projects) > 0
      source      = "aws.codebuild"
      detail_type = "CodeBuild Build State Change"
      detail      = { project-name = [{ prefix = "${local.prefix}-" }], build-status = var.notifications.build_states }
      paths       = { name = "$.detail.project-name", state = "$.detail.build-status", id = "$.detail.build-id" }
      text        = "Build of <name>: <state> (<id>)"
    }
    deployments = {
      wanted      = length(local.deployments) > 0
      source      = "aws.codedeploy"
      detail_type = "CodeDeploy Deployment State-change Notification"
      detail      = { application = [{ prefix = "${local.prefix}-" }], state = var.notifications.deployment_states }
      paths       = { name = "$.detail.application", state = "$.detail.state", id = "$.detail.deploymentId" }
      text        = "Deployment of <name>: <state> (<id>)"
    }
    stacks = {
      wanted      = local.has_stacks
      source      = "aws.cloudformation"
      detail_type = "CloudFormation Stack Status Change"
      detail = {
        stack-id       = [{ prefix = "${local.arn_prefix}:cloudformation:${local.here}:stack/${local.prefix}-" }]
        status-details = { status = var.notifications.stack_states }
      }
      paths = { name = "$.detail.stack-id", state = "$.detail.status-details.status", id = "$.detail.status-details.status-reason" }
      text  = "Stack <name>: <state> (<id>)"
    }
  } : key => notice if notice.wanted }
}

resource "aws_sns_topic" "events" {
  count = local.has_topic ? 1 : 0

  name              = "${local.prefix}-events"
  kms_master_key_id = var.messaging_kms_key_arn
  signature_version = 2
}

data "aws_iam_policy_document" "events" {
  count = local.has_topic ? 1 : 0

  # Pipelines and CloudFormation publish as roles of this account.
  statement {
    sid       = "AccountPublishes"
    actions   = ["sns:GetTopicAttributes", "sns:Publish", "sns:Subscribe"]
    resources = [aws_sns_topic.events[0].arn]

    principals {
      type        = "AWS"
      identifiers = ["${local.arn_prefix}:iam::${var.account_id}:root"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = [var.account_id]
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.events[0].arn]

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

  # EventBridge gives SNS no aws:SourceAccount; the rules' ARNs carry the account.
  statement {
    sid       = "Rules"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.events[0].arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["${local.arn_prefix}:events:${local.here}:rule/${local.prefix}-*"]
    }
  }
}

resource "aws_sns_topic_policy" "events" {
  count = local.has_topic ? 1 : 0

  arn    = aws_sns_topic.events[0].arn
  policy = data.aws_iam_policy_document.events[0].json
}

resource "aws_sns_topic_subscription" "email" {
  for_each = local.has_topic ? var.notifications.emails : toset([])

  topic_arn = aws_sns_topic.events[0].arn
  protocol  = "email"
  endpoint  = each.value
}

resource "aws_cloudwatch_event_rule" "notice" {
  for_each = local.notices

  name        = "${local.prefix}-${each.key}"
  description = "Tells of ${each.key} of ${var.name_prefix}"
  event_pattern = jsonencode({
    source      = [each.value.source]
    detail-type = [each.value.detail_type]
    detail      = each.value.detail
  })
}

resource "aws_cloudwatch_event_target" "notice" {
  for_each = local.notices

  rule = aws_cloudwatch_event_rule.notice[each.key].name
  arn  = aws_sns_topic.events[0].arn

  input_transformer {
    input_paths    = each.value.paths
    input_template = "\"${each.value.text}\"" # jsonencode would write <name> as \u003cname\u003e
  }
}

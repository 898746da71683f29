# Who acts in a workflow: EventBridge starts it, Step Functions runs it, services tell of their jobs and read for Comprehend.

locals {
  channel_role_arn    = "arn:${local.partition}:iam::${var.account_id}:role/${local.prefix}-channel"
  comprehend_role_arn = "arn:${local.partition}:iam::${var.account_id}:role/${local.prefix}-comprehend"

  # Textract and Rekognition know no resources for these; Comprehend's are its jobs.
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazontextract.html
  job_actions = {
    for name, workflow in var.workflows : name => distinct(concat(
      [for job in try(local.textract_jobs[name], []) : replace(job.start, ":start", ":Start")],
      [for job in try(local.textract_jobs[name], []) : replace(job.look, ":get", ":Get")],
      [for job in try(local.comprehend_jobs[name], []) : replace(job.start, ":start", ":Start")],
      [for job in try(local.comprehend_jobs[name], []) : replace(job.look, ":describe", ":Describe")],
      [for job in try(local.video_jobs[name], []) : replace(job.start, ":start", ":Start")],
      [for job in try(local.video_jobs[name], []) : replace(job.look, ":get", ":Get")],
      workflow.service == "rekognition" && workflow.media == "image" ? [
        for analysis in sort(workflow.analyses) : "rekognition:${upper(substr(local.image_operations[analysis].call, 0, 1))}${substr(local.image_operations[analysis].call, 1, -1)}"
      ] : [],
    ))
  }

  uses_channel    = anytrue([for workflow in values(var.workflows) : workflow.service == "textract" || (workflow.service == "rekognition" && workflow.media == "video")])
  comprehends     = { for name, workflow in var.workflows : name => workflow if workflow.service == "comprehend" }
  read_by_service = toset(["textract", "rekognition"])
}

data "aws_iam_policy_document" "workflow_trust" {
  for_each = var.workflows

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["states.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [local.state_machine_arns[each.key]]
    }
  }
}

resource "aws_iam_role" "workflow" {
  for_each = var.workflows

  name                 = "${local.prefix}-${each.key}"
  description          = "Runs the workflow ${each.key}"
  assume_role_policy   = data.aws_iam_policy_document.workflow_trust[each.key].json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "workflow" {
  for_each = var.workflows

  #checkov:skip=CKV_AWS_109:Log delivery to an encrypted group needs PutResourcePolicy, which knows no resource
  #checkov:skip=CKV_AWS_111:Jobs, log delivery and X-Ray know no resource; see the links
  #checkov:skip=CKV_AWS_356:Jobs, log delivery and X-Ray know no resource; see the links
  statement {
    sid       = "RunsJobs"
    actions   = local.job_actions[each.key]
    resources = each.value.service == "comprehend" ? ["arn:${local.partition}:comprehend:${local.here}:*"] : ["*"]
  }

  # Textract and Rekognition read with the caller's permissions; Comprehend has a role of its own.
  dynamic "statement" {
    for_each = contains(local.read_by_service, each.value.service) ? [true] : []

    content {
      sid       = "ReadsObjects"
      actions   = ["s3:GetObject", "s3:GetObjectVersion"]
      resources = ["${var.bucket_arns[each.value.bucket]}/${each.value.prefix}*"]
    }
  }

  dynamic "statement" {
    for_each = contains(local.read_by_service, each.value.service) ? [true] : []

    content {
      sid       = "DecryptsObjects"
      actions   = ["kms:Decrypt"]
      resources = [var.data_kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${var.region}.amazonaws.com"]
      }
    }
  }

  statement {
    sid       = "KeepsResults"
    actions   = ["s3:PutObject"]
    resources = ["${local.results_bucket_arn}/${each.key}/*"]
  }

  statement {
    sid       = "EncryptsResults"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for service in ["comprehend", "dynamodb", "rekognition", "s3", "textract"] : "${service}.${var.region}.amazonaws.com"]
    }
  }

  statement {
    sid       = "NotesResults"
    actions   = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
    resources = [aws_dynamodb_table.results[0].arn]
  }

  statement {
    sid       = "Tells"
    actions   = ["sns:Publish"]
    resources = [local.results_topic_arn]
  }

  statement {
    sid       = "EncryptsMessages"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.messaging_kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["sns.${var.region}.amazonaws.com"]
    }
  }

  # Step Functions encrypts executions and their log with its own contexts.
  # https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
  statement {
    sid       = "EncryptsExecutions"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.messaging_kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:aws:states:stateMachineArn"
      values   = [local.state_machine_arns[each.key]]
    }
  }

  statement {
    sid       = "EncryptsItsLog"
    actions   = ["kms:GenerateDataKey"]
    resources = [var.messaging_kms_key_arn]

    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:SourceArn"
      values   = ["arn:${local.partition}:logs:${local.here}:*"]
    }
  }

  dynamic "statement" {
    for_each = each.value.service == "comprehend" ? { comprehend = local.comprehend_role_arn } : (
      each.value.service == "textract" || each.value.media == "video" ? { (each.value.service) = local.channel_role_arn } : {}
    )

    content {
      sid       = "PassesRole"
      actions   = ["iam:PassRole"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "iam:PassedToService"
        values   = ["${statement.key}.amazonaws.com"]
      }
    }
  }

  # https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
  statement {
    sid = "DeliversLogs"
    actions = [
      "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
    ]
    resources = ["*"]
  }

  # https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html
  statement {
    sid       = "Traces"
    actions   = ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "workflow" {
  for_each = var.workflows

  name   = "workflow"
  role   = aws_iam_role.workflow[each.key].id
  policy = data.aws_iam_policy_document.workflow[each.key].json
}

data "aws_iam_policy_document" "starter_trust" {
  for_each = var.workflows

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.rule_arns[each.key]]
    }
  }
}

resource "aws_iam_role" "starter" {
  for_each = var.workflows

  name                 = "${local.prefix}-${each.key}-starter"
  description          = "Starts the workflow ${each.key}"
  assume_role_policy   = data.aws_iam_policy_document.starter_trust[each.key].json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "starter" {
  for_each = var.workflows

  statement {
    sid       = "StartsTheWorkflow"
    actions   = ["states:StartExecution"]
    resources = [local.state_machine_arns[each.key]]
  }
}

resource "aws_iam_role_policy" "starter" {
  for_each = var.workflows

  name   = "start"
  role   = aws_iam_role.starter[each.key].id
  policy = data.aws_iam_policy_document.starter[each.key].json
}

# Textract's and Rekognition's way to the topic of jobs.
# https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
data "aws_iam_policy_document" "channel_trust" {
  count = local.uses_channel ? 1 : 0

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["rekognition.amazonaws.com", "textract.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:rekognition:${local.here}:*", "arn:${local.partition}:textract:${local.here}:*"]
    }
  }
}

resource "aws_iam_role" "channel" {
  count = local.uses_channel ? 1 : 0

  name                 = "${local.prefix}-channel"
  description          = "Lets Textract and Rekognition tell of their jobs"
  assume_role_policy   = data.aws_iam_policy_document.channel_trust[0].json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "channel" {
  count = local.uses_channel ? 1 : 0

  statement {
    sid       = "TellsOfJobs"
    actions   = ["sns:Publish"]
    resources = [local.jobs_topic_arn]
  }

  statement {
    sid       = "EncryptsMessages"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.messaging_kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["sns.${var.region}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "channel" {
  count = local.uses_channel ? 1 : 0

  name   = "publish"
  role   = aws_iam_role.channel[0].id
  policy = data.aws_iam_policy_document.channel[0].json
}

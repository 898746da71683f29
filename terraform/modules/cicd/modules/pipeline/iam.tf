# What the pipeline may do: exactly what its actions need.
# https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html

locals {
  arn_prefix = "arn:${var.account.partition}"
  here       = "${var.account.region}:${var.account.id}"

  used_projects     = sort(distinct([for action in local.actions : action.project if contains(["build", "test"], action.type)]))
  used_ecs_services = sort(distinct([for action in local.actions : action.service if action.type == "deploy_ecs"]))
  used_functions    = sort(distinct([for action in local.actions : action.service if action.type == "deploy_lambda"]))
  used_stacks       = sort(distinct([for action in local.actions : action.stack if action.type == "cloudformation"]))
  used_stack_roles  = sort(distinct([for action in local.actions : action.deploy_role_arn if action.type == "cloudformation"]))
  asks_for_approval = anytrue([for action in local.actions : action.type == "approval"])
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["codepipeline.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account.id]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = ["${local.arn_prefix}:codepipeline:${local.here}:${var.name}"]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-pipeline"
  description          = "The pipeline ${var.name}"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "Artifacts"
    actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    resources = ["${var.bucket.arn}/*"]
  }

  statement {
    sid       = "ArtifactBucket"
    actions   = ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"]
    resources = [var.bucket.arn]
  }

  statement {
    sid       = "ArtifactKey"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = [var.kms_key_arn]
  }

  dynamic "statement" {
    for_each = local.from_connection ? [var.connection_arn] : []

    content {
      sid       = "SourceConnection"
      actions   = ["codestar-connections:UseConnection", "codeconnections:UseConnection"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = local.from_connection ? [] : [local.source]

    content {
      sid       = "SourceObject"
      actions   = ["s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionTagging"]
      resources = ["${local.arn_prefix}:s3:::${statement.value.bucket}/${statement.value.key}"]
    }
  }

  dynamic "statement" {
    for_each = local.from_connection ? [] : [local.source]

    content {
      sid       = "SourceBucket"
      actions   = ["s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:ListBucket"]
      resources = ["${local.arn_prefix}:s3:::${statement.value.bucket}"]
    }
  }

  dynamic "statement" {
    for_each = length(local.used_projects) > 0 ? [local.used_projects] : []

    content {
      sid       = "Builds"
      actions   = ["codebuild:BatchGetBuilds", "codebuild:StartBuild", "codebuild:StopBuild"]
      resources = [for project in statement.value : var.projects[project].arn]
    }
  }

  dynamic "statement" {
    for_each = local.asks_for_approval ? [var.topic_arn] : []

    content {
      sid       = "AskForApproval"
      actions   = ["sns:Publish"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = local.asks_for_approval ? [var.messaging_kms_key_arn] : []

    content {
      sid       = "TopicKey"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["sns.${var.account.region}.amazonaws.com"]
      }
    }
  }

  dynamic "statement" {
    for_each = length(local.used_ecs_services) > 0 ? [[for service in local.used_ecs_services : var.deployments[service]]] : []

    content {
      sid = "Deployments"
      actions = [
        "codedeploy:CreateDeployment",
        "codedeploy:GetApplication",
        "codedeploy:GetApplicationRevision",
        "codedeploy:GetDeployment",
        "codedeploy:GetDeploymentConfig",
        "codedeploy:RegisterApplicationRevision",
      ]
      resources = distinct(flatten([for deployment in statement.value : [
        "${local.arn_prefix}:codedeploy:${local.here}:application:${deployment.application}",
        "${local.arn_prefix}:codedeploy:${local.here}:deploymentgroup:${deployment.application}/${deployment.group}",
        "${local.arn_prefix}:codedeploy:${local.here}:deploymentconfig:${deployment.configuration}",
      ]]))
    }
  }

  dynamic "statement" {
    for_each = length(local.used_ecs_services) > 0 ? [true] : []

    content {
      sid       = "NewTaskDefinitions"
      actions   = ["ecs:RegisterTaskDefinition", "ecs:TagResource"]
      resources = [for service in local.used_ecs_services : "${local.arn_prefix}:ecs:${local.here}:task-definition/${var.function_prefix}${service}:*"]
    }
  }

  dynamic "statement" {
    for_each = length(local.used_ecs_services) > 0 ? [flatten([for service in local.used_ecs_services : var.pass_role_arns[service]])] : []

    content {
      sid       = "TaskRoles"
      actions   = ["iam:PassRole"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "iam:PassedToService"
        values   = ["ecs-tasks.amazonaws.com"]
      }
    }
  }

  # https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-LambdaDeploy.html
  dynamic "statement" {
    for_each = length(local.used_functions) > 0 ? [local.used_functions] : []

    content {
      sid = "Functions"
      actions = [
        "lambda:GetAlias",
        "lambda:GetFunctionConfiguration",
        "lambda:GetProvisionedConcurrencyConfig",
        "lambda:PublishVersion",
        "lambda:UpdateAlias",
        "lambda:UpdateFunctionCode",
      ]
      resources = flatten([for service in statement.value : [
        "${local.arn_prefix}:lambda:${local.here}:function:${var.function_prefix}${service}",
        "${local.arn_prefix}:lambda:${local.here}:function:${var.function_prefix}${service}:*",
      ]])
    }
  }

  # It looks at the alarms that stop a deployment.
  dynamic "statement" {
    for_each = length(local.used_functions) > 0 ? [true] : []

    content {
      sid       = "Alarms"
      actions   = ["cloudwatch:DescribeAlarms"]
      resources = ["${local.arn_prefix}:cloudwatch:${local.here}:alarm:*"]
    }
  }

  dynamic "statement" {
    for_each = length(local.used_stacks) > 0 ? [local.used_stacks] : []

    content {
      sid = "Stacks"
      actions = [
        "cloudformation:CreateStack",
        "cloudformation:DeleteStack",
        "cloudformation:DescribeStackEvents",
        "cloudformation:DescribeStackResources",
        "cloudformation:DescribeStacks",
        "cloudformation:GetTemplate",
        "cloudformation:UpdateStack",
      ]
      resources = [for stack in statement.value : "${local.arn_prefix}:cloudformation:${local.here}:stack/${var.stack_prefix}${stack}/*"]
    }
  }

  dynamic "statement" {
    for_each = length(local.used_stack_roles) > 0 ? [local.used_stack_roles] : []

    content {
      sid       = "StackRoles"
      actions   = ["iam:PassRole"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "iam:PassedToService"
        values   = ["cloudformation.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "pipeline"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}

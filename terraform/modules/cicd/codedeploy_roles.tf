# One role a service: it moves that service's traffic and no other's.
# https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html

locals {
  arn_prefix = "arn:${data.aws_partition.current.partition}"
  here       = "${var.region}:${var.account_id}"

  # Roles that a new task definition is given; by the compute layer's convention where it does not name them.
  task_roles = {
    for name, deployment in local.deployments : name => coalescelist(
      compact([try(var.task_role_arns[name], null), try(var.execution_role_arns[name], null)]),
      ["${local.arn_prefix}:iam::${var.account_id}:role/${local.compute_prefix}${name}-*"],
    ) if deployment.platform == "ECS"
  }
}

data "aws_iam_policy_document" "deployment_trust" {
  for_each = local.deployments

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["codedeploy.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["${local.arn_prefix}:codedeploy:${local.here}:deploymentgroup:${local.prefix}-${each.key}/${local.prefix}-${each.key}"]
    }
  }
}

resource "aws_iam_role" "deployment" {
  for_each = local.deployments

  name                 = "${local.prefix}-${each.key}-deploy"
  description          = "CodeDeploy's deployments of ${each.key}"
  assume_role_policy   = data.aws_iam_policy_document.deployment_trust[each.key].json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "deployment" {
  for_each = local.deployments

  statement {
    sid       = "Revisions"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["${local.artifacts.arn}/*"]
  }

  statement {
    sid       = "RevisionKey"
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]
  }

  statement {
    sid       = "WatchAlarms"
    actions   = ["cloudwatch:DescribeAlarms"]
    resources = ["${local.arn_prefix}:cloudwatch:${local.here}:alarm:*"] # asked for by name, answered for all
  }

  dynamic "statement" {
    for_each = length(each.value.hook_function_arns) > 0 ? [sort(each.value.hook_function_arns)] : []

    content {
      sid       = "Hooks"
      actions   = ["lambda:InvokeFunction"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = each.value.platform == "Lambda" ? ["${local.arn_prefix}:lambda:${local.here}:function:${local.compute_prefix}${each.key}"] : []

    content {
      sid       = "MoveAlias"
      actions   = ["lambda:GetAlias", "lambda:GetFunction", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"]
      resources = [statement.value, "${statement.value}:*"]
    }
  }

  dynamic "statement" {
    for_each = each.value.platform == "ECS" ? [true] : []

    content {
      sid     = "ReplaceTasks"
      actions = ["ecs:CreateTaskSet", "ecs:DeleteTaskSet", "ecs:DescribeServices", "ecs:UpdateServicePrimaryTaskSet"]
      resources = [
        "${local.arn_prefix}:ecs:${local.here}:service/*/${try(var.ecs_service_names[each.key], "${local.compute_prefix}${each.key}")}",
        "${local.arn_prefix}:ecs:${local.here}:task-set/*/${try(var.ecs_service_names[each.key], "${local.compute_prefix}${each.key}")}/*",
      ]
    }
  }

  dynamic "statement" {
    for_each = each.value.platform == "ECS" ? [true] : []

    content {
      sid = "LookAtLoadBalancer"
      actions = [
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
      ]
      resources = ["*"] # Elastic Load Balancing has no resources for describing
    }
  }

  dynamic "statement" {
    for_each = each.value.platform == "ECS" ? [compact([var.alb_listener_arn, var.alb_test_listener_arn])] : []

    content {
      sid     = "MoveTraffic"
      actions = ["elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule"]
      resources = concat(
        statement.value,
        [for arn in statement.value : "${replace(arn, ":listener/", ":listener-rule/")}/*"],
      )
    }
  }

  dynamic "statement" {
    for_each = each.value.platform == "ECS" ? [local.task_roles[each.key]] : []

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
}

resource "aws_iam_role_policy" "deployment" {
  for_each = local.deployments

  name   = "deploy"
  role   = aws_iam_role.deployment[each.key].id
  policy = data.aws_iam_policy_document.deployment[each.key].json
}

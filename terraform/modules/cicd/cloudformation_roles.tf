# Roles that CloudFormation works with, for stacks that say what theirs may do.

locals {
  stack_roles = { for name, stack in var.stacks : name => stack.permissions if length(stack.permissions) > 0 }
}

data "aws_iam_policy_document" "stack_trust" {
  for_each = local.stack_roles

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["cloudformation.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["${local.arn_prefix}:cloudformation:${local.here}:stack/${local.prefix}-${each.key}/*"]
    }
  }
}

resource "aws_iam_role" "stack" {
  for_each = local.stack_roles

  name                 = "${local.prefix}-${each.key}-stack"
  description          = "CloudFormation's role for the stack ${each.key}"
  assume_role_policy   = data.aws_iam_policy_document.stack_trust[each.key].json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "stack" {
  for_each = local.stack_roles

  dynamic "statement" {
    for_each = each.value

    content {
      actions   = statement.value.actions
      resources = statement.value.resources
    }
  }
}

resource "aws_iam_role_policy" "stack" {
  for_each = local.stack_roles

  name   = "stack"
  role   = aws_iam_role.stack[each.key].id
  policy = data.aws_iam_policy_document.stack[each.key].json
}

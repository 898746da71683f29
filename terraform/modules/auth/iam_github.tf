# GitHub Actions of one repository: a role that reads for plans, and one that applies.
# https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws

locals {
  github_host         = "token.actions.githubusercontent.com"
  github_provider_arn = "${local.iam_arn}:oidc-provider/${local.github_host}"
  managed_policy_arn  = "arn:${data.aws_partition.current.partition}:iam::aws:policy"

  # Repositories made or renamed since July 2026 have immutable subjects, ORG@ID/REPO@ID: a name that somebody takes over is another subject.
  # https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens/
  github_repository = (
    try(var.github.repository_id, null) == null ? try(var.github.repository, "")
    : format("%s@%s/%s@%s", split("/", var.github.repository)[0], var.github.owner_id, split("/", var.github.repository)[1], var.github.repository_id)
  )

  # Which GitHub environment's jobs may assume which role: the environment's own protection rules then decide who deploys.
  github_subjects = var.github == null ? {} : {
    plan  = "repo:${local.github_repository}:environment:${coalesce(var.github.plan_environment, var.environment_name)}"
    apply = "repo:${local.github_repository}:environment:${coalesce(var.github.environment, var.environment_name)}"
  }
  # Roles of the layer cicd's builds that take them, too.
  build_arns = {
    plan  = ["${local.iam_arn}:role/${var.name_prefix}-cicd-plan-build", "${local.iam_arn}:role/${var.name_prefix}-cicd-drift-build"]
    apply = ["${local.iam_arn}:role/${var.name_prefix}-cicd-apply-build"]
  }
  state_objects = try(var.github.state_bucket, null) == null ? [] : ["arn:${data.aws_partition.current.partition}:s3:::${var.github.state_bucket}/*"]

  readable_objects = var.github == null ? [] : concat(local.state_objects, sort(var.github.readable_objects))

  # Six characters that AWS adds follow a secret's name.
  written_secret_arns = [
    for name in coalescelist(keys(local.written_secrets), ["none"]) :
    "arn:${data.aws_partition.current.partition}:secretsmanager:${var.region}:${var.account_id}:secret:${var.name_prefix}-auth-${name}-??????"
  ]
}

resource "aws_iam_openid_connect_provider" "github" {
  count = try(var.github.create_provider, false) ? 1 : 0

  url            = "https://${local.github_host}"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "github_trust" {
  for_each = local.github_subjects

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.github_provider_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.github_host}:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.github_host}:sub"
      values   = [each.value]
    }
  }

  # By condition, not as principals: AWS refuses a principal that does not exist yet, and the layer cicd comes later.
  dynamic "statement" {
    for_each = var.github.builds ? [local.build_arns[each.key]] : []

    content {
      sid     = "Builds"
      actions = ["sts:AssumeRole"]

      principals {
        type        = "AWS"
        identifiers = ["${local.iam_arn}:root"]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:PrincipalArn"
        values   = statement.value
      }
    }
  }
}

resource "aws_iam_role" "github" {
  for_each = local.github_subjects

  name                 = "${var.name_prefix}-auth-github-${each.key}"
  description          = "GitHub Actions that ${each.key} ${var.environment_name}"
  assume_role_policy   = data.aws_iam_policy_document.github_trust[each.key].json
  max_session_duration = var.github.max_session_hours * 3600
  permissions_boundary = aws_iam_policy.boundary.arn

  depends_on = [aws_iam_openid_connect_provider.github]
}

# Terraform reads settings to plan, never what customers put into the services.
resource "aws_iam_role_policy_attachment" "github_plan" {
  count = var.github == null ? 0 : 1

  role       = aws_iam_role.github["plan"].name
  policy_arn = "${local.managed_policy_arn}/ReadOnlyAccess"
}

data "aws_iam_policy_document" "github_plan" {
  count = var.github == null ? 0 : 1

  statement {
    sid    = "NoData"
    effect = "Deny"
    actions = [
      "athena:GetQueryResults",
      "cognito-idp:ListUsers",
      "cognito-idp:AdminGetUser",
      "dynamodb:BatchGetItem",
      "dynamodb:GetItem",
      "dynamodb:GetRecords",
      "dynamodb:PartiQL*",
      "dynamodb:Query",
      "dynamodb:Scan",
      "kinesis:GetRecords",
      "lambda:InvokeFunction",
      "logs:FilterLogEvents",
      "logs:GetLogEvents",
      "logs:StartQuery",
      "rds-data:*",
      "sqs:ReceiveMessage",
      "ssm:GetParameterHistory",
    ]
    resources = ["*"]
  }

  # To see whether a version of a secret is still there, Terraform gets it; so only those that it has written.
  statement {
    sid           = "NoSecretsButWrittenOnes"
    effect        = "Deny"
    actions       = ["secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue"]
    not_resources = local.written_secret_arns
  }

  dynamic "statement" {
    for_each = length(local.written_secrets) > 0 ? [local.written_secret_arns] : []

    content {
      sid       = "WrittenSecrets"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(local.written_secrets) > 0 ? [true] : []

    content {
      sid       = "KeyOfWrittenSecrets"
      actions   = ["kms:Decrypt"]
      resources = [var.kms_key_arn]

      condition {
        test     = "StringLike"
        variable = "kms:EncryptionContext:SecretARN"
        values   = local.written_secret_arns
      }
    }
  }

  statement {
    sid           = "NoObjectsButStates"
    effect        = "Deny"
    actions       = ["s3:GetObject", "s3:GetObjectVersion"]
    not_resources = coalescelist(local.readable_objects, ["arn:${data.aws_partition.current.partition}:s3:::none/*"])
  }

  dynamic "statement" {
    for_each = length(local.state_objects) > 0 ? [true] : []

    content {
      sid       = "LocksOfStates"
      actions   = ["s3:DeleteObject", "s3:PutObject"]
      resources = [for objects in local.state_objects : "${objects}.tflock"]
    }
  }

  dynamic "statement" {
    for_each = try(var.github.state_kms_key_arn, null) == null ? [] : [var.github.state_kms_key_arn]

    content {
      sid       = "KeyOfStates"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${var.region}.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role_policy" "github_plan" {
  count = var.github == null ? 0 : 1

  name   = "plan"
  role   = aws_iam_role.github["plan"].id
  policy = data.aws_iam_policy_document.github_plan[0].json
}

resource "aws_iam_role_policy_attachment" "github_apply" {
  for_each = var.github == null ? toset([]) : toset(["IAMReadOnlyAccess", "PowerUserAccess"])

  role       = aws_iam_role.github["apply"].name
  policy_arn = "${local.managed_policy_arn}/${each.key}"
}

# All of AWS but IAM; of IAM, only roles of this platform, and only below its boundary.
data "aws_iam_policy_document" "github_apply" {
  count = var.github == null ? 0 : 1

  statement {
    sid = "RolesBelowTheBoundary"
    actions = [
      "iam:AttachRolePolicy",
      "iam:CreateRole",
      "iam:DeleteRolePolicy",
      "iam:DetachRolePolicy",
      "iam:PutRolePermissionsBoundary",
      "iam:PutRolePolicy",
    ]
    resources = ["${local.iam_arn}:role/${var.name_prefix}-*"]

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [local.boundary_arn]
    }
  }

  statement {
    sid = "RestOfRolesAndPolicies"
    actions = [
      "iam:AddRoleToInstanceProfile",
      "iam:CreateInstanceProfile",
      "iam:CreatePolicy",
      "iam:CreatePolicyVersion",
      "iam:DeleteInstanceProfile",
      "iam:DeletePolicy",
      "iam:DeletePolicyVersion",
      "iam:DeleteRole",
      "iam:PassRole",
      "iam:RemoveRoleFromInstanceProfile",
      "iam:Tag*",
      "iam:Untag*",
      "iam:UpdateRole",
      "iam:UpdateRoleDescription",
    ]
    resources = [
      "${local.iam_arn}:instance-profile/${var.name_prefix}-*",
      "${local.iam_arn}:policy/${var.name_prefix}-*",
      "${local.iam_arn}:role/${var.name_prefix}-*",
    ]
  }

  statement {
    sid       = "TrustOfRoles"
    actions   = ["iam:UpdateAssumeRolePolicy"]
    resources = ["${local.iam_arn}:role/${var.name_prefix}-*"]
  }

  statement {
    sid     = "OidcProviders"
    actions = ["iam:*OpenIDConnectProvider*"]
    resources = [
      "${local.iam_arn}:oidc-provider/oidc.eks.${var.region}.amazonaws.com/*",
    ]
  }

  statement {
    sid       = "RolesThatAwsServicesKeep"
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["${local.iam_arn}:role/aws-service-role/*"]
  }

  # What limits this role, and who may assume it, is changed by people.
  statement {
    sid    = "NotItself"
    effect = "Deny"
    actions = [
      "iam:CreatePolicyVersion",
      "iam:Delete*",
      "iam:Put*",
      "iam:Attach*",
      "iam:Detach*",
      "iam:SetDefaultPolicyVersion",
      "iam:UpdateAssumeRolePolicy",
    ]
    resources = [
      local.boundary_arn,
      "${local.iam_arn}:role/${var.name_prefix}-auth-github-*",
      local.github_provider_arn,
    ]
  }
}

resource "aws_iam_role_policy" "github_apply" {
  count = var.github == null ? 0 : 1

  name   = "apply"
  role   = aws_iam_role.github["apply"].id
  policy = data.aws_iam_policy_document.github_apply[0].json
}

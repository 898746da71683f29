# What deploys this environment: a role that reads for plans, and one that applies. GitHub Actions of one repository assume
# them, and builds of the cicd layer.

locals {
  managed_policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy"
  bucket_arn         = "arn:${data.aws_partition.current.partition}:s3:::"
  secret_arn         = "arn:${data.aws_partition.current.partition}:secretsmanager:${var.region}:${var.account_id}:secret:"

  # Who may assume which role; none: there is no such role.
  build_roles  = var.deploy.builds ? { for kind in ["plan", "apply"] : kind => "${local.iam_arn}:role/${var.name_prefix}-cicd-${kind}-build" } : {}
  deploy_kinds = setunion(keys(local.github_subjects), keys(local.build_roles))

  state_objects = var.deploy.state_bucket == null ? [] : ["${local.bucket_arn}${var.deploy.state_bucket}/*"]

  # Refreshing an object asks for it: the scripts of canaries, and CloudFormation templates with their assets.
  readable_objects = concat(
    local.state_objects,
    [
      "${local.bucket_arn}${var.name_prefix}-observability-canaries-${var.account_id}/scripts/*",
      "${local.bucket_arn}${var.name_prefix}-cicd-cdk-assets-${var.account_id}/*",
    ],
    sort(var.deploy.readable_objects),
  )

  # Six characters that AWS adds follow a secret's name. Terraform writes those that have a version, and the passwords of
  # databases' users where AWS doesn't manage them.
  written_secret_arns = concat(
    [for name in keys(local.written_secrets) : "${local.secret_arn}${var.name_prefix}-auth-${name}-??????"],
    [for kind in ["master", "proxy-*"] : "${local.secret_arn}${var.name_prefix}-data-*-${kind}-??????"],
  )

  # By alias, for their ids aren't known here.
  keys_of_readable = {
    Objects = { aliases = ["alias/${var.name_prefix}-security-logs", "alias/${var.name_prefix}-security-cicd"], service = "s3" }
    Secrets = { aliases = ["alias/${var.name_prefix}-security-secrets"], service = "secretsmanager" }
  }
}

data "aws_iam_policy_document" "deploy_trust" {
  for_each = local.deploy_kinds

  dynamic "statement" {
    for_each = contains(keys(local.github_subjects), each.key) ? [local.github_subjects[each.key]] : []

    content {
      sid     = "GitHubActions"
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
        values   = [statement.value]
      }
    }
  }

  # The build's role is made after this one, and IAM refuses a principal that isn't there: so the account, if it is that role.
  dynamic "statement" {
    for_each = contains(keys(local.build_roles), each.key) ? [local.build_roles[each.key]] : []

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
        values   = [statement.value]
      }
    }
  }
}

resource "aws_iam_role" "deploy" {
  #checkov:skip=CKV_AWS_61:The account stands there with a condition on aws:PrincipalArn: one build's role, which is not there yet
  for_each = local.deploy_kinds

  name                 = "${var.name_prefix}-auth-deploy-${each.key}"
  description          = "What may ${each.key} ${var.environment_name}"
  assume_role_policy   = data.aws_iam_policy_document.deploy_trust[each.key].json
  max_session_duration = var.deploy.max_session_hours * 3600
  permissions_boundary = aws_iam_policy.boundary.arn

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy_attachment" "deploy_plan" {
  count = length(local.deploy_kinds) > 0 ? 1 : 0

  role       = aws_iam_role.deploy["plan"].name
  policy_arn = "${local.managed_policy_arn}/ReadOnlyAccess"
}

data "aws_iam_policy_document" "deploy_plan" {
  count = length(local.deploy_kinds) > 0 ? 1 : 0

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

  statement {
    sid       = "WrittenSecrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = local.written_secret_arns
  }

  # A password that is made anew when applying is drawn when planning, too, and thrown away.
  statement {
    sid       = "RandomPasswords"
    actions   = ["secretsmanager:GetRandomPassword"]
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = local.keys_of_readable

    content {
      sid       = "KeysOf${statement.key}"
      actions   = ["kms:Decrypt"]
      resources = ["arn:${data.aws_partition.current.partition}:kms:${var.region}:${var.account_id}:key/*"]

      condition {
        test     = "ForAnyValue:StringEquals"
        variable = "kms:ResourceAliases"
        values   = statement.value.aliases
      }

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["${statement.value.service}.${var.region}.amazonaws.com"]
      }
    }
  }

  statement {
    sid           = "NoObjectsButTerraformsOwn"
    effect        = "Deny"
    actions       = ["s3:GetObject", "s3:GetObjectVersion"]
    not_resources = local.readable_objects
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
    for_each = var.deploy.state_kms_key_arn == null ? [] : [var.deploy.state_kms_key_arn]

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

resource "aws_iam_role_policy" "deploy_plan" {
  count = length(local.deploy_kinds) > 0 ? 1 : 0

  name   = "plan"
  role   = aws_iam_role.deploy["plan"].id
  policy = data.aws_iam_policy_document.deploy_plan[0].json
}

resource "aws_iam_role_policy_attachment" "deploy_apply" {
  for_each = length(local.deploy_kinds) == 0 ? toset([]) : toset(["IAMReadOnlyAccess", "PowerUserAccess"])

  role       = aws_iam_role.deploy["apply"].name
  policy_arn = "${local.managed_policy_arn}/${each.key}"
}

# All of AWS but IAM; of IAM, only roles of this platform, and only below its boundary.
data "aws_iam_policy_document" "deploy_apply" {
  count = length(local.deploy_kinds) > 0 ? 1 : 0

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
      "${local.iam_arn}:role/${var.name_prefix}-auth-deploy-*",
      local.github_provider_arn,
    ]
  }
}

resource "aws_iam_role_policy" "deploy_apply" {
  count = length(local.deploy_kinds) > 0 ? 1 : 0

  name   = "apply"
  role   = aws_iam_role.deploy["apply"].id
  policy = data.aws_iam_policy_document.deploy_apply[0].json
}

# The most that any role of the platform can do. A boundary grants nothing: a role may do what both its own policies
# and this allow. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html

data "aws_partition" "current" {}

locals {
  iam_arn      = "arn:${data.aws_partition.current.partition}:iam::${var.account_id}"
  boundary_arn = "${local.iam_arn}:policy/${var.name_prefix}-auth-boundary"

  # Roles that deploy: they may write IAM, below this boundary and for the platform's own roles, and no other role may.
  deployer_arns = [for role in sort(var.boundary.deployer_roles) : "${local.iam_arn}:role/${var.name_prefix}-${role}"]

  # Each of these turns a role into another, or lets it write its own permissions.
  escalating_actions = [
    "iam:Add*",
    "iam:Attach*",
    "iam:ChangePassword",
    "iam:Create*",
    "iam:Deactivate*",
    "iam:Delete*",
    "iam:Detach*",
    "iam:Enable*",
    "iam:Put*",
    "iam:Remove*",
    "iam:Resync*",
    "iam:Set*",
    "iam:Tag*",
    "iam:Untag*",
    "iam:Update*",
    "iam:Upload*",
    "sts:GetFederationToken",
  ]

  # Permissions that outlive a pipeline's run, or lie outside roles; not even deployers need them.
  lasting_access_actions = [
    "iam:*AccessKey*",
    "iam:*Group",
    "iam:*GroupPolicy",
    "iam:*LoginProfile",
    "iam:*MFADevice",
    "iam:*SSHPublicKey",
    "iam:*ServiceSpecificCredential",
    "iam:*SigningCertificate",
    "iam:AttachUserPolicy",
    "iam:CreateUser",
    "iam:DeleteRolePermissionsBoundary",
    "iam:*UserPermissionsBoundary",
    "iam:PutUserPolicy",
    "iam:UpdateUser",
  ]

  # They have no region, or answer from us-east-1 wherever they are called.
  global_services = [
    "budgets:*", "ce:*", "cloudfront:*", "globalaccelerator:*", "health:*", "iam:*", "route53:*",
    "s3:GetAccountPublicAccessBlock", "s3:ListAllMyBuckets", "shield:*", "sts:*", "support:*", "waf:*", "wafv2:*",
  ]
}

data "aws_iam_policy_document" "boundary" {
  #checkov:skip=CKV_AWS_1:A boundary grants nothing; it is the upper limit of what roles' own policies grant
  #checkov:skip=CKV_AWS_49:A boundary grants nothing; it is the upper limit of what roles' own policies grant
  #checkov:skip=CKV_AWS_107:A boundary grants nothing; it is the upper limit of what roles' own policies grant
  #checkov:skip=CKV_AWS_108:A boundary grants nothing; it is the upper limit of what roles' own policies grant
  #checkov:skip=CKV_AWS_109:A boundary grants nothing; it is the upper limit of what roles' own policies grant
  #checkov:skip=CKV_AWS_110:A boundary grants nothing; it is the upper limit of what roles' own policies grant
  #checkov:skip=CKV_AWS_111:A boundary grants nothing; it is the upper limit of what roles' own policies grant
  #checkov:skip=CKV_AWS_356:A boundary grants nothing; it is the upper limit of what roles' own policies grant
  statement {
    sid       = "NoMoreThanRolesOwnPolicies"
    actions   = ["*"]
    resources = ["*"]
  }

  statement {
    sid       = "NoWayToMorePermissions"
    effect    = "Deny"
    actions   = local.escalating_actions
    resources = ["*"]

    condition {
      test     = "ArnNotLike"
      variable = "aws:PrincipalArn"
      values   = local.deployer_arns
    }
  }

  # A deployer can't make a role that can do more than itself: the new one is below this boundary, too.
  statement {
    sid    = "NoRoleWithoutThisBoundary"
    effect = "Deny"
    actions = [
      "iam:AttachRolePolicy",
      "iam:CreateRole",
      "iam:PutRolePermissionsBoundary",
      "iam:PutRolePolicy",
    ]
    resources = ["*"]

    condition {
      test     = "StringNotEquals"
      variable = "iam:PermissionsBoundary"
      values   = [local.boundary_arn]
    }
  }

  statement {
    sid       = "NoUsersKeysOrRemovedBoundaries"
    effect    = "Deny"
    actions   = local.lasting_access_actions
    resources = ["*"]
  }

  # What limits the platform, and who may deploy it, is changed by people.
  statement {
    sid    = "NoChangeOfThisBoundaryOrOfDeployers"
    effect = "Deny"
    actions = [
      "iam:Attach*",
      "iam:CreateOpenIDConnectProvider",
      "iam:CreatePolicyVersion",
      "iam:Delete*",
      "iam:Detach*",
      "iam:Put*",
      "iam:SetDefaultPolicyVersion",
      "iam:UpdateAssumeRolePolicy",
      "iam:UpdateOpenIDConnectProviderThumbprint",
    ]
    resources = [
      local.boundary_arn,
      local.github_provider_arn,
      "${local.iam_arn}:role/${var.name_prefix}-auth-deploy-*",
    ]
  }

  # AWS services make their own roles; which ones, is AWS's list.
  statement {
    sid    = "NoRolesOutsideThePlatform"
    effect = "Deny"
    actions = [
      "iam:AttachRolePolicy",
      "iam:CreateRole",
      "iam:DeleteRole",
      "iam:DeleteRolePolicy",
      "iam:DetachRolePolicy",
      "iam:PassRole",
      "iam:PutRolePolicy",
      "iam:UpdateAssumeRolePolicy",
      "sts:AssumeRole",
    ]
    not_resources = concat([
      "${local.iam_arn}:role/${var.name_prefix}-*",
      "${local.iam_arn}:role/aws-service-role/*",
    ], sort(var.boundary.assumable_roles))
  }

  statement {
    sid    = "NoChangeOfAccountOrOrganization"
    effect = "Deny"
    actions = [
      "account:*",
      "aws-portal:*",
      "billing:*",
      "iam:*AccountAlias",
      "organizations:*",
      "payments:*",
    ]
    resources = ["*"]
  }

  statement {
    sid    = "NoBlindfold"
    effect = "Deny"
    actions = [
      "access-analyzer:Delete*",
      "cloudtrail:DeleteTrail",
      "cloudtrail:StopLogging",
      "cloudtrail:UpdateTrail",
      "config:DeleteConfigurationRecorder",
      "config:DeleteDeliveryChannel",
      "config:StopConfigurationRecorder",
      "guardduty:Delete*",
      "guardduty:Disassociate*",
      "securityhub:Disable*",
    ]
    resources = ["*"]

    condition {
      test     = "ArnNotLike"
      variable = "aws:PrincipalArn"
      values   = local.deployer_arns
    }
  }

  statement {
    sid       = "NoKeyDeleted"
    effect    = "Deny"
    actions   = ["kms:DisableKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"]
    resources = ["*"]

    condition {
      test     = "ArnNotLike"
      variable = "aws:PrincipalArn"
      values   = local.deployer_arns
    }
  }

  dynamic "statement" {
    for_each = length(var.boundary.denied_actions) > 0 ? [sort(var.boundary.denied_actions)] : []

    content {
      sid       = "DeniedByTheEnvironment"
      effect    = "Deny"
      actions   = statement.value
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = length(var.boundary.allowed_regions) > 0 ? [sort(var.boundary.allowed_regions)] : []

    content {
      sid         = "OnlyInTheseRegions"
      effect      = "Deny"
      not_actions = local.global_services
      resources   = ["*"]

      condition {
        test     = "StringNotEquals"
        variable = "aws:RequestedRegion"
        values   = statement.value
      }
    }
  }
}

resource "aws_iam_policy" "boundary" {
  #checkov:skip=CKV2_AWS_40:A boundary grants nothing, and this one denies changing IAM to all but deployers
  #checkov:skip=CKV_AWS_286:A boundary grants nothing; it is the upper limit of what roles' own policies grant
  #checkov:skip=CKV_AWS_287:A boundary grants nothing; it is the upper limit of what roles' own policies grant
  #checkov:skip=CKV_AWS_288:A boundary grants nothing; it is the upper limit of what roles' own policies grant
  #checkov:skip=CKV_AWS_289:A boundary grants nothing; it is the upper limit of what roles' own policies grant
  #checkov:skip=CKV_AWS_290:A boundary grants nothing; it is the upper limit of what roles' own policies grant
  #checkov:skip=CKV_AWS_355:A boundary grants nothing; it is the upper limit of what roles' own policies grant
  #checkov:skip=CKV_AWS_62:A boundary grants nothing; it is the upper limit of what roles' own policies grant
  #checkov:skip=CKV_AWS_63:A boundary grants nothing; it is the upper limit of what roles' own policies grant
  name        = "${var.name_prefix}-auth-boundary"
  description = "The most that any role of ${var.name_prefix} can do"
  policy      = data.aws_iam_policy_document.boundary.json
}

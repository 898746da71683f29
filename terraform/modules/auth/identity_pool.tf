# AWS credentials for signed-in users: one role for all, another one for each group that has one.
# https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html

locals {
  identity_pool_id = one(aws_cognito_identity_pool.this[*].id)
  pool_endpoint    = "cognito-idp.${var.region}.amazonaws.com/${coalesce(local.user_pool_id, "none")}"
  group_roles      = { for name, group in var.groups : name => group if group.role && var.identity_pool != null }

  pool_clients = var.identity_pool == null ? toset([]) : var.identity_pool.clients
}

resource "aws_cognito_identity_pool" "this" {
  count = var.identity_pool == null ? 0 : 1

  identity_pool_name               = "${var.name_prefix}-auth-identities"
  allow_unauthenticated_identities = false
  allow_classic_flow               = false

  dynamic "cognito_identity_providers" {
    for_each = local.pool_clients

    content {
      client_id               = aws_cognito_user_pool_client.this[cognito_identity_providers.value].id
      provider_name           = local.pool_endpoint
      server_side_token_check = true # a signed-out user gets no new credentials
    }
  }
}

data "aws_iam_policy_document" "identity_trust" {
  count = var.identity_pool == null ? 0 : 1

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = ["cognito-identity.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "cognito-identity.amazonaws.com:aud"
      values   = [local.identity_pool_id]
    }

    condition {
      test     = "ForAnyValue:StringLike"
      variable = "cognito-identity.amazonaws.com:amr"
      values   = ["authenticated"]
    }
  }
}

resource "aws_iam_role" "authenticated" {
  count = var.identity_pool == null ? 0 : 1

  name                 = "${var.name_prefix}-auth-signed-in"
  description          = "What any signed-in user may do"
  assume_role_policy   = data.aws_iam_policy_document.identity_trust[0].json
  permissions_boundary = aws_iam_policy.boundary.arn
}

resource "aws_iam_role_policy" "authenticated" {
  count = length(try(var.identity_pool.policy_statements, [])) > 0 ? 1 : 0

  name = "signed-in"
  role = aws_iam_role.authenticated[0].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for text in var.identity_pool.policy_statements : jsondecode(text)]
  })
}

resource "aws_iam_role" "group" {
  for_each = local.group_roles

  name                 = "${var.name_prefix}-auth-group-${each.key}"
  description          = "What members of the group ${each.key} may do"
  assume_role_policy   = data.aws_iam_policy_document.identity_trust[0].json
  permissions_boundary = aws_iam_policy.boundary.arn
}

resource "aws_iam_role_policy" "group" {
  for_each = local.group_roles

  name = "group"
  role = aws_iam_role.group[each.key].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for text in var.identity_pool.group_policies[each.key] : jsondecode(text)]
  })
}

resource "aws_cognito_identity_pool_roles_attachment" "this" {
  count = var.identity_pool == null ? 0 : 1

  identity_pool_id = local.identity_pool_id
  roles            = { authenticated = aws_iam_role.authenticated[0].arn }

  # Rules choose by claims; without them the token's own groups do, and of several the one of the lowest precedence.
  dynamic "role_mapping" {
    for_each = length(local.group_roles) > 0 ? local.pool_clients : toset([])

    content {
      identity_provider         = "${local.pool_endpoint}:${aws_cognito_user_pool_client.this[role_mapping.value].id}"
      type                      = length(var.identity_pool.rules) > 0 ? "Rules" : "Token"
      ambiguous_role_resolution = var.identity_pool.allowed_without_rule ? "AuthenticatedRole" : "Deny"

      dynamic "mapping_rule" {
        for_each = var.identity_pool.rules

        content {
          claim      = mapping_rule.value.claim
          match_type = { equals = "Equals", contains = "Contains", starts_with = "StartsWith", not_equals = "NotEqual" }[mapping_rule.value.match]
          value      = mapping_rule.value.value
          role_arn   = aws_iam_role.group[mapping_rule.value.group].arn
        }
      }
    }
  }
}

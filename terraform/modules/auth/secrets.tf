# Secrets, encrypted with the platform's key and closed to other accounts. Their values are written once and never kept
# in a state. https://developer.hashicorp.com/terraform/language/manage-sensitive-data/write-only

locals {
  written_secrets = { for name, secret in var.secrets : name => secret if secret.value_version != null }

  # This account, and those of roles elsewhere that are named as readers.
  secret_accounts = {
    for name, secret in var.secrets :
    name => sort(setunion([var.account_id], [for arn in secret.readers : split(":", arn)[4]]))
  }
}

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:What rotates a secret depends on what it opens; `rotation` names the function
  for_each = var.secrets

  name                    = "${var.name_prefix}-auth-${each.key}"
  description             = each.value.description
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = each.value.recovery_window_in_days

  dynamic "replica" {
    for_each = each.value.replica_regions

    content {
      region     = replica.value
      kms_key_id = lookup(each.value.replica_kms_key_arns, replica.value, null)
    }
  }
}

resource "aws_secretsmanager_secret_version" "this" {
  for_each = local.written_secrets

  secret_id                = aws_secretsmanager_secret.this[each.key].id
  secret_string_wo         = var.secret_values[each.key]
  secret_string_wo_version = each.value.value_version

  lifecycle {
    ignore_changes = [version_stages] # rotation moves them
  }
}

data "aws_iam_policy_document" "secret" {
  for_each = var.secrets

  statement {
    sid       = "NobodyElsesAccount"
    effect    = "Deny"
    actions   = ["secretsmanager:*"]
    resources = ["*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringNotEquals"
      variable = "aws:PrincipalAccount"
      values   = local.secret_accounts[each.key]
    }

    # AWS services that act for this account have no account of their own.
    condition {
      test     = "Bool"
      variable = "aws:PrincipalIsAWSService"
      values   = ["false"]
    }
  }

  dynamic "statement" {
    for_each = length(each.value.readers) > 0 ? [sort(each.value.readers)] : []

    content {
      sid       = "Readers"
      actions   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
      resources = ["*"] # in a secret's own policy: the secret

      principals {
        type        = "AWS"
        identifiers = statement.value
      }
    }
  }
}

resource "aws_secretsmanager_secret_policy" "this" {
  for_each = var.secrets

  secret_arn          = aws_secretsmanager_secret.this[each.key].arn
  policy              = data.aws_iam_policy_document.secret[each.key].json
  block_public_policy = true
}

resource "aws_secretsmanager_secret_rotation" "this" {
  for_each = { for name, secret in var.secrets : name => secret if secret.rotation != null }

  secret_id           = aws_secretsmanager_secret.this[each.key].id
  rotation_lambda_arn = each.value.rotation.function_arn
  rotate_immediately  = each.value.rotation.immediately

  rotation_rules {
    automatically_after_days = each.value.rotation.schedule == null ? coalesce(each.value.rotation.days, 30) : null
    schedule_expression      = each.value.rotation.schedule
    duration                 = each.value.rotation.window
  }

  depends_on = [aws_secretsmanager_secret_version.this]
}

# What watches and governs IAM of the account.

resource "aws_accessanalyzer_analyzer" "external" {
  count = try(var.access_analyzer.external, false) ? 1 : 0

  analyzer_name = "${var.name_prefix}-auth-external-access"
  type          = "ACCOUNT"
}

resource "aws_accessanalyzer_archive_rule" "this" {
  for_each = try(var.access_analyzer.archive_rules, {})

  analyzer_name = aws_accessanalyzer_analyzer.external[0].analyzer_name
  rule_name     = each.key

  dynamic "filter" {
    for_each = each.value

    content {
      criteria = filter.key
      eq       = filter.value
    }
  }
}

resource "aws_accessanalyzer_analyzer" "unused" {
  count = try(var.access_analyzer.unused_access_days, null) == null ? 0 : 1

  analyzer_name = "${var.name_prefix}-auth-unused-access"
  type          = "ACCOUNT_UNUSED_ACCESS"

  configuration {
    unused_access {
      unused_access_age = var.access_analyzer.unused_access_days
    }
  }
}

resource "aws_iam_account_password_policy" "this" {
  count = var.account_password_policy == null ? 0 : 1

  minimum_password_length        = var.account_password_policy.minimum_length
  max_password_age               = var.account_password_policy.max_age_days
  password_reuse_prevention      = var.account_password_policy.reuse_prevention
  allow_users_to_change_password = var.account_password_policy.users_may_change
  hard_expiry                    = var.account_password_policy.expiry_locks_users
  require_lowercase_characters   = true
  require_uppercase_characters   = true
  require_numbers                = true
  require_symbols                = true
}

# Recovery points apart from what they recover: a vault under a key of its own, filled by plans, locked where asked for.

locals {
  backup       = var.backup == null ? [] : [var.backup]
  backup_name  = "${var.name_prefix}-data-backup"
  backup_copy  = try(var.backup.replica, false)
  backup_tests = try(var.backup.restore_testing, null) == null ? [] : [var.backup.restore_testing]

  backup_tags = coalesce(try(var.backup.tags, null), { Project = var.project, Environment = var.environment })
}

resource "aws_backup_vault" "this" {
  count = length(local.backup)

  name          = local.backup_name
  kms_key_arn   = var.backup_kms_key_arn
  force_destroy = !var.deletion_protection
}

resource "aws_backup_vault" "replica" {
  provider = aws.replica
  count    = local.backup_copy ? 1 : 0

  name          = local.backup_name
  kms_key_arn   = aws_kms_key.replica[0].arn
  force_destroy = !var.deletion_protection
}

resource "aws_backup_vault_lock_configuration" "this" {
  for_each = { for backup in local.backup : "this" => backup.lock if backup.lock != null }

  backup_vault_name   = aws_backup_vault.this[0].name
  min_retention_days  = each.value.min_retention_days
  max_retention_days  = each.value.max_retention_days
  changeable_for_days = each.value.changeable_for_days
}

# Recovery points can be taken out of the account's hands only by those who may change this policy.
data "aws_iam_policy_document" "backup_vault" {
  count = length(local.backup)

  statement {
    sid       = "OnlyThisAccount"
    effect    = "Deny"
    actions   = ["backup:CopyIntoBackupVault", "backup:StartRestoreJob", "backup:DeleteRecoveryPoint"]
    resources = ["*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringNotEquals"
      variable = "aws:PrincipalAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_backup_vault_policy" "this" {
  count = length(local.backup)

  backup_vault_name = aws_backup_vault.this[0].name
  policy            = data.aws_iam_policy_document.backup_vault[0].json
}

resource "aws_backup_vault_notifications" "this" {
  for_each = { for backup in local.backup : "this" => backup.notification_topic_arn if backup.notification_topic_arn != null }

  backup_vault_name = aws_backup_vault.this[0].name
  sns_topic_arn     = each.value
  # A job that failed or expired is "completed", too, and says so; BACKUP_JOB_FAILED is deprecated and never sent.
  # https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultNotifications.html
  backup_vault_events = ["BACKUP_JOB_COMPLETED", "COPY_JOB_FAILED", "RESTORE_JOB_COMPLETED", "S3_BACKUP_OBJECT_FAILED"]
}

resource "aws_backup_plan" "this" {
  count = length(local.backup)

  name = local.backup_name

  dynamic "rule" {
    for_each = var.backup.rules

    content {
      rule_name                = rule.key
      target_vault_name        = aws_backup_vault.this[0].name
      schedule                 = rule.value.schedule
      start_window             = rule.value.start_window_minutes
      completion_window        = rule.value.completion_window_hours * 60
      enable_continuous_backup = rule.value.continuous

      lifecycle {
        delete_after       = rule.value.delete_after_days
        cold_storage_after = rule.value.cold_storage_after_days
      }

      dynamic "copy_action" {
        for_each = local.backup_copy && rule.value.replica ? [aws_backup_vault.replica[0].arn] : []

        content {
          destination_vault_arn = copy_action.value

          lifecycle {
            delete_after = var.backup.replica_delete_after_days
          }
        }
      }
    }
  }
}

resource "aws_backup_selection" "this" {
  count = length(local.backup)

  name         = local.backup_name
  plan_id      = aws_backup_plan.this[0].id
  iam_role_arn = aws_iam_role.backup[0].arn
  resources    = var.backup.arns

  condition {
    dynamic "string_equals" {
      for_each = local.backup_tags

      content {
        key   = "aws:ResourceTag/${string_equals.key}"
        value = string_equals.value
      }
    }
  }

  depends_on = [aws_iam_role_policy_attachment.backup]
}

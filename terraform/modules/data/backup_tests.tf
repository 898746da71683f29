# A backup that nobody restored is a hope: these restore one of each type on a schedule, and delete it again.

resource "aws_backup_restore_testing_plan" "this" {
  count = length(local.backup_tests)

  name                = replace("${local.backup_name}_restore", "-", "_") # takes no hyphens
  schedule_expression = local.backup_tests[0].schedule

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.this[0].arn]
    recovery_point_types  = ["SNAPSHOT", "CONTINUOUS"]
    selection_window_days = 7
  }
}

resource "aws_backup_restore_testing_selection" "this" {
  for_each = toset(try(var.backup.restore_testing.resource_types, []))

  name                      = lower(each.key)
  restore_testing_plan_name = aws_backup_restore_testing_plan.this[0].name
  protected_resource_type   = each.key
  protected_resource_arns   = ["*"]
  iam_role_arn              = aws_iam_role.backup[0].arn
  validation_window_hours   = local.backup_tests[0].validation_window_hours
}

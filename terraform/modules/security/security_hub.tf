# Security Hub: the account against published standards.

locals {
  disabled_controls = merge([
    for standard, controls in try(var.security_hub.disabled_controls, {}) : {
      for control, reason in controls : "${standard}/${control}" => { standard = standard, control = control, reason = reason }
    }
  ]...)
  standard_arns = {
    for standard in try(var.security_hub.standards, []) : standard => "arn:${data.aws_partition.current.partition}:securityhub:${var.region}::standards/${standard}"
  }
}

resource "aws_securityhub_account" "this" {
  count = var.security_hub == null ? 0 : 1

  # What is checked is what the environment names.
  enable_default_standards = false
  # One finding for a control, however many standards have it.
  control_finding_generator = "SECURITY_CONTROL"
  auto_enable_controls      = true
}

resource "aws_securityhub_standards_subscription" "this" {
  for_each = local.standard_arns

  standards_arn = each.value

  depends_on = [aws_securityhub_account.this]
}

resource "aws_securityhub_standards_control_association" "disabled" {
  for_each = local.disabled_controls

  security_control_id = each.value.control
  standards_arn       = aws_securityhub_standards_subscription.this[each.value.standard].standards_arn
  association_status  = "DISABLED"
  updated_reason      = each.value.reason
}

# Shield Advanced: a year's commitment, so it is asked for by name (see variables_shield.tf) and never destroyed.

locals {
  shield_enabled = var.shield != null

  protections       = local.shield_enabled ? var.shield.protections : {}
  protection_groups = local.shield_enabled ? var.shield.protection_groups : {}

  health_checks = merge([
    for name, protection in local.protections : {
      for arn in protection.health_check_arns : "${name}/${arn}" => { protection = name, arn = arn }
    }
  ]...)
}

resource "aws_shield_subscription" "this" {
  count = local.shield_enabled && try(var.shield.create_subscription, false) ? 1 : 0

  auto_renew = var.shield.auto_renew ? "ENABLED" : "DISABLED"
  # AWS lets no one end it before the year is over; a destroy would fail.
  skip_destroy = true
}

resource "aws_shield_protection" "this" {
  for_each = local.protections

  name         = "${var.name_prefix}-security-${each.key}"
  resource_arn = each.value.resource_arn

  depends_on = [aws_shield_subscription.this]
}

resource "aws_shield_protection_health_check_association" "this" {
  for_each = local.health_checks

  shield_protection_id = aws_shield_protection.this[each.value.protection].id
  health_check_arn     = each.value.arn
}

resource "aws_shield_application_layer_automatic_response" "this" {
  for_each = { for name, protection in local.protections : name => protection.automatic_response if protection.automatic_response != null }

  resource_arn = aws_shield_protection.this[each.key].resource_arn
  action       = upper(each.value)
}

resource "aws_shield_protection_group" "this" {
  for_each = local.protection_groups

  protection_group_id = "${var.name_prefix}-security-${each.key}"
  pattern             = each.value.pattern
  aggregation         = each.value.aggregation
  resource_type       = each.value.resource_type
  members             = each.value.pattern == "ARBITRARY" ? [for name in each.value.members : aws_shield_protection.this[name].resource_arn] : null

  depends_on = [aws_shield_subscription.this]
}

resource "aws_shield_proactive_engagement" "this" {
  count = try(var.shield.proactive_engagement, null) == null ? 0 : 1

  enabled = var.shield.proactive_engagement.enabled

  dynamic "emergency_contact" {
    for_each = var.shield.proactive_engagement.contacts
    content {
      email_address = emergency_contact.value.email_address
      phone_number  = emergency_contact.value.phone_number
      contact_notes = emergency_contact.value.notes
    }
  }

  depends_on = [aws_shield_subscription.this, aws_shield_protection_health_check_association.this]
}

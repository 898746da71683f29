# Traces: how they are encrypted, grouped, and which requests are traced at all.

locals {
  # X-Ray's names have at most 32 characters; a long one keeps its beginning and a digest of the whole.
  service_group_names = {
    for name in keys(var.services) : name => length("${var.name_prefix}-${name}") <= 32 ? "${var.name_prefix}-${name}" : "${substr("${var.name_prefix}-${name}", 0, 25)}-${substr(sha1("${var.name_prefix}-${name}"), 0, 6)}"
  }

  trace_groups = merge(
    {
      for name in keys(var.services) : "service/${name}" => {
        name              = local.service_group_names[name]
        filter_expression = "service(\"${name}\")"
        insights          = true
        notifications     = true
      } if try(var.traces.service_groups, false)
    },
    { for name, group in try(var.traces.groups, {}) : name => merge(group, { name = "${var.name_prefix}-${name}" }) },
  )
}

resource "aws_xray_encryption_config" "this" {
  count = try(var.traces.encryption, false) ? 1 : 0

  type   = "KMS"
  key_id = var.logs_kms_key_arn
}

resource "aws_xray_group" "this" {
  for_each = local.trace_groups

  group_name        = each.value.name
  filter_expression = each.value.filter_expression

  insights_configuration {
    insights_enabled      = each.value.insights
    notifications_enabled = each.value.notifications
  }
}

resource "aws_xray_sampling_rule" "this" {
  for_each = try(var.traces.sampling_rules, {})

  rule_name      = "${var.name_prefix}-${each.key}"
  version        = 1
  priority       = each.value.priority
  reservoir_size = each.value.reservoir
  fixed_rate     = each.value.rate
  service_name   = each.value.service_name
  service_type   = each.value.service_type
  host           = each.value.host
  http_method    = each.value.method
  url_path       = each.value.path
  resource_arn   = each.value.resource_arn
  attributes     = each.value.attributes
}

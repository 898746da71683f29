# How much each group of callers may ask. A key says which group a caller is of; it does not say who he is.

locals {
  api_keys = merge([
    for plan_name, plan in try(var.rest_api.usage_plans, {}) : {
      for key in plan.api_keys : "${plan_name}/${key}" => { plan = plan_name, name = key }
    }
  ]...)
}

resource "aws_api_gateway_usage_plan" "this" {
  for_each = try(var.rest_api.usage_plans, {})

  name        = "${local.name}-${each.key}"
  description = each.value.description

  api_stages {
    api_id = aws_api_gateway_rest_api.this[0].id
    stage  = aws_api_gateway_stage.rest[0].stage_name
  }

  throttle_settings {
    rate_limit  = each.value.rate_limit
    burst_limit = each.value.burst_limit
  }

  dynamic "quota_settings" {
    for_each = each.value.quota == null ? [] : [each.value.quota]

    content {
      limit  = quota_settings.value.limit
      period = quota_settings.value.period
    }
  }
}

resource "aws_api_gateway_api_key" "this" {
  for_each = local.api_keys

  name        = "${local.name}-${replace(each.key, "/", "-")}"
  description = "Key of ${each.value.name} in the usage plan ${each.value.plan}"
}

resource "aws_api_gateway_usage_plan_key" "this" {
  for_each = local.api_keys

  key_id        = aws_api_gateway_api_key.this[each.key].id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.this[each.value.plan].id
}

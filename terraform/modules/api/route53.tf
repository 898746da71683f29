# Zones, and the names that lead to this environment.

resource "aws_route53_zone" "this" {
  #checkov:skip=CKV2_AWS_38:DNSSEC needs the registrar's word for the key; a zone is signed where its domain is registered
  #checkov:skip=CKV2_AWS_39:Query logs of a public zone can only be kept in us-east-1; answers are public anyway
  for_each = var.zones

  name          = each.value.name
  comment       = each.value.comment
  force_destroy = !var.deletion_protection

  dynamic "vpc" {
    for_each = each.value.private ? [var.vpc_id] : []

    content {
      vpc_id = vpc.value
    }
  }
}

resource "aws_route53_health_check" "this" {
  for_each = var.health_checks

  fqdn              = each.value.fqdn
  type              = each.value.type
  port              = each.value.port
  resource_path     = each.value.type == "TCP" ? null : each.value.path
  search_string     = each.value.search_string
  failure_threshold = each.value.failure_threshold
  request_interval  = each.value.request_interval_seconds
  measure_latency   = each.value.measure_latency
  regions           = length(each.value.regions) > 0 ? each.value.regions : null
  enable_sni        = startswith(each.value.type, "HTTPS")

  tags = { Name = "${local.name}-${each.key}" }
}

locals {
  # The names of the APIs' domains, where their zone is known.
  domain_records = merge(
    try(local.http_domain.zone, null) == null && try(local.http_domain.zone_id, null) == null ? {} : {
      http_api = { domain = local.http_domain, target = "http_api" }
    },
    try(local.rest_domain.zone, null) == null && try(local.rest_domain.zone_id, null) == null ? {} : {
      rest_api = { domain = local.rest_domain, target = "rest_api" }
    },
  )

  alias_targets = {
    alb      = { name = one(aws_lb.alb[*].dns_name), zone_id = one(aws_lb.alb[*].zone_id), health = true }
    nlb      = { name = one(aws_lb.nlb[*].dns_name), zone_id = one(aws_lb.nlb[*].zone_id), health = true }
    http_api = { name = try(aws_apigatewayv2_domain_name.http[0].domain_name_configuration[0].target_domain_name, null), zone_id = try(aws_apigatewayv2_domain_name.http[0].domain_name_configuration[0].hosted_zone_id, null), health = false }
    rest_api = { name = one(aws_api_gateway_domain_name.rest[*].regional_domain_name), zone_id = one(aws_api_gateway_domain_name.rest[*].regional_zone_id), health = false }
  }
}

resource "aws_route53_record" "domain" {
  #checkov:skip=CKV2_AWS_23:It points to the API's domain name, which the check does not know
  for_each = local.domain_records

  zone_id = each.value.domain.zone_id != null ? each.value.domain.zone_id : aws_route53_zone.this[each.value.domain.zone].zone_id
  name    = each.value.domain.name
  type    = "A"

  alias {
    name                   = local.alias_targets[each.value.target].name
    zone_id                = local.alias_targets[each.value.target].zone_id
    evaluate_target_health = false
  }
}

resource "aws_route53_record" "this" {
  #checkov:skip=CKV2_AWS_23:The check does not follow records to load balancers and domains that are counted
  for_each = var.records

  zone_id = each.value.zone_id != null ? each.value.zone_id : aws_route53_zone.this[each.value.zone].zone_id
  name    = each.value.zone == null ? each.value.name : join(".", compact([each.value.name, var.zones[each.value.zone].name]))
  type    = each.value.type
  records = length(each.value.values) > 0 ? each.value.values : null
  ttl     = length(each.value.values) > 0 ? each.value.ttl_seconds : null

  dynamic "alias" {
    for_each = each.value.target != null ? [each.value.target] : []

    content {
      name                   = local.alias_targets[alias.value].name
      zone_id                = local.alias_targets[alias.value].zone_id
      evaluate_target_health = local.alias_targets[alias.value].health
    }
  }

  dynamic "alias" {
    for_each = each.value.alias != null ? [each.value.alias] : []

    content {
      name                   = alias.value.name
      zone_id                = alias.value.zone_id
      evaluate_target_health = alias.value.evaluate_target_health
    }
  }

  health_check_id = each.value.health_check == null ? null : aws_route53_health_check.this[each.value.health_check].id
  set_identifier  = each.value.set_identifier

  dynamic "weighted_routing_policy" {
    for_each = each.value.weight == null ? [] : [each.value.weight]

    content {
      weight = weighted_routing_policy.value
    }
  }

  dynamic "failover_routing_policy" {
    for_each = each.value.failover == null ? [] : [each.value.failover]

    content {
      type = failover_routing_policy.value
    }
  }

  dynamic "latency_routing_policy" {
    for_each = each.value.latency_region == null ? [] : [each.value.latency_region]

    content {
      region = latency_routing_policy.value
    }
  }
}

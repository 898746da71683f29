# The HTTP API: routes to functions and, through a VPC link, to containers behind the load balancer.

resource "aws_apigatewayv2_api" "http" {
  count = var.http_api == null ? 0 : 1

  name                         = "${local.name}-http"
  description                  = var.http_api.description
  protocol_type                = "HTTP"
  disable_execute_api_endpoint = !coalesce(var.http_api.execute_api_endpoint, var.http_api.domain == null)

  dynamic "cors_configuration" {
    for_each = var.http_api.cors == null ? [] : [var.http_api.cors]

    content {
      allow_origins     = cors_configuration.value.allow_origins
      allow_methods     = cors_configuration.value.allow_methods
      allow_headers     = cors_configuration.value.allow_headers
      expose_headers    = cors_configuration.value.expose_headers
      allow_credentials = cors_configuration.value.allow_credentials
      max_age           = cors_configuration.value.max_age_seconds
    }
  }
}

locals {
  http_jwt = anytrue([for route in values(local.http_routes) : route.authorization == "jwt"])
}

resource "aws_apigatewayv2_authorizer" "jwt" {
  count = local.http_jwt ? 1 : 0

  api_id           = aws_apigatewayv2_api.http[0].id
  name             = "jwt"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer = coalesce(var.http_api.jwt.issuer, var.user_pool_issuer)
    audience = coalesce(
      var.http_api.jwt.audience,
      length(var.http_api.jwt.clients) > 0 ? toset([for client in var.http_api.jwt.clients : var.user_pool_client_ids[client]]) : toset(values(var.user_pool_client_ids)),
    )
  }

  lifecycle {
    precondition {
      condition     = var.http_api.jwt.issuer != null || var.user_pool_issuer != null
      error_message = "Routes with authorization: jwt need the auth layer's user pool, or http_api.jwt with issuer and audience."
    }
  }
}

resource "aws_apigatewayv2_integration" "function" {
  for_each = local.http_lambda_services

  api_id                 = aws_apigatewayv2_api.http[0].id
  description            = each.key
  integration_type       = "AWS_PROXY"
  integration_method     = "POST"
  integration_uri        = local.function_arns[each.key]
  payload_format_version = "2.0"
  # API Gateway gives up after 30 seconds whatever the function's own limit is.
  timeout_milliseconds = min(30, coalesce(var.services[each.key].timeout_seconds, 30)) * 1000
}

resource "aws_apigatewayv2_integration" "container" {
  for_each = local.http_container_services

  api_id                 = aws_apigatewayv2_api.http[0].id
  description            = each.key
  integration_type       = "HTTP_PROXY"
  integration_method     = "ANY"
  integration_uri        = local.alb_listener_arn
  connection_type        = "VPC_LINK"
  connection_id          = aws_apigatewayv2_vpc_link.this[0].id
  payload_format_version = "1.0"

  dynamic "tls_config" {
    for_each = local.alb_server_name == null ? [] : [local.alb_server_name]

    content {
      server_name_to_verify = tls_config.value
    }
  }
}

resource "aws_apigatewayv2_route" "this" {
  #checkov:skip=CKV_AWS_309:A route is open only where its service says authorization: none; the default is jwt
  for_each = local.http_routes

  api_id               = aws_apigatewayv2_api.http[0].id
  route_key            = each.key
  authorization_type   = { jwt = "JWT", iam = "AWS_IAM", none = "NONE" }[each.value.authorization]
  authorizer_id        = each.value.authorization == "jwt" ? aws_apigatewayv2_authorizer.jwt[0].id : null
  authorization_scopes = length(each.value.scopes) > 0 ? each.value.scopes : null
  target = join("/", ["integrations", (
    each.value.container ? aws_apigatewayv2_integration.container[each.value.service].id : aws_apigatewayv2_integration.function[each.value.service].id
  )])
}

resource "aws_cloudwatch_log_group" "http" {
  count = var.http_api == null ? 0 : 1

  name              = "/${var.name_prefix}/api/http"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

resource "aws_apigatewayv2_stage" "http" {
  count = var.http_api == null ? 0 : 1

  api_id      = aws_apigatewayv2_api.http[0].id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.http[0].arn
    format = jsonencode({
      requestId        = "$context.requestId"
      time             = "$context.requestTime"
      sourceIp         = "$context.identity.sourceIp"
      method           = "$context.httpMethod"
      path             = "$context.path"
      routeKey         = "$context.routeKey"
      status           = "$context.status"
      protocol         = "$context.protocol"
      responseLength   = "$context.responseLength"
      latency          = "$context.responseLatency"
      integrationError = "$context.integrationErrorMessage"
      authorizerError  = "$context.authorizer.error"
      subject          = "$context.authorizer.claims.sub"
      userAgent        = "$context.identity.userAgent"
    })
  }

  default_route_settings {
    detailed_metrics_enabled = var.http_api.detailed_metrics
    throttling_rate_limit    = var.http_api.throttling.rate_limit
    throttling_burst_limit   = var.http_api.throttling.burst_limit
  }

  dynamic "route_settings" {
    for_each = var.http_api.route_throttling

    content {
      route_key                = route_settings.key
      detailed_metrics_enabled = var.http_api.detailed_metrics
      throttling_rate_limit    = route_settings.value.rate_limit
      throttling_burst_limit   = route_settings.value.burst_limit
    }
  }

  # A stage can't be told of a route that isn't there yet.
  depends_on = [aws_apigatewayv2_route.this]

  lifecycle {
    # Every deployment that auto_deploy makes has an id of its own.
    ignore_changes = [deployment_id]
  }
}

# The REST API, its stage and what is written down about its requests.

resource "aws_api_gateway_rest_api" "this" {
  count = var.rest_api == null ? 0 : 1

  name                         = "${local.name}-rest"
  description                  = var.rest_api.description
  body                         = local.rest_openapi
  disable_execute_api_endpoint = !coalesce(var.rest_api.execute_api_endpoint, var.rest_api.domain == null)
  minimum_compression_size     = var.rest_api.minimum_compression_size

  endpoint_configuration {
    types            = [var.rest_api.endpoint_type]
    vpc_endpoint_ids = var.rest_api.endpoint_type == "PRIVATE" ? var.rest_api.vpc_endpoint_ids : null
  }

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = var.user_pool_arn != null || alltrue([for route in values(local.rest_routes) : route.authorization != "jwt"])
      error_message = "Routes via rest_api with authorization: jwt need the auth layer's user pool."
    }
  }
}

# A private API answers nobody but through the endpoints that are named.
data "aws_iam_policy_document" "rest_private" {
  #checkov:skip=CKV_AWS_283:Whoever comes through the named endpoints; the methods' own authorization decides on who
  count = try(var.rest_api.endpoint_type, "") == "PRIVATE" ? 1 : 0

  statement {
    sid       = "ThroughItsEndpoints"
    actions   = ["execute-api:Invoke"]
    resources = ["${aws_api_gateway_rest_api.this[0].execution_arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceVpce"
      values   = var.rest_api.vpc_endpoint_ids
    }
  }
}

resource "aws_api_gateway_rest_api_policy" "private" {
  count = try(var.rest_api.endpoint_type, "") == "PRIVATE" ? 1 : 0

  rest_api_id = aws_api_gateway_rest_api.this[0].id
  policy      = data.aws_iam_policy_document.rest_private[0].json
}

resource "aws_api_gateway_deployment" "rest" {
  count = var.rest_api == null ? 0 : 1

  rest_api_id = aws_api_gateway_rest_api.this[0].id

  triggers = {
    body   = sha256(local.rest_openapi)
    policy = sha256(try(data.aws_iam_policy_document.rest_private[0].json, ""))
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_api_gateway_rest_api_policy.private]
}

resource "aws_cloudwatch_log_group" "rest" {
  count = var.rest_api == null ? 0 : 1

  name              = "/${var.name_prefix}/api/rest"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

# Made here so that it is encrypted and ends; API Gateway would make it without either.
resource "aws_cloudwatch_log_group" "rest_execution" {
  count = var.rest_api == null ? 0 : 1

  name              = "API-Gateway-Execution-Logs_${aws_api_gateway_rest_api.this[0].id}/${var.rest_api.stage_name}"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

resource "aws_api_gateway_stage" "rest" {
  #checkov:skip=CKV_AWS_120:A cache is billed by the hour and answers one caller with another's result; rest_api.cache turns it on
  #checkov:skip=CKV2_AWS_29:The web ACL is associated where the security layer has one (security.web_acl_enabled)
  #checkov:skip=CKV2_AWS_77:The rules are those of the security layer's web ACL; the check does not follow the ARN to it
  #checkov:skip=CKV2_AWS_51:Client certificates show backends on the internet who calls; these are functions and a VPC link
  count = var.rest_api == null ? 0 : 1

  rest_api_id           = aws_api_gateway_rest_api.this[0].id
  deployment_id         = aws_api_gateway_deployment.rest[0].id
  stage_name            = var.rest_api.stage_name
  xray_tracing_enabled  = var.rest_api.tracing
  cache_cluster_enabled = var.rest_api.cache != null
  cache_cluster_size    = try(var.rest_api.cache.size_gb, null)

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.rest[0].arn
    format = jsonencode({
      requestId        = "$context.requestId"
      time             = "$context.requestTime"
      sourceIp         = "$context.identity.sourceIp"
      method           = "$context.httpMethod"
      path             = "$context.path"
      resourcePath     = "$context.resourcePath"
      status           = "$context.status"
      protocol         = "$context.protocol"
      responseLength   = "$context.responseLength"
      latency          = "$context.responseLatency"
      integrationError = "$context.integration.error"
      authorizerError  = "$context.authorizer.error"
      apiKeyId         = "$context.identity.apiKeyId"
      subject          = "$context.authorizer.claims.sub"
      firewall         = "$context.wafResponseCode"
      traceId          = "$context.xrayTraceId"
      userAgent        = "$context.identity.userAgent"
    })
  }

  # Without the account's role there is nobody who could write the logs.
  depends_on = [aws_api_gateway_account.this, aws_cloudwatch_log_group.rest_execution]
}

resource "aws_api_gateway_method_settings" "all" {
  #checkov:skip=CKV_AWS_225:Caching is the environment's decision: rest_api.cache
  count = var.rest_api == null ? 0 : 1

  rest_api_id = aws_api_gateway_rest_api.this[0].id
  stage_name  = aws_api_gateway_stage.rest[0].stage_name
  method_path = "*/*"

  settings {
    metrics_enabled                         = true
    logging_level                           = var.rest_api.logging_level
    data_trace_enabled                      = false # bodies and headers hold what logs must not
    throttling_rate_limit                   = var.rest_api.throttling.rate_limit
    throttling_burst_limit                  = var.rest_api.throttling.burst_limit
    caching_enabled                         = var.rest_api.cache != null
    cache_data_encrypted                    = true
    cache_ttl_in_seconds                    = try(var.rest_api.cache.ttl_seconds, 300)
    require_authorization_for_cache_control = true
  }
}

resource "aws_api_gateway_method_settings" "throttling" {
  #checkov:skip=CKV_AWS_225:Caching is the environment's decision: rest_api.cache
  for_each = try(var.rest_api.method_throttling, {})

  rest_api_id = aws_api_gateway_rest_api.this[0].id
  stage_name  = aws_api_gateway_stage.rest[0].stage_name
  method_path = "${trimprefix(split(" ", each.key)[1], "/")}/${split(" ", each.key)[0]}"

  settings {
    metrics_enabled                         = true
    logging_level                           = var.rest_api.logging_level
    data_trace_enabled                      = false
    throttling_rate_limit                   = each.value.rate_limit
    throttling_burst_limit                  = each.value.burst_limit
    caching_enabled                         = var.rest_api.cache != null
    cache_data_encrypted                    = true
    cache_ttl_in_seconds                    = try(var.rest_api.cache.ttl_seconds, 300)
    require_authorization_for_cache_control = true
  }

  depends_on = [aws_api_gateway_method_settings.all]
}

resource "aws_wafv2_web_acl_association" "rest" {
  count = var.rest_api != null && var.web_acl_enabled ? 1 : 0

  resource_arn = aws_api_gateway_stage.rest[0].arn
  web_acl_arn  = var.regional_web_acl_arn
}

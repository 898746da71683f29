# The HTTP API under its own name.

locals {
  http_domain = try(var.http_api.domain, null)
}

resource "aws_apigatewayv2_domain_name" "http" {
  count = local.http_domain == null ? 0 : 1

  domain_name = local.http_domain.name

  domain_name_configuration {
    certificate_arn = local.http_domain.certificate_arn != null ? local.http_domain.certificate_arn : local.certificate_arns[local.http_domain.certificate]
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}

resource "aws_apigatewayv2_api_mapping" "http" {
  count = local.http_domain == null ? 0 : 1

  api_id          = aws_apigatewayv2_api.http[0].id
  domain_name     = aws_apigatewayv2_domain_name.http[0].id
  stage           = aws_apigatewayv2_stage.http[0].id
  api_mapping_key = local.http_domain.base_path
}

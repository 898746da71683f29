# The REST API under its own name.

locals {
  rest_domain = try(var.rest_api.domain, null)
}

resource "aws_api_gateway_domain_name" "rest" {
  count = local.rest_domain == null ? 0 : 1

  domain_name              = local.rest_domain.name
  regional_certificate_arn = local.rest_domain.certificate_arn != null ? local.rest_domain.certificate_arn : local.certificate_arns[local.rest_domain.certificate]
  security_policy          = "TLS_1_2"

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_base_path_mapping" "rest" {
  count = local.rest_domain == null ? 0 : 1

  api_id      = aws_api_gateway_rest_api.this[0].id
  stage_name  = aws_api_gateway_stage.rest[0].stage_name
  domain_name = aws_api_gateway_domain_name.rest[0].domain_name
  base_path   = local.rest_domain.base_path
}

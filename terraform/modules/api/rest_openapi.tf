# What the REST API serves, as an OpenAPI document that follows from the services' routes: API Gateway takes it as a
# whole, so that a path is not a chain of resources that wait for one another.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html

locals {
  rest_generated = var.rest_api != null && try(var.rest_api.openapi, null) == null
  rest_backend   = local.alb_tls ? "https://${coalesce(local.alb_server_name, "-")}" : "http://${try(aws_lb.alb[0].dns_name, "")}"

  rest_methods = {
    for key, route in local.rest_routes : key => merge(
      {
        operationId                             = "${replace(trimprefix(replace(route.path, "/[^A-Za-z0-9]+/", "_"), "_"), "/_$/", "")}_${lower(route.method)}"
        responses                               = { default = { description = "As the service says" } }
        "x-amazon-apigateway-request-validator" = "all"
        parameters = [
          for name in flatten(regexall("[{]([^}+]+)[+]?[}]", route.path)) : { name = name, in = "path", required = true, schema = { type = "string" } }
        ]
        security = route.authorization == "none" && !var.rest_api.api_key_required ? [] : [merge(
          route.authorization == "jwt" ? { user_pool = route.scopes } : {},
          route.authorization == "iam" ? { sigv4 = [] } : {},
          var.rest_api.api_key_required ? { api_key = [] } : {},
        )]
      },
      route.container ? {
        "x-amazon-apigateway-integration" = {
          type           = "http_proxy"
          httpMethod     = route.method
          uri            = "${local.rest_backend}${replace(route.path, "+}", "}")}"
          connectionType = "VPC_LINK"
          connectionId   = try(aws_api_gateway_vpc_link.rest[0].id, "")
          requestParameters = {
            for name in flatten(regexall("[{]([^}+]+)[+]?[}]", route.path)) : "integration.request.path.${name}" => "method.request.path.${name}"
          }
          passthroughBehavior = "when_no_match"
          timeoutInMillis     = 29000
        }
      } : {},
      route.container ? {} : {
        "x-amazon-apigateway-integration" = {
          type                = "aws_proxy"
          httpMethod          = "POST"
          uri                 = "arn:${local.partition}:apigateway:${var.region}:lambda:path/2015-03-31/functions/${try(local.function_arns[route.service], "")}/invocations"
          passthroughBehavior = "when_no_match"
          timeoutInMillis     = min(29, coalesce(var.services[route.service].timeout_seconds, 29)) * 1000
        }
      },
    )
  }

  rest_paths = { for route in values(local.rest_routes) : route.path => route... }

  # Browsers ask before they call; nobody is logged in yet.
  rest_preflight = {
    for path, routes in local.rest_paths : path => {
      options = {
        responses                               = { 200 = { description = "Who may call", headers = { for name in ["Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers"] : name => { schema = { type = "string" } } } } }
        security                                = []
        "x-amazon-apigateway-request-validator" = "all"
        "x-amazon-apigateway-integration" = {
          type             = "mock"
          requestTemplates = { "application/json" = jsonencode({ statusCode = 200 }) }
          responses = {
            default = {
              statusCode = "200"
              responseParameters = {
                "method.response.header.Access-Control-Allow-Origin"  = "'${var.rest_api.cors.allow_origin}'"
                "method.response.header.Access-Control-Allow-Methods" = "'${join(",", sort(distinct(flatten([for route in routes : route.method == "ANY" ? ["GET", "POST", "PUT", "PATCH", "DELETE"] : [route.method]]))))}'"
                "method.response.header.Access-Control-Allow-Headers" = "'${join(",", var.rest_api.cors.allow_headers)}'"
              }
            }
          }
        }
      }
    } if try(var.rest_api.cors, null) != null && !anytrue([for route in routes : contains(["ANY", "OPTIONS"], route.method)])
  }

  # What API Gateway itself refuses must be readable for the page that asked.
  rest_refusals = try(var.rest_api.cors, null) == null ? {} : {
    "x-amazon-apigateway-gateway-responses" = {
      for kind in ["DEFAULT_4XX", "DEFAULT_5XX"] : kind => {
        responseParameters = { "gatewayresponse.header.Access-Control-Allow-Origin" = "'${var.rest_api.cors.allow_origin}'" }
      }
    }
  }

  rest_security_schemes = merge(
    anytrue([for route in values(local.rest_routes) : route.authorization == "jwt"]) ? {
      user_pool = {
        type                           = "apiKey"
        name                           = "Authorization"
        in                             = "header"
        "x-amazon-apigateway-authtype" = "cognito_user_pools"
        "x-amazon-apigateway-authorizer" = {
          type         = "cognito_user_pools"
          providerARNs = [var.user_pool_arn]
        }
      }
    } : {},
    anytrue([for route in values(local.rest_routes) : route.authorization == "iam"]) ? {
      sigv4 = { type = "apiKey", name = "Authorization", in = "header", "x-amazon-apigateway-authtype" = "awsSigv4" }
    } : {},
    try(var.rest_api.api_key_required, false) ? {
      api_key = { type = "apiKey", name = "x-api-key", in = "header" }
    } : {},
  )

  rest_openapi = local.rest_generated ? jsonencode(merge(
    {
      openapi = "3.0.1"
      info    = { title = "${local.name}-rest", version = "1.0" }
      paths = {
        for path, routes in local.rest_paths : path => merge(
          { for route in routes : route.method == "ANY" ? "x-amazon-apigateway-any-method" : lower(route.method) => local.rest_methods["${route.method} ${route.path}"] },
          try(local.rest_preflight[path], {}),
        )
      }
      components                               = { securitySchemes = local.rest_security_schemes }
      "x-amazon-apigateway-request-validators" = { all = { validateRequestBody = true, validateRequestParameters = true } }
    },
    local.rest_refusals,
  )) : try(var.rest_api.openapi, null)
}

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = {
      json          = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
      minified_json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
    }
  }
}

variables {
  name_prefix          = "shop-test"
  region               = "eu-west-1"
  account_id           = "123456789012"
  logs_kms_key_arn     = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  vpc_id               = "vpc-0123456789abcdef0"
  vpc_cidr             = "10.20.0.0/16"
  private_subnet_ids   = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  public_subnet_ids    = ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"]
  user_pool_arn        = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abcdefghi"
  user_pool_issuer     = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abcdefghi"
  user_pool_client_ids = { web = "web-client", batch = "batch-client" }
}

run "nothing_is_made_that_was_not_asked_for" {
  command = plan

  assert {
    condition     = length(aws_apigatewayv2_api.http) == 0 && length(aws_api_gateway_rest_api.this) == 0 && length(aws_lb.alb) == 0 && length(aws_lb.nlb) == 0 && length(aws_s3_bucket.access_logs) == 0
    error_message = "without settings there are neither APIs nor load balancers"
  }
  assert {
    condition     = length(aws_service_discovery_http_namespace.mesh) == 1 && output.mesh_kind == "service_connect"
    error_message = "services find one another through Service Connect by default"
  }

}

run "routes_follow_from_services" {
  command = plan

  variables {
    services = {
      orders = {
        runtime         = "lambda"
        timeout_seconds = 10
        routes = [
          { method = "GET", path = "/orders/{id}", scopes = ["orders/read"] },
          { method = "POST", path = "/orders", authorization = "iam" },
          { method = "GET", path = "/status", authorization = "none" },
        ]
        uses = { services = ["catalog"] }
      }
      catalog = {
        runtime    = "ecs"
        routes     = [{ method = "GET", path = "/products/{id}" }]
        deployment = { strategy = "blue_green" }
      }
      storefront = {
        runtime = "eks"
        port    = 3000
        routes  = [{ path = "/shop/{proxy+}", via = "alb", authorization = "none" }]
        uses    = { services = ["catalog", "orders"] }
      }
    }
    alb = {}
    http_api = {
      cors             = { allow_origins = ["https://shop.example"] }
      throttling       = { rate_limit = 100, burst_limit = 50 }
      route_throttling = { "POST /orders" = { rate_limit = 5, burst_limit = 10 } }
    }
  }

  assert {
    condition     = toset(keys(aws_apigatewayv2_route.this)) == toset(["GET /orders/{id}", "POST /orders", "GET /status", "GET /products/{id}"])
    error_message = "each route of a service via http_api is a route of the API"
  }
  assert {
    condition     = aws_apigatewayv2_route.this["GET /orders/{id}"].authorization_type == "JWT" && aws_apigatewayv2_route.this["POST /orders"].authorization_type == "AWS_IAM" && aws_apigatewayv2_route.this["GET /status"].authorization_type == "NONE"
    error_message = "a route is authorized as its service says, by a token when it says nothing"
  }
  assert {
    condition     = aws_apigatewayv2_route.this["GET /orders/{id}"].authorization_scopes == toset(["orders/read"])
    error_message = "scopes are asked for"
  }
  assert {
    condition     = aws_apigatewayv2_authorizer.jwt[0].jwt_configuration[0].issuer == var.user_pool_issuer && aws_apigatewayv2_authorizer.jwt[0].jwt_configuration[0].audience == toset(["web-client", "batch-client"])
    error_message = "tokens come from the user pool, for its clients"
  }
  assert {
    condition     = aws_apigatewayv2_integration.function["orders"].integration_uri == "arn:aws:lambda:eu-west-1:123456789012:function:shop-test-compute-orders:live"
    error_message = "a function is called by its alias"
  }
  assert {
    condition     = aws_apigatewayv2_integration.function["orders"].timeout_milliseconds == 10000 && aws_apigatewayv2_integration.function["orders"].payload_format_version == "2.0"
    error_message = "no longer than the function may run"
  }
  assert {
    condition     = aws_apigatewayv2_integration.container["catalog"].connection_type == "VPC_LINK" && length(aws_apigatewayv2_vpc_link.this) == 1
    error_message = "containers are reached through the VPC link"
  }
  assert {
    condition     = aws_apigatewayv2_stage.http[0].auto_deploy && aws_apigatewayv2_stage.http[0].default_route_settings[0].throttling_rate_limit == 100 && one(aws_apigatewayv2_stage.http[0].route_settings).throttling_burst_limit == 10
    error_message = "the stage deploys itself and throttles"
  }
  assert {
    condition     = aws_cloudwatch_log_group.http[0].kms_key_id == var.logs_kms_key_arn && aws_cloudwatch_log_group.http[0].retention_in_days == 365
    error_message = "requests are logged, encrypted, for a year"
  }
  assert {
    condition     = !aws_apigatewayv2_api.http[0].disable_execute_api_endpoint
    error_message = "without a domain it answers under its own name"
  }

}

run "a_domain_takes_the_place_of_the_own_name" {
  command = plan

  variables {
    zones        = { public = { name = "shop.example" } }
    certificates = { api = { domain_name = "api.shop.example", zone = "public" } }
    http_api     = { domain = { name = "api.shop.example", certificate = "api", zone = "public", base_path = "v1" } }
  }

  assert {
    condition     = aws_apigatewayv2_api.http[0].disable_execute_api_endpoint
    error_message = "the name under amazonaws.com is closed"
  }
  assert {
    condition     = aws_apigatewayv2_domain_name.http[0].domain_name_configuration[0].security_policy == "TLS_1_2"
    error_message = "TLS 1.2 at least"
  }
  assert {
    condition     = aws_route53_record.domain["http_api"].name == "api.shop.example" && output.http_api_endpoint == "https://api.shop.example/v1"
    error_message = "its name leads to it"
  }

}

run "clients_can_be_chosen_and_an_issuer_be_given" {
  command = plan

  variables {
    services = { orders = { runtime = "lambda", routes = [{ method = "GET", path = "/orders" }] } }
    http_api = { jwt = { issuer = "https://login.example", audience = ["shop"] } }
  }

  assert {
    condition     = aws_apigatewayv2_authorizer.jwt[0].jwt_configuration[0].issuer == "https://login.example" && aws_apigatewayv2_authorizer.jwt[0].jwt_configuration[0].audience == toset(["shop"])
    error_message = "an issuer of one's own is asked"
  }

}

run "tokens_need_somebody_who_signs_them" {
  command         = plan
  expect_failures = [aws_apigatewayv2_authorizer.jwt]

  variables {
    user_pool_issuer = null
    http_api         = {}
    services = {
      orders = { runtime = "lambda", routes = [{ path = "/orders" }] }
    }
  }
}

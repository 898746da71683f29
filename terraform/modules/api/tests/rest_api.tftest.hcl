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

run "the_document_follows_from_routes" {
  command = plan

  variables {
    services = {
      orders = {
        runtime = "lambda"
        routes = [
          { method = "GET", path = "/v1/orders/{id}", via = "rest_api", scopes = ["orders/read"] },
          { method = "POST", path = "/v1/orders", via = "rest_api", authorization = "iam" },
          { path = "/v1/open/{proxy+}", via = "rest_api", authorization = "none" },
        ]
      }
    }
    rest_api = {
      api_key_required  = true
      cors              = { allow_origin = "https://shop.example" }
      usage_plans       = { partners = { quota = { limit = 10000 }, rate_limit = 5, api_keys = ["acme", "globex"] } }
      method_throttling = { "POST /v1/orders" = { rate_limit = 1, burst_limit = 2 } }
    }
  }

  assert {
    condition     = toset(keys(jsondecode(aws_api_gateway_rest_api.this[0].body).paths)) == toset(["/v1/orders", "/v1/orders/{id}", "/v1/open/{proxy+}"])
    error_message = "each path is in the document"
  }
  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this[0].body).paths["/v1/orders/{id}"].get["x-amazon-apigateway-integration"].uri == "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:shop-test-compute-orders:live/invocations"
    error_message = "a function is called by its alias"
  }
  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this[0].body).paths["/v1/orders/{id}"].get.security == [{ api_key = [], user_pool = ["orders/read"] }] && jsondecode(aws_api_gateway_rest_api.this[0].body).paths["/v1/orders"].post.security == [{ api_key = [], sigv4 = [] }]
    error_message = "token or signature, and a key"
  }
  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this[0].body).components.securitySchemes.user_pool["x-amazon-apigateway-authorizer"].providerARNs == [var.user_pool_arn]
    error_message = "tokens come from the user pool"
  }
  assert {
    condition     = can(jsondecode(aws_api_gateway_rest_api.this[0].body).paths["/v1/open/{proxy+}"]["x-amazon-apigateway-any-method"]) && !can(jsondecode(aws_api_gateway_rest_api.this[0].body).paths["/v1/open/{proxy+}"].options)
    error_message = "ANY is any method, OPTIONS among them"
  }
  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this[0].body).paths["/v1/orders"].options["x-amazon-apigateway-integration"].type == "mock" && jsondecode(aws_api_gateway_rest_api.this[0].body).paths["/v1/orders"].options.security == []
    error_message = "browsers may ask before they call"
  }
  assert {
    condition     = aws_api_gateway_stage.rest[0].xray_tracing_enabled && aws_api_gateway_method_settings.all[0].settings[0].logging_level == "ERROR" && !aws_api_gateway_method_settings.all[0].settings[0].data_trace_enabled
    error_message = "traced and logged, without what requests hold"
  }
  assert {
    condition     = aws_api_gateway_method_settings.throttling["POST /v1/orders"].method_path == "v1/orders/POST"
    error_message = "single methods are throttled"
  }
  assert {
    condition     = one(aws_api_gateway_usage_plan.this["partners"].quota_settings).limit == 10000 && toset(keys(aws_api_gateway_usage_plan_key.this)) == toset(["partners/acme", "partners/globex"])
    error_message = "plans limit callers, by key"
  }
  assert {
    condition     = aws_iam_role.rest_logs[0].permissions_boundary == null && length(aws_wafv2_web_acl_association.rest) == 0
    error_message = "no boundary and no firewall where there is none"
  }

}

run "a_domain_a_firewall_a_boundary" {
  command = plan

  variables {
    services = {
      orders = {
        runtime = "lambda"
        routes = [
          { method = "GET", path = "/v1/orders/{id}", via = "rest_api", scopes = ["orders/read"] },
          { method = "POST", path = "/v1/orders", via = "rest_api", authorization = "iam" },
          { path = "/v1/open/{proxy+}", via = "rest_api", authorization = "none" },
        ]
      }
    }
    web_acl_enabled          = true
    regional_web_acl_arn     = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/acl/a"
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
    rest_api = {
      cache  = {}
      domain = { name = "rest.shop.example", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/a", zone_id = "Z0123456789" }
    }
  }

  assert {
    condition     = aws_api_gateway_domain_name.rest[0].security_policy == "TLS_1_2" && aws_api_gateway_rest_api.this[0].disable_execute_api_endpoint == "true" || tobool(aws_api_gateway_rest_api.this[0].disable_execute_api_endpoint)
    error_message = "TLS 1.2, and no other name"
  }
  assert {
    condition     = aws_wafv2_web_acl_association.rest[0].web_acl_arn == var.regional_web_acl_arn && aws_iam_role.rest_logs[0].permissions_boundary == var.permissions_boundary_arn
    error_message = "behind the firewall, within the boundary"
  }
  assert {
    condition     = aws_route53_record.domain["rest_api"].zone_id == "Z0123456789"
    error_message = "a zone that is made elsewhere"
  }
  assert {
    condition     = aws_api_gateway_stage.rest[0].cache_cluster_enabled && aws_api_gateway_method_settings.all[0].settings[0].cache_data_encrypted
    error_message = "answers are cached, encrypted"
  }

}

run "containers_are_reached_through_the_network_load_balancer" {
  command = plan

  variables {
    services = { catalog = { runtime = "ecs", routes = [{ method = "GET", path = "/v1/products/{id}", via = "rest_api", authorization = "iam" }] } }
    alb      = {}
    nlb      = {}
    rest_api = {}
  }

  assert {
    condition     = length(aws_api_gateway_vpc_link.rest) == 1 && aws_lb_target_group.nlb["rest"].target_type == "alb" && aws_lb.nlb[0].enforce_security_group_inbound_rules_on_private_link_traffic == "off"
    error_message = "through a VPC link and both load balancers"
  }

}

run "a_private_api_answers_its_endpoints_only" {
  command = plan

  variables {
    services = {
      orders = {
        runtime = "lambda"
        routes = [
          { method = "GET", path = "/v1/orders/{id}", via = "rest_api", scopes = ["orders/read"] },
          { method = "POST", path = "/v1/orders", via = "rest_api", authorization = "iam" },
          { path = "/v1/open/{proxy+}", via = "rest_api", authorization = "none" },
        ]
      }
    }
    rest_api = { endpoint_type = "PRIVATE", vpc_endpoint_ids = ["vpce-0123456789abcdef0"] }
  }

  assert {
    condition     = one(data.aws_iam_policy_document.rest_private[0].statement[0].condition).variable == "aws:SourceVpce" && length(aws_api_gateway_rest_api_policy.private) == 1
    error_message = "nobody else"
  }

}

run "rest_tokens_need_the_user_pool" {
  command         = plan
  expect_failures = [aws_api_gateway_rest_api.this]

  variables {
    services = {
      orders = {
        runtime = "lambda"
        routes = [
          { method = "GET", path = "/v1/orders/{id}", via = "rest_api", scopes = ["orders/read"] },
          { method = "POST", path = "/v1/orders", via = "rest_api", authorization = "iam" },
          { path = "/v1/open/{proxy+}", via = "rest_api", authorization = "none" },
        ]
      }
    }
    user_pool_arn = null
    rest_api      = {}
  }
}

# Every rule of the variables refuses its own bad value, one at a time. Run over the variables alone, without a provider:
# `python -m pytest tests/e2e/test_modules.py`.

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

run "routes_need_the_rest_api" {
  command         = plan
  expect_failures = [var.rest_api]

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
  }
}

run "an_api_without_methods_is_refused" {
  command         = plan
  expect_failures = [var.rest_api]

  variables {
    rest_api = {}
  }
}

run "a_private_api_needs_endpoints" {
  command         = plan
  expect_failures = [var.rest_api]

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
    rest_api = { endpoint_type = "PRIVATE" }
  }
}

run "a_document_is_openapi_3" {
  command         = plan
  expect_failures = [var.rest_api]

  variables {
    rest_api = { openapi = "swagger: 2.0" }
  }
}

run "an_unknown_logging_level_is_refused" {
  command         = plan
  expect_failures = [var.rest_api]

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
    rest_api = { logging_level = "DEBUG" }
  }
}

run "a_stage_is_a_word" {
  command         = plan
  expect_failures = [var.rest_api]

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
    rest_api = { stage_name = "a-b" }
  }
}

run "a_quota_has_a_period" {
  command         = plan
  expect_failures = [var.rest_api]

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
    rest_api = { usage_plans = { a = { quota = { limit = 1, period = "YEAR" } } } }
  }
}

run "throttled_methods_are_routes" {
  command         = plan
  expect_failures = [var.rest_api]

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
    rest_api = { method_throttling = { "GET /nowhere" = { rate_limit = 1, burst_limit = 1 } } }
  }
}

run "a_cache_has_a_size_that_aws_offers" {
  command         = plan
  expect_failures = [var.rest_api]

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
    rest_api = { cache = { size_gb = "1" } }
  }
}

run "a_rest_domain_needs_a_certificate" {
  command         = plan
  expect_failures = [var.rest_api]

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
    rest_api = { domain = { name = "rest.shop.example" } }
  }
}

run "a_rest_domain_names_what_is_there" {
  command         = plan
  expect_failures = [var.rest_api]

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
    rest_api = { domain = { name = "rest.shop.example", certificate = "nowhere" } }
  }
}

run "a_rest_domain_names_a_zone_that_is_there" {
  command         = plan
  expect_failures = [var.rest_api]

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
    rest_api = { domain = { name = "rest.shop.example", certificate_arn = "a", zone = "nowhere" } }
  }
}

run "a_private_api_has_no_domain" {
  command         = plan
  expect_failures = [var.rest_api]

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
    rest_api = { endpoint_type = "PRIVATE", vpc_endpoint_ids = ["vpce-0"], domain = { name = "rest.shop.example", certificate_arn = "a" } }
  }
}

run "containers_need_the_network_load_balancer" {
  command         = plan
  expect_failures = [var.rest_api]

  variables {
    services = { catalog = { runtime = "ecs", routes = [{ path = "/v1/p", via = "rest_api", authorization = "iam" }] } }
    alb      = {}
    rest_api = {}
  }
}

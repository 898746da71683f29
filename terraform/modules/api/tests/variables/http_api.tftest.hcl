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

run "two_services_on_one_route_are_refused" {
  command         = plan
  expect_failures = [var.services]

  variables {
    http_api = {}
    services = {
      orders  = { runtime = "lambda", routes = [{ method = "GET", path = "/orders/{id}" }] }
      archive = { runtime = "lambda", routes = [{ method = "GET", path = "/orders/{number}" }] }
    }
  }
}

run "an_unknown_way_in_is_refused" {
  command         = plan
  expect_failures = [var.services]

  variables {
    http_api = {}
    services = {
      orders = { runtime = "lambda", routes = [{ path = "/orders", via = "door" }] }
    }
  }
}

run "an_unknown_runtime_is_refused" {
  command         = plan
  expect_failures = [var.services]

  variables {
    http_api = {}
    services = {
      orders = { runtime = "ec2" }
    }
  }
}

run "an_unknown_method_is_refused" {
  command         = plan
  expect_failures = [var.services]

  variables {
    http_api = {}
    services = {
      orders = { runtime = "lambda", routes = [{ method = "FETCH", path = "/orders" }] }
    }
  }
}

run "an_unknown_authorization_is_refused" {
  command         = plan
  expect_failures = [var.services]

  variables {
    http_api = {}
    services = {
      orders = { runtime = "lambda", routes = [{ path = "/orders", authorization = "basic" }] }
    }
  }
}

run "a_path_with_a_wildcard_is_refused" {
  command         = plan
  expect_failures = [var.services]

  variables {
    http_api = {}
    services = {
      orders = { runtime = "lambda", routes = [{ path = "/orders/*" }] }
    }
  }
}

run "scopes_need_tokens" {
  command         = plan
  expect_failures = [var.services]

  variables {
    http_api = {}
    services = {
      orders = { runtime = "lambda", routes = [{ path = "/orders", authorization = "iam", scopes = ["orders/read"] }] }
    }
  }
}

run "routes_need_the_api" {
  command         = plan
  expect_failures = [var.http_api]

  variables {
    services = {
      orders = { runtime = "lambda", routes = [{ path = "/orders" }] }
    }
  }
}

run "throttling_of_a_route_that_is_not_there_is_refused" {
  command         = plan
  expect_failures = [var.http_api]

  variables {
    http_api = { route_throttling = { "GET /nowhere" = { rate_limit = 1, burst_limit = 1 } } }
  }
}

run "credentials_for_every_origin_are_refused" {
  command         = plan
  expect_failures = [var.http_api]

  variables {
    http_api = { cors = { allow_origins = ["*"], allow_credentials = true } }
  }
}

run "an_issuer_needs_an_audience" {
  command         = plan
  expect_failures = [var.http_api]

  variables {
    http_api = { jwt = { issuer = "https://login.example" } }
  }
}

run "a_domain_needs_a_certificate" {
  command         = plan
  expect_failures = [var.http_api]

  variables {
    http_api = { domain = { name = "api.shop.example" } }
  }
}

run "a_domain_names_a_certificate_that_is_there" {
  command         = plan
  expect_failures = [var.http_api]

  variables {
    http_api = { domain = { name = "api.shop.example", certificate = "nowhere" } }
  }
}

run "a_domain_names_a_zone_that_is_there" {
  command         = plan
  expect_failures = [var.http_api]

  variables {
    http_api = { domain = { name = "api.shop.example", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/a", zone = "nowhere" } }
  }
}

run "logs_are_kept_for_a_period_that_aws_offers" {
  command         = plan
  expect_failures = [var.log_retention_in_days]

  variables {
    log_retention_in_days = 100
  }
}

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

run "app_mesh_must_be_acknowledged" {
  command         = plan
  expect_failures = [var.mesh]

  variables {
    mesh = { kind = "appmesh" }
  }
}

run "an_unknown_mesh_is_refused" {
  command         = plan
  expect_failures = [var.mesh]

  variables {
    mesh = { kind = "istio" }
  }
}

run "the_mesh_names_services_that_are_there" {
  command         = plan
  expect_failures = [var.mesh]

  variables {
    mesh = { services = ["nobody"] }
  }
}

run "requests_are_signed_or_not" {
  command         = plan
  expect_failures = [var.mesh]

  variables {
    mesh = { kind = "vpc_lattice", vpc_lattice = { auth_type = "BASIC" } }
  }
}

run "rules_name_services_of_the_mesh" {
  command         = plan
  expect_failures = [var.mesh]

  variables {
    mesh = { kind = "vpc_lattice", vpc_lattice = { rules = { a = { service = "nobody", priority = 1, method = "GET", status_code = 404 } } } }
  }
}

run "rules_match_something" {
  command         = plan
  expect_failures = [var.mesh]

  variables {
    services = {
      orders     = { runtime = "lambda", uses = { services = ["catalog"] } }
      catalog    = { runtime = "ecs", routes = [{ method = "GET", path = "/products/{id}", via = "alb", authorization = "none" }] }
      storefront = { runtime = "eks", port = 3000, uses = { services = ["catalog", "orders"] } }
    }
    alb  = {}
    mesh = { kind = "vpc_lattice", vpc_lattice = { rules = { a = { service = "catalog", priority = 1, status_code = 404 } } } }
  }
}

run "rules_have_their_own_priority" {
  command         = plan
  expect_failures = [var.mesh]

  variables {
    services = {
      orders     = { runtime = "lambda", uses = { services = ["catalog"] } }
      catalog    = { runtime = "ecs", routes = [{ method = "GET", path = "/products/{id}", via = "alb", authorization = "none" }] }
      storefront = { runtime = "eks", port = 3000, uses = { services = ["catalog", "orders"] } }
    }
    alb  = {}
    mesh = { kind = "vpc_lattice", vpc_lattice = { rules = { a = { service = "catalog", priority = 200, method = "GET", status_code = 404 } } } }
  }
}

run "a_service_network_needs_a_network" {
  command         = plan
  expect_failures = [var.mesh]

  variables {
    vpc_id = null
    mesh   = { kind = "vpc_lattice" }
  }
}

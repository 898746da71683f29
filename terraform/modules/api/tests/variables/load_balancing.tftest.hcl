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

run "containers_need_the_load_balancer" {
  command         = plan
  expect_failures = [var.alb]

  variables {
    http_api = {}
    services = {
      catalog = { runtime = "ecs", routes = [{ path = "/p" }] }
    }
  }
}

run "functions_are_not_behind_it" {
  command         = plan
  expect_failures = [var.services]

  variables {
    alb = {}
    services = {
      orders = { runtime = "lambda", routes = [{ path = "/o", via = "alb", authorization = "none" }] }
    }
  }
}

run "it_checks_no_tokens" {
  command         = plan
  expect_failures = [var.services]

  variables {
    alb = {}
    services = {
      catalog = { runtime = "ecs", routes = [{ path = "/p", via = "alb" }] }
    }
  }
}

run "container_services_share_no_path_whatever_they_are_reached_through" {
  command         = plan
  expect_failures = [var.services]

  variables {
    alb      = {}
    http_api = {}
    services = {
      catalog    = { runtime = "ecs", routes = [{ method = "GET", path = "/p/{id}" }] }
      storefront = { runtime = "eks", routes = [{ path = "/p/{proxy+}", via = "alb", authorization = "none" }] }
    }
  }
}

run "the_internet_needs_a_certificate" {
  command         = plan
  expect_failures = [var.alb]

  variables {
    alb = { internal = false }
  }
}

run "one_certificate_at_a_time" {
  command         = plan
  expect_failures = [var.alb]

  variables {
    alb = { certificate = "a", certificate_arn = "b" }
  }
}

run "a_certificate_that_is_there" {
  command         = plan
  expect_failures = [var.alb]

  variables {
    alb = { certificate = "nowhere" }
  }
}

run "nobody_goes_around_the_authorizer" {
  command         = plan
  expect_failures = [var.alb]

  variables {
    http_api = {}
    alb      = { internal = false, certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/a" }
    services = {
      catalog = { runtime = "ecs", routes = [{ path = "/p" }] }
    }
  }
}

run "old_tls_is_refused" {
  command         = plan
  expect_failures = [var.alb]

  variables {
    alb = { ssl_policy = "ELBSecurityPolicy-2016-08" }
  }
}

run "ranges_are_ranges" {
  command         = plan
  expect_failures = [var.alb]

  variables {
    alb = { allowed_cidrs = ["everybody"] }
  }
}

run "hosts_are_of_container_services" {
  command         = plan
  expect_failures = [var.alb]

  variables {
    alb = { hosts = { nobody = ["www.shop.example"] } }
  }
}

run "hosts_are_few" {
  command         = plan
  expect_failures = [var.alb]

  variables {
    alb = { hosts = { catalog = ["a.example", "b.example", "c.example", "d.example"] } }
    services = {
      catalog = { runtime = "ecs", routes = [{ path = "/p", via = "alb", authorization = "none" }] }
    }
  }
}

run "priorities_are_those_that_aws_takes" {
  command         = plan
  expect_failures = [var.alb]

  variables {
    alb = { rule_priorities = { "catalog /p" = 60000 } }
  }
}

run "times_are_those_that_aws_takes" {
  command         = plan
  expect_failures = [var.alb]

  variables {
    alb = { idle_timeout_seconds = 5000 }
  }
}

run "the_test_listener_has_its_own_port" {
  command         = plan
  expect_failures = [var.alb]

  variables {
    alb = { test_listener_port = 443 }
  }
}

run "tls_needs_a_certificate" {
  command         = plan
  expect_failures = [var.nlb]

  variables {
    nlb = { listeners = { a = { port = 443, protocol = "TLS" } } }
  }
}

run "only_connections_pass" {
  command         = plan
  expect_failures = [var.nlb]

  variables {
    nlb = { listeners = { a = { port = 443, protocol = "UDP" } } }
  }
}

run "listeners_have_their_own_ports" {
  command         = plan
  expect_failures = [var.nlb]

  variables {
    nlb = { listeners = { a = { port = 443 }, b = { port = 443 } } }
  }
}

run "the_target_is_there" {
  command         = plan
  expect_failures = [var.nlb]

  variables {
    nlb = { listeners = { a = { port = 443, target = "alb" } } }
  }
}

run "a_network_load_balancer_serves_something" {
  command         = plan
  expect_failures = [var.nlb]

  variables {
    nlb = {}
  }
}

run "the_certificate_of_a_listener_is_there" {
  command         = plan
  expect_failures = [var.nlb]

  variables {
    nlb = { listeners = { a = { port = 443, protocol = "TLS", certificate = "nowhere" } } }
  }
}

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

run "a_zone_is_a_domain" {
  command         = plan
  expect_failures = [var.zones]

  variables {
    zones = { a = { name = "shop.example." } }
  }
}

run "a_certificate_is_proven_in_a_zone" {
  command         = plan
  expect_failures = [var.certificates]

  variables {
    certificates = { a = { domain_name = "shop.example" } }
  }
}

run "a_certificate_is_proven_in_a_public_zone" {
  command         = plan
  expect_failures = [var.certificates]

  variables {
    zones        = { public = { name = "shop.example" }, internal = { name = "shop.internal", private = true } }
    certificates = { a = { domain_name = "shop.internal", zone = "internal" } }
  }
}

run "a_key_algorithm_is_one_that_load_balancers_take" {
  command         = plan
  expect_failures = [var.certificates]

  variables {
    zones        = { public = { name = "shop.example" }, internal = { name = "shop.internal", private = true } }
    certificates = { a = { domain_name = "shop.example", zone = "public", key_algorithm = "RSA_1024" } }
  }
}

run "a_record_lies_in_a_zone" {
  command         = plan
  expect_failures = [var.records]

  variables {
    zones   = { public = { name = "shop.example" }, internal = { name = "shop.internal", private = true } }
    records = { a = { name = "a", values = ["1.2.3.4"] } }
  }
}

run "a_record_lies_in_a_zone_that_is_there" {
  command         = plan
  expect_failures = [var.records]

  variables {
    zones   = { public = { name = "shop.example" }, internal = { name = "shop.internal", private = true } }
    records = { a = { zone = "nowhere", values = ["1.2.3.4"] } }
  }
}

run "an_unknown_target_is_refused" {
  command         = plan
  expect_failures = [var.records]

  variables {
    zones   = { public = { name = "shop.example" }, internal = { name = "shop.internal", private = true } }
    records = { a = { zone = "public", target = "cdn" } }
  }
}

run "a_record_says_one_thing" {
  command         = plan
  expect_failures = [var.records]

  variables {
    zones   = { public = { name = "shop.example" }, internal = { name = "shop.internal", private = true } }
    records = { a = { zone = "public" } }
  }
}

run "a_target_is_there" {
  command         = plan
  expect_failures = [var.records]

  variables {
    zones   = { public = { name = "shop.example" }, internal = { name = "shop.internal", private = true } }
    records = { a = { zone = "public", target = "alb" } }
  }
}

run "a_health_check_is_there" {
  command         = plan
  expect_failures = [var.records]

  variables {
    zones   = { public = { name = "shop.example" }, internal = { name = "shop.internal", private = true } }
    records = { a = { zone = "public", values = ["1.2.3.4"], health_check = "nowhere" } }
  }
}

run "one_of_several_says_which" {
  command         = plan
  expect_failures = [var.records]

  variables {
    zones   = { public = { name = "shop.example" }, internal = { name = "shop.internal", private = true } }
    records = { a = { zone = "public", values = ["1.2.3.4"], weight = 10 } }
  }
}

run "an_unknown_check_is_refused" {
  command         = plan
  expect_failures = [var.health_checks]

  variables {
    health_checks = { a = { fqdn = "a.example", type = "PING" } }
  }
}

run "a_text_is_looked_for_where_one_can" {
  command         = plan
  expect_failures = [var.health_checks]

  variables {
    health_checks = { a = { fqdn = "a.example", search_string = "ok" } }
  }
}

run "an_interval_is_ten_or_thirty" {
  command         = plan
  expect_failures = [var.health_checks]

  variables {
    health_checks = { a = { fqdn = "a.example", request_interval_seconds = 20 } }
  }
}

run "regions_are_three_or_all" {
  command         = plan
  expect_failures = [var.health_checks]

  variables {
    health_checks = { a = { fqdn = "a.example", regions = ["eu-west-1"] } }
  }
}

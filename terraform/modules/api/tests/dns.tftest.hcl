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

run "zones_certificates_records" {
  command = plan

  variables {
    zones        = { public = { name = "shop.example" }, internal = { name = "shop.internal", private = true } }
    certificates = { public = { domain_name = "shop.example", subject_alternative_names = ["*.shop.example", "www.shop.example"], zone = "public" } }
    alb          = { certificate = "public" }
    records = {
      lb   = { zone = "internal", name = "lb", target = "alb" }
      www  = { zone = "public", name = "www", target = "alb", health_check = "www", set_identifier = "main", failover = "PRIMARY" }
      spf  = { zone = "public", type = "TXT", values = ["v=spf1 -all"] }
      else = { zone_id = "Z0123456789", name = "a.example", alias = { name = "b.example", zone_id = "Z1" } }
    }
    health_checks = { www = { fqdn = "www.shop.example", type = "HTTPS_STR_MATCH", search_string = "ok" } }
  }

  assert {
    condition     = toset(keys(aws_route53_record.certificate)) == toset(["public/shop.example", "public/www.shop.example"])
    error_message = "a wildcard is proven with the name below it"
  }
  assert {
    condition     = aws_route53_record.this["lb"].name == "lb.shop.internal" && aws_route53_record.this["spf"].name == "shop.example" && aws_route53_record.this["spf"].ttl == 300
    error_message = "names lie in their zone"
  }
  assert {
    condition     = length(aws_route53_zone.this["public"].vpc) == 0 && one(aws_route53_zone.this["internal"].vpc).vpc_id == var.vpc_id
    error_message = "a private zone answers in the VPC"
  }
  assert {
    condition     = aws_route53_record.this["www"].failover_routing_policy[0].type == "PRIMARY" && aws_route53_record.this["else"].alias[0].zone_id == "Z1"
    error_message = "one of several, or something else of AWS"
  }
  assert {
    condition     = aws_route53_health_check.this["www"].enable_sni && aws_route53_health_check.this["www"].search_string == "ok"
    error_message = "asked with the name"
  }
  assert {
    condition     = !aws_route53_zone.this["public"].force_destroy
    error_message = "a protected zone keeps its records"
  }

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

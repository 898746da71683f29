# Every rule of the variables refuses its own bad value, one at a time. Run over the variables alone, without a provider:
# `python -m pytest tests/e2e/test_modules.py`.

variables {
  name_prefix        = "shop-test"
  region             = "eu-west-1"
  account_id         = "123456789012"
  logs_kms_key_arn   = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  vpc_cidr           = "10.20.0.0/16"
  availability_zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
}

run "a_neighbour_has_a_range" {
  command         = plan
  expect_failures = [var.connected_cidrs]
  variables {
    connected_cidrs = { office = "upstairs" }
  }
}

run "one_zone_is_not_enough" {
  command         = plan
  expect_failures = [var.availability_zones]
  variables {
    availability_zones = ["eu-west-1a"]
  }
}

run "a_zone_is_named_once" {
  command         = plan
  expect_failures = [var.availability_zones]
  variables {
    availability_zones = ["eu-west-1a", "eu-west-1a"]
  }
}

run "gateways_lead_to_s3_and_dynamodb" {
  command         = plan
  expect_failures = [var.gateway_endpoints]
  variables {
    gateway_endpoints = ["sqs"]
  }
}

run "logs_are_kept_as_long_as_cloudwatch_can" {
  command         = plan
  expect_failures = [var.flow_log_retention_in_days]
  variables {
    flow_log_retention_in_days = 100
  }
}

run "traffic_is_accepted_or_rejected" {
  command         = plan
  expect_failures = [var.flow_log_traffic_type]
  variables {
    flow_log_traffic_type = "SOME"
  }
}

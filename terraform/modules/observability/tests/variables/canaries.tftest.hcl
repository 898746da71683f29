# Every rule of the variables refuses its own bad value, one at a time. Run over the variables alone, without a provider:
# `python -m pytest tests/e2e/test_modules.py`.

variables {
  name_prefix           = "shop-test"
  region                = "eu-west-1"
  account_id            = "123456789012"
  logs_kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  messaging_kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-1111-1111-1111-111111111111"
  vpc_id                = "vpc-0123456789abcdef0"
  vpc_cidr              = "10.0.0.0/16"
  private_subnet_ids    = ["subnet-00000000000000001", "subnet-00000000000000002", "subnet-00000000000000003"]
}

run "a_name_too_long_for_synthetics" {
  command = plan
  variables {
    canaries = { a-canary-with-a-long-name = { url = "https://shop.example" } }
  }
  expect_failures = [var.canaries]
}

run "a_url_and_a_script" {
  command = plan
  variables {
    canaries = { a = { url = "https://shop.example", script = { bucket = "b", key = "k", handler = "h.h" } } }
  }
  expect_failures = [var.canaries]
}

run "a_url_that_is_none" {
  command = plan
  variables {
    canaries = { a = { url = "shop.example" } }
  }
  expect_failures = [var.canaries]
}

run "a_schedule_that_is_none" {
  command = plan
  variables {
    canaries = { a = { url = "https://shop.example", schedule = "5 minutes" } }
  }
  expect_failures = [var.canaries]
}

run "memory_between_steps" {
  command = plan
  variables {
    canaries = { a = { url = "https://shop.example", memory_mb = 1000 } }
  }
  expect_failures = [var.canaries]
}

# Every rule of the variables refuses its own bad value, one at a time. Run over the variables alone, without a provider:
# `python -m pytest tests/e2e/test_modules.py`.

variables {
  name_prefix           = "shop-test"
  region                = "eu-west-1"
  account_id            = "123456789012"
  kms_key_arn           = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  logs_kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  messaging_kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000003"
  secrets_kms_key_arn   = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000004"
}

run "blue_green_without_routes_is_refused" {
  command         = plan
  expect_failures = [var.services]

  variables {
    services = { catalog = { runtime = "ecs", deployment = { strategy = "blue_green" } } }
  }
}

run "a_service_whose_role_has_too_long_a_name_is_refused" {
  command         = plan
  expect_failures = [var.services]

  variables {
    name_prefix = "a-very-long-project-name-in-a-long-environment-name"
    services    = { orders = { runtime = "lambda" } }
  }
}

run "a_deployment_of_nothing_is_refused" {
  command         = plan
  expect_failures = [var.deployments]

  variables {
    deployments = { gone = {} }
  }
}

run "a_whole_step_is_refused" {
  command         = plan
  expect_failures = [var.deployments]

  variables {
    deployments = { orders = { percentage = 100 } }
    services    = { orders = { runtime = "lambda" } }
  }
}

run "a_configuration_that_is_not_there_is_refused" {
  command         = plan
  expect_failures = [var.deployments]

  variables {
    deployments = { orders = { configuration = "gone" } }
    services    = { orders = { runtime = "lambda" } }
  }
}

run "a_platform_that_is_none_is_refused" {
  command         = plan
  expect_failures = [var.deployment_configurations]

  variables {
    deployment_configurations = { x = { platform = "EKS", type = "canary" } }
  }
}

run "an_interval_of_nothing_is_refused" {
  command         = plan
  expect_failures = [var.deployment_configurations]

  variables {
    deployment_configurations = { x = { platform = "ECS", type = "canary", interval_minutes = 0 } }
  }
}

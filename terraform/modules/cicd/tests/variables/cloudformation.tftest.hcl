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

run "a_stack_without_a_template_is_refused" {
  command         = plan
  expect_failures = [var.stacks]

  variables {
    stacks = { x = {} }
  }
}

run "a_stack_with_two_templates_is_refused" {
  command         = plan
  expect_failures = [var.stacks]

  variables {
    stacks = { x = { template_body = "Resources:", template_url = "https://b.s3.amazonaws.com/t" } }
  }
}

run "a_template_without_resources_is_refused" {
  command         = plan
  expect_failures = [var.stacks]

  variables {
    stacks = { x = { template_body = "{}" } }
  }
}

run "a_template_from_anywhere_is_refused" {
  command         = plan
  expect_failures = [var.stacks]

  variables {
    stacks = { x = { template_url = "https://example.com/t" } }
  }
}

run "a_capability_that_is_none_is_refused" {
  command         = plan
  expect_failures = [var.stacks]

  variables {
    stacks = { x = { template_body = "Resources:", capabilities = ["CAPABILITY_ALL"] } }
  }
}

run "an_end_that_is_none_is_refused" {
  command         = plan
  expect_failures = [var.stacks]

  variables {
    stacks = { x = { template_body = "Resources:", on_failure = "RETRY" } }
  }
}

run "two_policies_is_refused" {
  command         = plan
  expect_failures = [var.stacks]

  variables {
    stacks = { x = { template_body = "Resources:", protect_resources = ["*"], policy_body = "{\"Statement\": []}" } }
  }
}

run "a_policy_that_is_none_is_refused" {
  command         = plan
  expect_failures = [var.stacks]

  variables {
    stacks = { x = { template_body = "Resources:", policy_body = "{}" } }
  }
}

run "two_roles_is_refused" {
  command         = plan
  expect_failures = [var.stacks]

  variables {
    stacks = { x = { template_body = "Resources:", role_arn = "arn:aws:iam::123456789012:role/cfn", permissions = [{ actions = ["sqs:*"], resources = ["*"] }] } }
  }
}

run "a_stack_with_capitals_is_refused" {
  command         = plan
  expect_failures = [var.stacks]

  variables {
    stacks = { Stack = { template_body = "Resources:" } }
  }
}

run "a_cdk_stack_called_as_another_is_refused" {
  command         = plan
  expect_failures = [var.cdk_stacks]

  variables {
    stacks     = { x = { template_body = "Resources:" } }
    cdk_stacks = { x = { template_file = "x" } }
  }
}

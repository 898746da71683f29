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

run "a_connection_of_no_known_provider_is_refused" {
  command         = plan
  expect_failures = [var.connections]

  variables {
    connections = { x = { provider_type = "Subversion" } }
  }
}

run "a_connection_with_too_long_a_name_is_refused" {
  command         = plan
  expect_failures = [var.connections]

  variables {
    connections = { a-name-that-is-much-too-long-here = {} }
  }
}

run "a_host_for_a_provider_without_one_is_refused" {
  command         = plan
  expect_failures = [var.connections]

  variables {
    connections = { x = { host_arn = "arn:aws:codeconnections:eu-west-1:123456789012:host/x" } }
  }
}

run "an_address_that_is_none_is_refused" {
  command         = plan
  expect_failures = [var.notifications]

  variables {
    notifications = { emails = ["team"] }
  }
}

run "no_days_of_artifacts_is_refused" {
  command         = plan
  expect_failures = [var.artifact_retention_in_days]

  variables {
    artifact_retention_in_days = 0
  }
}

run "a_retention_that_logs_do_not_have_is_refused" {
  command         = plan
  expect_failures = [var.log_retention_in_days]

  variables {
    log_retention_in_days = 42
  }
}

run "an_account_that_is_none_is_refused" {
  command         = plan
  expect_failures = [var.account_id]

  variables {
    account_id = "12"
  }
}

run "a_project_with_capitals_is_refused" {
  command         = plan
  expect_failures = [var.projects]

  variables {
    projects = { Image = {} }
  }
}

run "a_project_whose_role_has_too_long_a_name_is_refused" {
  command         = plan
  expect_failures = [var.projects]

  variables {
    name_prefix = "a-very-long-project-name-in-a-long-environment-name"
    projects    = { image = {} }
  }
}

run "a_source_of_no_known_type_is_refused" {
  command         = plan
  expect_failures = [var.projects]

  variables {
    projects = { x = { source = { type = "svn" } } }
  }
}

run "a_repository_without_a_location_is_refused" {
  command         = plan
  expect_failures = [var.projects]

  variables {
    projects = { x = { source = { type = "github" } } }
  }
}

run "a_source_through_a_connection_that_is_not_there_is_refused" {
  command         = plan
  expect_failures = [var.projects]

  variables {
    projects = { x = { source = { type = "github", location = "https://github.com/a/b.git", connection = "gone" } } }
  }
}

run "no_source_and_no_buildspec_is_refused" {
  command         = plan
  expect_failures = [var.projects]

  variables {
    projects = { x = { source = { type = "none" } } }
  }
}

run "a_compute_type_that_is_none_is_refused" {
  command         = plan
  expect_failures = [var.projects]

  variables {
    projects = { x = { compute_type = "huge" } }
  }
}

run "a_cache_that_is_none_is_refused" {
  command         = plan
  expect_failures = [var.projects]

  variables {
    projects = { x = { cache = "redis" } }
  }
}

run "a_build_of_a_minute_is_refused" {
  command         = plan
  expect_failures = [var.projects]

  variables {
    projects = { x = { timeout_minutes = 1 } }
  }
}

run "a_statement_that_is_none_is_refused" {
  command         = plan
  expect_failures = [var.projects]

  variables {
    projects = { x = { policy_statements = ["allow"] } }
  }
}

run "delivery_without_an_environment_is_refused" {
  command         = plan
  expect_failures = [var.delivery]

  variables {
    delivery = { environment = "No Environment" }
  }
}

run "a_project_called_as_deliverys_is_refused" {
  command         = plan
  expect_failures = [var.delivery]

  variables {
    delivery = { environment = "test" }
    projects = { plan = {} }
  }
}

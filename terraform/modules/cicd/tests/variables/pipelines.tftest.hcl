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

  connections = { github = {} }
  projects    = { image = {} }
  services    = { orders = { runtime = "lambda", deployment = { strategy = "canary" } }, plain = { runtime = "ecs" } }
}

run "a_source_that_is_neither_is_refused" {
  command         = plan
  expect_failures = [var.pipelines]

  variables {
    pipelines = {
      x = {
        source = { repository = "a/b" }
        stages = [{ name = "Build", actions = [{ name = "Build", type = "build", project = "image" }] }]
      }
    }
  }
}

run "a_connection_that_is_not_there_is_refused" {
  command         = plan
  expect_failures = [var.pipelines]

  variables {
    pipelines = {
      x = {
        source = { connection = "gone", repository = "a/b" }
        stages = [{ name = "Build", actions = [{ name = "Build", type = "build", project = "image" }] }]
      }
    }
  }
}

run "a_repository_without_an_owner_is_refused" {
  command         = plan
  expect_failures = [var.pipelines]

  variables {
    pipelines = {
      x = {
        source = { connection = "github", repository = "shop" }
        stages = [{ name = "Build", actions = [{ name = "Build", type = "build", project = "image" }] }]
      }
    }
  }
}

run "a_trigger_of_a_bucket_is_refused" {
  command         = plan
  expect_failures = [var.pipelines]

  variables {
    pipelines = {
      x = {
        source   = { bucket = "b", key = "k" }
        triggers = [{ branches = { includes = ["main"] } }]
        stages   = [{ name = "Build", actions = [{ name = "Build", type = "build", project = "image" }] }]
      }
    }
  }
}

run "a_pull_request_without_branches_is_refused" {
  command         = plan
  expect_failures = [var.pipelines]

  variables {
    pipelines = {
      x = {
        source   = { connection = "github", repository = "example/shop" }
        triggers = [{ event = "pull_request" }]
        stages   = [{ name = "Build", actions = [{ name = "Build", type = "build", project = "image" }] }]
      }
    }
  }
}

run "a_mode_that_is_none_is_refused" {
  command         = plan
  expect_failures = [var.pipelines]

  variables {
    pipelines = {
      x = {
        source         = { connection = "github", repository = "example/shop" }
        execution_mode = "RANDOM"
        stages         = [{ name = "Build", actions = [{ name = "Build", type = "build", project = "image" }] }]
      }
    }
  }
}

run "a_pipeline_without_stages_is_refused" {
  command         = plan
  expect_failures = [var.pipelines]

  variables {
    pipelines = {
      x = {
        source = { connection = "github", repository = "example/shop" }
        stages = []
      }
    }
  }
}

run "an_end_of_a_stage_that_is_none_is_refused" {
  command         = plan
  expect_failures = [var.pipelines]

  variables {
    pipelines = {
      x = {
        source = { connection = "github", repository = "example/shop" }
        stages = [{ name = "Build", on_failure = "PANIC", actions = [{ name = "Build", type = "build", project = "image" }] }]
      }
    }
  }
}

run "a_rollback_of_parallel_runs_is_refused" {
  command         = plan
  expect_failures = [var.pipelines]

  variables {
    pipelines = {
      x = {
        source         = { connection = "github", repository = "example/shop" }
        execution_mode = "PARALLEL"
        stages         = [{ name = "Build", on_failure = "ROLLBACK", actions = [{ name = "Build", type = "build", project = "image" }] }]
      }
    }
  }
}

run "an_action_of_no_known_type_is_refused" {
  command         = plan
  expect_failures = [var.pipelines]

  variables {
    pipelines = {
      x = {
        source = { connection = "github", repository = "example/shop" }
        stages = [{ name = "Build", actions = [{ name = "Build", type = "pray" }] }]
      }
    }
  }
}

run "a_build_of_a_project_that_is_not_there_is_refused" {
  command         = plan
  expect_failures = [var.pipelines]

  variables {
    pipelines = {
      x = {
        source = { connection = "github", repository = "example/shop" }
        stages = [{ name = "Build", actions = [{ name = "Build", type = "build", project = "gone" }] }]
      }
    }
  }
}

run "an_approval_with_a_project_is_refused" {
  command         = plan
  expect_failures = [var.pipelines]

  variables {
    pipelines = {
      x = {
        source = { connection = "github", repository = "example/shop" }
        stages = [{ name = "Build", actions = [{ name = "Build", type = "approval", project = "image" }] }]
      }
    }
  }
}

run "a_blue_green_deployment_of_a_rolling_service_is_refused" {
  command         = plan
  expect_failures = [var.pipelines]

  variables {
    pipelines = {
      x = {
        source = { connection = "github", repository = "example/shop" }
        stages = [{ name = "Deploy", actions = [{ name = "Deploy", type = "deploy_ecs", service = "plain" }] }]
      }
    }
  }
}

run "a_deployment_of_a_function_that_is_none_is_refused" {
  command         = plan
  expect_failures = [var.pipelines]

  variables {
    pipelines = {
      x = {
        source = { connection = "github", repository = "example/shop" }
        stages = [{ name = "Deploy", actions = [{ name = "Deploy", type = "deploy_lambda", service = "plain" }] }]
      }
    }
  }
}

run "a_stack_without_a_role_is_refused" {
  command         = plan
  expect_failures = [var.pipelines]

  variables {
    pipelines = {
      x = {
        source = { connection = "github", repository = "example/shop" }
        stages = [{ name = "Deploy", actions = [{ name = "Deploy", type = "cloudformation", stack = "x" }] }]
      }
    }
  }
}

run "a_clock_that_is_none_is_refused" {
  command         = plan
  expect_failures = [var.pipelines]

  variables {
    pipelines = {
      x = {
        source   = { connection = "github", repository = "example/shop" }
        schedule = "daily"
        stages   = [{ name = "Build", actions = [{ name = "Build", type = "build", project = "image" }] }]
      }
    }
  }
}

run "a_comment_that_is_too_long_is_refused" {
  command         = plan
  expect_failures = [var.pipelines]

  variables {
    pipelines = {
      x = {
        source = { connection = "github", repository = "example/shop" }
        stages = [{ name = "Ask", actions = [{ name = "Ask", type = "approval", comment = join("", [for number in range(1001) : "x"]) }] }]
      }
    }
  }
}

run "a_link_that_is_none_is_refused" {
  command         = plan
  expect_failures = [var.pipelines]

  variables {
    pipelines = {
      x = {
        source = { connection = "github", repository = "example/shop" }
        stages = [{ name = "Ask", actions = [{ name = "Ask", type = "approval", link = "javascript:alert(1)" }] }]
      }
    }
  }
}

# Every rule of the variables refuses its own bad value, one at a time. Run over the variables alone, without a provider:
# `python -m pytest tests/e2e/test_modules.py`.

variables {
  name_prefix              = "shop-test"
  account_id               = "123456789012"
  region                   = "eu-west-1"
  kms_key_arn              = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  logs_kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
  vpc_id                   = "vpc-1"
  vpc_cidr                 = "10.0.0.0/16"
  private_subnet_ids       = ["subnet-2", "subnet-1"]
  messaging_kms_key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000003"
  data_kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000004"
  bucket_arns              = { media = "arn:aws:s3:::media" }
}

# an endpoints name, a domains name, a pipelines name
run "refused_1" {
  command = plan

  variables {
    models    = { m = { containers = [{ image = "r.example/m:1" }] }, s = { hosting = "serverless", containers = [{ image = "r.example/s:1" }] } }
    endpoints = { E = { variants = { a = { model = "m", instance_type = "ml.m5.large" } } } }
    domains   = { D = {} }
    pipelines = { P = { definition = "Steps: []" } }
  }

  expect_failures = [var.domains, var.endpoints, var.pipelines]
}

# an endpoint without variants, an auth mode, a pipeline without a definition
run "refused_2" {
  command = plan

  variables {
    models    = { m = { containers = [{ image = "r.example/m:1" }] }, s = { hosting = "serverless", containers = [{ image = "r.example/s:1" }] } }
    endpoints = { e = { variants = {} } }
    domains   = { d = { auth_mode = "SAML" } }
    pipelines = { p = { description = "nothing" } }
  }

  expect_failures = [var.domains, var.endpoints, var.pipelines]
}

# two shadows, an idle timeout that is too short, a definition without a pipeline
run "refused_3" {
  command = plan

  variables {
    models               = { m = { containers = [{ image = "r.example/m:1" }] }, s = { hosting = "serverless", containers = [{ image = "r.example/s:1" }] } }
    endpoints            = { e = { variants = { a = { model = "m", instance_type = "ml.m5.large" } }, shadow_variants = { b = { model = "m", instance_type = "ml.m5.large" }, c = { model = "m", instance_type = "ml.m5.large" } } } }
    domains              = { d = { idle_timeout_minutes = 30 } }
    pipeline_definitions = { p = { Steps = [] } }
  }

  expect_failures = [var.domains, var.endpoints, var.pipelines]
}

# a variant of a serverless model, a domains instance type, a definition without steps
run "refused_4" {
  command = plan

  variables {
    models    = { m = { containers = [{ image = "r.example/m:1" }] }, s = { hosting = "serverless", containers = [{ image = "r.example/s:1" }] } }
    endpoints = { e = { variants = { a = { model = "s", instance_type = "ml.m5.large" } } } }
    domains   = { d = { instance_type = "t3.medium" } }
    pipelines = { p = { definition = "Version: 1" } }
  }

  expect_failures = [var.domains, var.endpoints, var.pipelines]
}

# an instance type of ec2, an app to hide, no parallel steps
run "refused_5" {
  command = plan

  variables {
    models    = { m = { containers = [{ image = "r.example/m:1" }] }, s = { hosting = "serverless", containers = [{ image = "r.example/s:1" }] } }
    endpoints = { e = { variants = { a = { model = "m", instance_type = "m5.large" } } } }
    domains   = { d = { hidden_apps = ["Emacs"] } }
    pipelines = { p = { definition = "Steps: []", parallel_steps = 0 } }
  }

  expect_failures = [var.domains, var.endpoints, var.pipelines]
}

run "an_endpoint_on_a_generation_that_sagemaker_does_not_have" {
  command         = plan
  expect_failures = [var.endpoints]

  variables {
    models    = { m = { containers = [{ image = "r.example/m:1" }] } }
    endpoints = { e = { variants = { a = { model = "m", instance_type = "ml.m99.large" } } } }
  }
}

run "a_domain_on_a_size_that_sagemaker_does_not_have" {
  command         = plan
  expect_failures = [var.domains]

  variables {
    domains = { d = { instance_type = "ml.t3.huge" } }
  }
}

# a share that is no whole number, a disk smaller than its default, an access to a bucket
run "refused_6" {
  command = plan

  variables {
    models    = { m = { containers = [{ image = "r.example/m:1" }] }, s = { hosting = "serverless", containers = [{ image = "r.example/s:1" }] } }
    endpoints = { e = { variants = { a = { model = "m", instance_type = "ml.m5.large", weight = 0.1 } } } }
    domains   = { d = { space_storage_gb = 50, max_space_storage_gb = 20 } }
    pipelines = { p = { definition = "Steps: []", buckets = { media = "all" } } }
  }

  expect_failures = [var.domains, var.endpoints, var.pipelines]
}

# a volume that is too large, a script for another app, a pipelines unknown bucket
run "refused_7" {
  command = plan

  variables {
    models    = { m = { containers = [{ image = "r.example/m:1" }] }, s = { hosting = "serverless", containers = [{ image = "r.example/s:1" }] } }
    endpoints = { e = { variants = { a = { model = "m", instance_type = "ml.m5.large", volume_size_gb = 513 } } } }
    domains   = { d = { lifecycle_scripts = { s = { app = "Emacs", content = "true" } } } }
    pipelines = { p = { definition = "Steps: []", buckets = { nowhere = "read" } } }
  }

  expect_failures = [var.domains, var.endpoints, var.pipelines]
}

# scaling below the instances, a domains access to a bucket, an unknown package group
run "refused_8" {
  command = plan

  variables {
    models    = { m = { containers = [{ image = "r.example/m:1" }] }, s = { hosting = "serverless", containers = [{ image = "r.example/s:1" }] } }
    endpoints = { e = { variants = { a = { model = "m", instance_type = "ml.m5.large", instances = 5, scaling = { min = 1, max = 4, invocations_per_instance = 10 } } } } }
    domains   = { d = { buckets = { media = "all" } } }
    pipelines = { p = { definition = "Steps: []", model_package_groups = ["g"] } }
  }

  expect_failures = [var.domains, var.endpoints, var.pipelines]
}

# capturing more than all, a domains unknown feature group, a pipelines statement
run "refused_9" {
  command = plan

  variables {
    models    = { m = { containers = [{ image = "r.example/m:1" }] }, s = { hosting = "serverless", containers = [{ image = "r.example/s:1" }] } }
    endpoints = { e = { variants = { a = { model = "m", instance_type = "ml.m5.large" } }, data_capture = { percent = 101 } } }
    domains   = { d = { feature_groups = ["f"] } }
    pipelines = { p = { definition = "Steps: []", policy_statements = ["{}"] } }
  }

  expect_failures = [var.domains, var.endpoints, var.pipelines]
}

# an unknown strategy, a domains unknown bucket
run "refused_10" {
  command = plan

  variables {
    models    = { m = { containers = [{ image = "r.example/m:1" }] }, s = { hosting = "serverless", containers = [{ image = "r.example/s:1" }] } }
    endpoints = { e = { variants = { a = { model = "m", instance_type = "ml.m5.large" } }, deployment = { strategy = "blue_green" } } }
    domains   = { d = { buckets = { nowhere = "read" } } }
  }

  expect_failures = [var.domains, var.endpoints]
}

# a linear step that is too small, a users name
run "refused_11" {
  command = plan

  variables {
    models    = { m = { containers = [{ image = "r.example/m:1" }] }, s = { hosting = "serverless", containers = [{ image = "r.example/s:1" }] } }
    endpoints = { e = { variants = { a = { model = "m", instance_type = "ml.m5.large" } }, deployment = { strategy = "linear", percent = 5 } } }
    domains   = { d = { user_profiles = { "ada@shop" = {} } } }
  }

  expect_failures = [var.domains, var.endpoints]
}

# more errors than answers, a sign on user in iam
run "refused_12" {
  command = plan

  variables {
    models    = { m = { containers = [{ image = "r.example/m:1" }] }, s = { hosting = "serverless", containers = [{ image = "r.example/s:1" }] } }
    endpoints = { e = { variants = { a = { model = "m", instance_type = "ml.m5.large" } }, alarms = { error_percent = 101 } } }
    domains   = { d = { user_profiles = { ada = { sso_user = "ada" } } } }
  }

  expect_failures = [var.domains, var.endpoints]
}

# a models name, buckets of a user without a role
run "refused_13" {
  command = plan

  variables {
    models  = { Big_Model = { containers = [{ image = "r.example/m:1" }] } }
    domains = { d = { user_profiles = { ada = { buckets = { media = "read" } } } } }
  }

  expect_failures = [var.domains, var.models]
}

# a model without containers, a domains statement
run "refused_14" {
  command = plan

  variables {
    models  = { m = { containers = [] } }
    domains = { d = { policy_statements = ["{}"] } }
  }

  expect_failures = [var.domains, var.models]
}

# a container with image and package, a feature groups name, a package groups name, captured for no time
run "refused_15" {
  command = plan

  variables {
    models                      = { m = { containers = [{ image = "r.example/m:1", model_package_arn = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/a/1" }] } }
    feature_groups              = { F_1 = { record_identifier = "id", event_time = "at", features = [{ name = "id", type = "String" }, { name = "at", type = "String" }], online = {} } }
    model_package_groups        = { G = {} }
    data_capture_retention_days = 0
  }

  expect_failures = [var.data_capture_retention_days, var.feature_groups, var.model_package_groups, var.models]
}

# an image without a registry, a feature group without a store, an account that is none
run "refused_16" {
  command = plan

  variables {
    models               = { m = { containers = [{ image = "m" }] } }
    feature_groups       = { f = { record_identifier = "id", event_time = "at", features = [{ name = "id", type = "String" }, { name = "at", type = "String" }], description = "nowhere" } }
    model_package_groups = { g = { reader_accounts = ["1234"] } }
  }

  expect_failures = [var.feature_groups, var.model_package_groups, var.models]
}

# hosting on nothing, an identifier that is no feature
run "refused_17" {
  command = plan

  variables {
    models         = { m = { hosting = "batch", containers = [{ image = "r.example/m:1" }] } }
    feature_groups = { f = { record_identifier = "id", event_time = "at", features = [{ name = "id", type = "String" }], online = {} } }
  }

  expect_failures = [var.feature_groups, var.models]
}

# a serverless pipeline of containers, a feature twice
run "refused_18" {
  command = plan

  variables {
    models         = { m = { hosting = "serverless", containers = [{ image = "r.example/m:1" }, { image = "r.example/n:1" }] } }
    feature_groups = { f = { record_identifier = "id", event_time = "at", features = concat([{ name = "id", type = "String" }, { name = "at", type = "String" }], [{ name = "id", type = "String" }]), online = {} } }
  }

  expect_failures = [var.feature_groups, var.models]
}

# a models unknown bucket, a features type
run "refused_19" {
  command = plan

  variables {
    models         = { m = { containers = [{ image = "r.example/m:1" }], buckets = ["nowhere"] } }
    feature_groups = { f = { record_identifier = "id", event_time = "at", features = [{ name = "id", type = "Text" }, { name = "at", type = "String" }], online = {} } }
  }

  expect_failures = [var.feature_groups, var.models]
}

# a serverless endpoints name, a vector on disk
run "refused_20" {
  command = plan

  variables {
    models               = { m = { containers = [{ image = "r.example/m:1" }] }, s = { hosting = "serverless", containers = [{ image = "r.example/s:1" }] } }
    serverless_endpoints = { E = { model = "s" } }
    feature_groups       = { f = { record_identifier = "id", event_time = "at", features = [{ name = "id", type = "String" }, { name = "at", type = "String" }, { name = "v", type = "Fractional", collection = "Vector", dimension = 8 }], online = {} } }
  }

  expect_failures = [var.feature_groups, var.serverless_endpoints]
}

# one name for two endpoints, an online storage
run "refused_21" {
  command = plan

  variables {
    models               = { m = { containers = [{ image = "r.example/m:1" }] }, s = { hosting = "serverless", containers = [{ image = "r.example/s:1" }] } }
    endpoints            = { e = { variants = { a = { model = "m", instance_type = "ml.m5.large" } } } }
    serverless_endpoints = { e = { model = "s" } }
    feature_groups       = { f = { record_identifier = "id", event_time = "at", features = [{ name = "id", type = "String" }, { name = "at", type = "String" }], online = { storage = "Disk" } } }
  }

  expect_failures = [var.feature_groups, var.serverless_endpoints]
}

# a serverless endpoint of another model, a table format
run "refused_22" {
  command = plan

  variables {
    models               = { m = { containers = [{ image = "r.example/m:1" }] }, s = { hosting = "serverless", containers = [{ image = "r.example/s:1" }] } }
    serverless_endpoints = { e = { model = "m" } }
    feature_groups       = { f = { record_identifier = "id", event_time = "at", features = [{ name = "id", type = "String" }, { name = "at", type = "String" }], offline = { table_format = "Parquet" } } }
  }

  expect_failures = [var.feature_groups, var.serverless_endpoints]
}

# memory in other steps, throughput of no online store
run "refused_23" {
  command = plan

  variables {
    models               = { m = { containers = [{ image = "r.example/m:1" }] }, s = { hosting = "serverless", containers = [{ image = "r.example/s:1" }] } }
    serverless_endpoints = { e = { model = "s", memory_mb = 1536 } }
    feature_groups       = { f = { record_identifier = "id", event_time = "at", features = [{ name = "id", type = "String" }, { name = "at", type = "String" }], offline = {}, throughput = { read_units = 1, write_units = 1 } } }
  }

  expect_failures = [var.feature_groups, var.serverless_endpoints]
}

# concurrency that is too high, an object without steps
run "refused_24" {
  command = plan

  variables {
    models               = { m = { containers = [{ image = "r.example/m:1" }] }, s = { hosting = "serverless", containers = [{ image = "r.example/s:1" }] } }
    serverless_endpoints = { e = { model = "s", max_concurrency = 201 } }
    pipelines            = { p = { description = "nothing" } }
    pipeline_definitions = { p = { Version = "1" } }
  }

  expect_failures = [var.pipeline_definitions, var.serverless_endpoints]
}

# scaling without provisioned concurrency
run "refused_25" {
  command = plan

  variables {
    models               = { m = { containers = [{ image = "r.example/m:1" }] }, s = { hosting = "serverless", containers = [{ image = "r.example/s:1" }] } }
    serverless_endpoints = { e = { model = "s", scaling = { min = 1, max = 2 } } }
  }

  expect_failures = [var.serverless_endpoints]
}

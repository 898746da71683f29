# Terraform mocks no ephemeral resources, and a master password is one: these plan with the real provider, which is
# not asked for anything.
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

provider "aws" {
  alias                       = "replica"
  region                      = "eu-central-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name_prefix         = "shop-test"
  project             = "shop"
  environment         = "test"
  account_id          = "123456789012"
  region              = "eu-west-1"
  replica_region      = "eu-central-1"
  vpc_id              = "vpc-1"
  isolated_subnet_ids = ["subnet-1", "subnet-2"]

  kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  secrets_kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  logs_kms_key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  backup_kms_key_arn  = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000003"
}

run "databases_clusters_and_caches_are_reached_by_name" {
  command = plan

  variables {
    databases       = { orders = { engine = "postgres", engine_version = "17.4", instance_class = "db.t4g.medium" } }
    aurora_clusters = { ledger = { engine = "aurora-postgresql", engine_version = "17.4", serverless = { min_capacity = 0.5, max_capacity = 4 } } }
    caches          = { basket = { engine_version = "8.1", node_type = "cache.t4g.small" }, pages = { engine = "memcached", engine_version = "1.6.22", serverless = {} } }
    backup          = {}
  }

  assert {
    condition     = output.database_ports["orders"] == 5432 && output.database_ports["ledger"] == 5432
    error_message = "both kinds of databases are in one map"
  }
  assert {
    condition     = output.database_identifiers["orders"] == "shop-test-data-orders"
    error_message = "databases are named <prefix>-data-<key>"
  }
  assert {
    condition     = output.cache_user_names["basket"] == "shop-test-data-basket" && output.cache_user_names["pages"] == null
    error_message = "services sign in as the cache's user; Memcached has none"
  }
  assert {
    condition     = aws_backup_selection.this[0].resources == toset(["*"]) && length(aws_backup_plan.this[0].rule) == 1
    error_message = "a backup plan has a daily rule over everything that has the environment's tags"
  }
}

run "an_unknown_engine_is_refused" {
  command         = plan
  expect_failures = [var.databases]
  variables {
    databases = { orders = { engine = "oracle", engine_version = "19", instance_class = "db.m7g.large" } }
  }
}

run "an_engine_version_that_rds_does_not_have_is_refused" {
  command         = plan
  expect_failures = [var.databases]
  variables {
    databases = { orders = { engine = "postgres", engine_version = "99", instance_class = "db.m7g.large" } }
  }
}

run "a_version_past_its_support_is_asked_for_twice" {
  command         = plan
  expect_failures = [var.databases]
  variables {
    databases = { orders = { engine = "mysql", engine_version = "8.0.42", instance_class = "db.m7g.large" } }
  }
}

run "an_unknown_instance_class_is_refused" {
  command         = plan
  expect_failures = [var.databases]
  variables {
    databases = { orders = { engine = "postgres", engine_version = "17.4", instance_class = "db.z9.huge" } }
  }
}

run "databases_need_a_network" {
  command         = plan
  expect_failures = [var.databases]
  variables {
    vpc_id    = null
    databases = { orders = { engine = "postgres", engine_version = "17.4", instance_class = "db.t4g.medium" } }
  }
}

run "a_cluster_is_serverless_or_has_an_instance_class" {
  command         = plan
  expect_failures = [var.aurora_clusters]
  variables {
    aurora_clusters = { ledger = { engine = "aurora-postgresql", engine_version = "17.4" } }
  }
}

run "aurora_has_no_such_version" {
  command         = plan
  expect_failures = [var.aurora_clusters]
  variables {
    aurora_clusters = { ledger = { engine = "aurora-mysql", engine_version = "5.6", instance_class = "db.r7g.large" } }
  }
}

run "aurora_has_no_such_class" {
  command         = plan
  expect_failures = [var.aurora_clusters]
  variables {
    aurora_clusters = { ledger = { engine = "aurora-postgresql", engine_version = "17.4", instance_class = "db.t4g.micro" } }
  }
}

run "a_global_cluster_needs_a_network_over_there" {
  command         = plan
  expect_failures = [var.aurora_clusters]
  variables {
    aurora_clusters = { ledger = { engine = "aurora-postgresql", engine_version = "17.4", instance_class = "db.r7g.large", global = {} } }
  }
}

run "a_cache_engine_version_that_does_not_exist_is_refused" {
  command         = plan
  expect_failures = [var.caches]
  variables {
    caches = { basket = { engine = "redis", engine_version = "5.0", node_type = "cache.t4g.small" } }
  }
}

run "a_node_type_that_does_not_exist_is_refused" {
  command         = plan
  expect_failures = [var.caches]
  variables {
    caches = { basket = { engine_version = "8.1", node_type = "cache.z1.tiny" } }
  }
}

run "memcached_has_no_shards" {
  command         = plan
  expect_failures = [var.caches]
  variables {
    caches = { pages = { engine = "memcached", engine_version = "1.6.22", node_type = "cache.t4g.small", cluster_mode = true } }
  }
}

run "a_continuous_backup_reaches_35_days_at_most" {
  command         = plan
  expect_failures = [var.backup]
  variables {
    backup = { rules = { daily = { schedule = "cron(0 3 * * ? *)", continuous = true, delete_after_days = 90 } } }
  }
}

run "a_lock_is_no_longer_than_what_rules_keep" {
  command         = plan
  expect_failures = [var.backup]
  variables {
    backup = { lock = { min_retention_days = 90 } }
  }
}

run "a_replica_needs_another_region" {
  command         = plan
  expect_failures = [var.buckets, var.tables]
  variables {
    replica_region = "eu-west-1"
    buckets        = { media = { replica = true } }
    tables         = { orders = { hash_key = "id", attributes = { id = "S" }, replica = true } }
  }
}

run "object_lock_needs_versions" {
  command         = plan
  expect_failures = [var.buckets]
  variables {
    buckets = { media = { versioning = false, object_lock = { mode = "COMPLIANCE", days = 1 } } }
  }
}

run "only_provisioned_tables_scale" {
  command         = plan
  expect_failures = [var.tables]
  variables {
    tables = { orders = { hash_key = "id", attributes = { id = "S" }, autoscaling = { read = { min = 1, max = 2 }, write = { min = 1, max = 2 } } } }
  }
}

run "prod_settings" {
  command = plan

  variables {
    databases       = { reviews = { engine = "mysql", engine_version = "8.4.6", instance_class = "db.m7g.large", advanced_insights = true, proxy = {} } }
    aurora_clusters = { catalog = { engine = "aurora-postgresql", engine_version = "17.4", instance_class = "db.r7g.large", instances = 3, reader_autoscaling = { max = 4 }, advanced_insights = true } }
    caches = {
      basket = { engine_version = "8.1", node_type = "cache.r7g.large", cluster_mode = true, shards = 3 }
      drafts = { engine_version = "8.1", serverless = { max_storage_gb = 10, max_ecpu_per_second = 20000 } }
      pages  = { engine = "memcached", engine_version = "1.6.22", node_type = "cache.m7g.large", nodes = 3 }
    }
    backup = { replica = true, lock = { min_retention_days = 7 }, notification_topic_arn = "arn:aws:sns:eu-west-1:123456789012:backups" }
  }

  assert {
    condition     = toset(keys(output.database_proxy_users)) == toset(["reviews"]) && length(output.database_proxy_users["reviews"]) == 0 && toset(keys(output.database_proxy_endpoints)) == toset(["reviews"])
    error_message = "who comes through which proxy is known when planning"
  }
  assert {
    condition     = toset(keys(output.serverless_cache_names)) == toset(["drafts"]) && output.database_kinds == { catalog = "cluster", reviews = "instance" }
    error_message = "every kind of database and cache"
  }
  assert {
    condition     = contains(aws_backup_vault_notifications.this["this"].backup_vault_events, "BACKUP_JOB_COMPLETED") && length(aws_backup_vault.replica) == 1
    error_message = "jobs that failed are told of, by the event that AWS still sends"
  }
}

# Every rule of the variables refuses its own bad value, one at a time. Run over the variables alone, without a provider:
# `python -m pytest tests/e2e/test_modules.py`.

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

run "access_logs_are_kept_for_a_day" {
  command         = plan
  expect_failures = [var.access_log_retention_in_days]
  variables {
    access_log_retention_in_days = 0
  }
}

run "automatic_backups_are_kept_for_35_days_at_most" {
  command         = plan
  expect_failures = [var.backup_retention_days]
  variables {
    backup_retention_days = 36
  }
}

run "logs_are_kept_as_long_as_cloudwatch_can" {
  command         = plan
  expect_failures = [var.log_retention_in_days]
  variables {
    log_retention_in_days = 100
  }
}

run "a_database_s_name_begins_with_a_letter" {
  command         = plan
  expect_failures = [var.databases]
  variables {
    databases = { "1st" = { engine = "postgres", engine_version = "17.4", instance_class = "db.m7g.large" } }
  }
}

run "an_old_version_is_paid_for_knowingly" {
  command         = plan
  expect_failures = [var.databases]
  variables {
    databases = { orders = { engine = "postgres", engine_version = "13.20", instance_class = "db.m7g.large" } }
  }
}

run "performance_insights_for_mysql_need_memory" {
  command         = plan
  expect_failures = [var.databases]
  variables {
    databases = { orders = { engine = "mysql", engine_version = "8.4.6", instance_class = "db.t4g.micro" } }
  }
}

run "advanced_insights_need_the_others" {
  command         = plan
  expect_failures = [var.databases]
  variables {
    databases = { orders = { engine = "postgres", engine_version = "17.4", instance_class = "db.m7g.large", performance_insights = false, advanced_insights = true } }
  }
}

run "storage_is_of_a_type_of_rds" {
  command         = plan
  expect_failures = [var.databases]
  variables {
    databases = { orders = { engine = "postgres", engine_version = "17.4", instance_class = "db.m7g.large", storage_type = "magnetic" } }
  }
}

run "io_storage_says_how_many" {
  command         = plan
  expect_failures = [var.databases]
  variables {
    databases = { orders = { engine = "postgres", engine_version = "17.4", instance_class = "db.m7g.large", storage_type = "io2", allocated_storage_gib = 100, max_allocated_storage_gib = 200 } }
  }
}

run "storage_has_room_to_grow" {
  command         = plan
  expect_failures = [var.databases]
  variables {
    databases = { orders = { engine = "postgres", engine_version = "17.4", instance_class = "db.m7g.large", allocated_storage_gib = 100, max_allocated_storage_gib = 100 } }
  }
}

run "a_database_s_backups_are_kept_for_35_days_at_most" {
  command         = plan
  expect_failures = [var.databases]
  variables {
    databases = { orders = { engine = "postgres", engine_version = "17.4", instance_class = "db.m7g.large", backup_retention_days = 36 } }
  }
}

run "logs_are_those_of_the_engine" {
  command         = plan
  expect_failures = [var.databases]
  variables {
    databases = { orders = { engine = "postgres", engine_version = "17.4", instance_class = "db.m7g.large", log_exports = ["slowquery"] } }
  }
}

run "a_database_has_15_replicas_at_most" {
  command         = plan
  expect_failures = [var.databases]
  variables {
    databases = { orders = { engine = "postgres", engine_version = "17.4", instance_class = "db.m7g.large", read_replicas = { for n in range(16) : "r${n}" => {} } } }
  }
}

run "the_master_is_not_called_admin" {
  command         = plan
  expect_failures = [var.databases]
  variables {
    databases = { orders = { engine = "postgres", engine_version = "17.4", instance_class = "db.m7g.large", username = "admin" } }
  }
}

run "a_parameter_applies_now_or_after_a_restart" {
  command         = plan
  expect_failures = [var.databases]
  variables {
    databases = { orders = { engine = "postgres", engine_version = "17.4", instance_class = "db.m7g.large", parameters = { max_connections = { value = "100", apply_method = "later" } } } }
  }
}

run "the_master_needs_no_second_way_through_the_proxy" {
  command         = plan
  expect_failures = [var.databases]
  variables {
    databases = { orders = { engine = "postgres", engine_version = "17.4", instance_class = "db.m7g.large", proxy = { users = ["dbadmin"] } } }
  }
}

run "a_database_needs_a_network" {
  command         = plan
  expect_failures = [var.databases]
  variables {
    vpc_id    = null
    databases = { orders = { engine = "postgres", engine_version = "17.4", instance_class = "db.m7g.large" } }
  }
}

run "a_cluster_s_name_begins_with_a_letter" {
  command         = plan
  expect_failures = [var.aurora_clusters]
  variables {
    aurora_clusters = { "1st" = { engine = "aurora-postgresql", engine_version = "17.4", instance_class = "db.r7g.large" } }
  }
}

run "a_name_is_a_cluster_s_or_an_instance_s" {
  command         = plan
  expect_failures = [var.aurora_clusters]
  variables {
    databases       = { ledger = { engine = "postgres", engine_version = "17.4", instance_class = "db.m7g.large" } }
    aurora_clusters = { ledger = { engine = "aurora-postgresql", engine_version = "17.4", instance_class = "db.r7g.large" } }
  }
}

run "aurora_has_two_engines" {
  command         = plan
  expect_failures = [var.aurora_clusters]
  variables {
    aurora_clusters = { ledger = { engine = "aurora", engine_version = "17.4", instance_class = "db.r7g.large" } }
  }
}

run "capacity_goes_by_halves" {
  command         = plan
  expect_failures = [var.aurora_clusters]
  variables {
    aurora_clusters = { ledger = { engine = "aurora-postgresql", engine_version = "17.4", serverless = { min_capacity = 0.3, max_capacity = 2 } } }
  }
}

run "only_a_cluster_that_goes_down_to_nothing_pauses" {
  command         = plan
  expect_failures = [var.aurora_clusters]
  variables {
    aurora_clusters = { ledger = { engine = "aurora-postgresql", engine_version = "17.4", serverless = { min_capacity = 0.5, max_capacity = 2, seconds_until_auto_pause = 600 } } }
  }
}

run "a_cluster_has_16_instances_at_most" {
  command         = plan
  expect_failures = [var.aurora_clusters]
  variables {
    aurora_clusters = { ledger = { engine = "aurora-postgresql", engine_version = "17.4", instance_class = "db.r7g.large", instances = 17 } }
  }
}

run "readers_scale_from_two_instances_on" {
  command         = plan
  expect_failures = [var.aurora_clusters]
  variables {
    aurora_clusters = { ledger = { engine = "aurora-postgresql", engine_version = "17.4", instance_class = "db.r7g.large", instances = 1, reader_autoscaling = { max = 3 } } }
  }
}

run "only_mysql_goes_back" {
  command         = plan
  expect_failures = [var.aurora_clusters]
  variables {
    aurora_clusters = { ledger = { engine = "aurora-postgresql", engine_version = "17.4", instance_class = "db.r7g.large", backtrack_hours = 24 } }
  }
}

run "a_global_database_does_not_burst" {
  command         = plan
  expect_failures = [var.aurora_clusters]
  variables {
    replica_network = { vpc_id = "vpc-2", subnet_ids = ["subnet-8", "subnet-9"] }
    aurora_clusters = { ledger = { engine = "aurora-postgresql", engine_version = "17.4", instance_class = "db.t4g.medium", global = {} } }
  }
}

run "a_cluster_s_backups_are_kept_for_35_days_at_most" {
  command         = plan
  expect_failures = [var.aurora_clusters]
  variables {
    aurora_clusters = { ledger = { engine = "aurora-postgresql", engine_version = "17.4", instance_class = "db.r7g.large", backup_retention_days = 36 } }
  }
}

run "a_cluster_s_logs_are_those_of_the_engine" {
  command         = plan
  expect_failures = [var.aurora_clusters]
  variables {
    aurora_clusters = { ledger = { engine = "aurora-postgresql", engine_version = "17.4", instance_class = "db.r7g.large", log_exports = ["slowquery"] } }
  }
}

run "a_user_that_comes_through_a_proxy_has_a_name" {
  command         = plan
  expect_failures = [var.aurora_clusters]
  variables {
    aurora_clusters = { ledger = { engine = "aurora-postgresql", engine_version = "17.4", instance_class = "db.r7g.large", proxy = { users = ["Catalog Service"] } } }
  }
}

run "a_cluster_needs_a_network" {
  command         = plan
  expect_failures = [var.aurora_clusters]
  variables {
    vpc_id          = null
    aurora_clusters = { ledger = { engine = "aurora-postgresql", engine_version = "17.4", instance_class = "db.r7g.large" } }
  }
}

run "a_cache_s_name_begins_with_a_letter" {
  command         = plan
  expect_failures = [var.caches]
  variables {
    caches = { "1st" = { engine_version = "8.1", node_type = "cache.t4g.small" } }
  }
}

run "a_cache_s_name_is_short" {
  command         = plan
  expect_failures = [var.caches]
  variables {
    caches = { basket-of-somebody-who-shops = { engine_version = "8.1", node_type = "cache.t4g.small" } }
  }
}

run "a_cache_has_a_known_engine" {
  command         = plan
  expect_failures = [var.caches]
  variables {
    caches = { basket = { engine_version = "8.1", node_type = "cache.t4g.small", engine = "keydb" } }
  }
}

run "a_cache_is_serverless_or_has_nodes" {
  command         = plan
  expect_failures = [var.caches]
  variables {
    caches = { basket = { engine_version = "8.1" } }
  }
}

run "a_cache_has_500_shards_at_most" {
  command         = plan
  expect_failures = [var.caches]
  variables {
    caches = { basket = { engine_version = "8.1", node_type = "cache.t4g.small", cluster_mode = true, shards = 501 } }
  }
}

run "a_shard_has_five_replicas_at_most" {
  command         = plan
  expect_failures = [var.caches]
  variables {
    caches = { basket = { engine_version = "8.1", node_type = "cache.t4g.small", replicas_per_shard = 6 } }
  }
}

run "snapshots_are_kept_for_35_days_at_most" {
  command         = plan
  expect_failures = [var.caches]
  variables {
    caches = { basket = { engine_version = "8.1", node_type = "cache.t4g.small", snapshot_retention_days = 36 } }
  }
}

run "a_user_is_on_or_off" {
  command         = plan
  expect_failures = [var.caches]
  variables {
    caches = { basket = { engine_version = "8.1", node_type = "cache.t4g.small", access_string = "~* +@all" } }
  }
}

run "a_cache_needs_a_network" {
  command         = plan
  expect_failures = [var.caches]
  variables {
    vpc_id = null
    caches = { basket = { engine_version = "8.1", node_type = "cache.t4g.small" } }
  }
}

run "a_table_s_name_has_no_space" {
  command         = plan
  expect_failures = [var.tables]
  variables {
    tables = { "all orders" = { hash_key = "id", attributes = { id = "S" } } }
  }
}

run "an_attribute_has_a_type_of_dynamodb" {
  command         = plan
  expect_failures = [var.tables]
  variables {
    tables = { orders = { hash_key = "id", attributes = { id = "TEXT" } } }
  }
}

run "a_table_has_a_class_of_dynamodb" {
  command         = plan
  expect_failures = [var.tables]
  variables {
    tables = { orders = { hash_key = "id", attributes = { id = "S" }, table_class = "COLD" } }
  }
}

run "a_local_index_needs_a_range" {
  command         = plan
  expect_failures = [var.tables]
  variables {
    tables = { orders = { hash_key = "id", attributes = { id = "S", at = "N" }, local_secondary_indexes = { by-time = { range_key = "at" } } } }
  }
}

run "a_stream_shows_what_dynamodb_can" {
  command         = plan
  expect_failures = [var.tables]
  variables {
    tables = { orders = { hash_key = "id", attributes = { id = "S" }, stream_view = "EVERYTHING" } }
  }
}

run "an_index_on_demand_has_no_capacity" {
  command         = plan
  expect_failures = [var.tables]
  variables {
    tables = { orders = { hash_key = "id", attributes = { id = "S", at = "N" }, global_secondary_indexes = { by-time = { hash_key = "at", read_capacity = 5, write_capacity = 5 } } } }
  }
}

run "a_table_has_20_indexes_at_most" {
  command         = plan
  expect_failures = [var.tables]
  variables {
    tables = { orders = { hash_key = "id", attributes = { id = "S" }, global_secondary_indexes = { for n in range(21) : "i${n}" => { hash_key = "id" } } } }
  }
}

run "indexes_have_names_of_their_own" {
  command         = plan
  expect_failures = [var.tables]
  variables {
    tables = { orders = { hash_key = "id", range_key = "at", attributes = { id = "S", at = "N" }, local_secondary_indexes = { a = { range_key = "at" } }, global_secondary_indexes = { a = { hash_key = "at" } } } }
  }
}

run "autoscaling_is_for_provisioned_tables" {
  command         = plan
  expect_failures = [var.tables]
  variables {
    tables = { orders = { hash_key = "id", attributes = { id = "S" }, autoscaling = { read = { min = 1, max = 2 }, write = { min = 1, max = 2 } } } }
  }
}

run "limits_are_for_tables_on_demand" {
  command         = plan
  expect_failures = [var.tables]
  variables {
    tables = { orders = { hash_key = "id", attributes = { id = "S" }, billing_mode = "PROVISIONED", read_capacity = 5, write_capacity = 5, on_demand_limits = { read_units = 5 } } }
  }
}

run "replicas_need_the_whole_stream" {
  command         = plan
  expect_failures = [var.tables]
  variables {
    tables = { orders = { hash_key = "id", attributes = { id = "S" }, replica = true, stream_view = "KEYS_ONLY" } }
  }
}

run "a_table_is_copied_elsewhere" {
  command         = plan
  expect_failures = [var.tables]
  variables {
    replica_region = null
    tables         = { orders = { hash_key = "id", attributes = { id = "S" }, replica = true } }
  }
}

run "a_table_can_be_restored_35_days_back_at_most" {
  command         = plan
  expect_failures = [var.tables]
  variables {
    tables = { orders = { hash_key = "id", attributes = { id = "S" }, recovery_period_days = 36 } }
  }
}

run "a_bucket_s_full_name_is_short" {
  command         = plan
  expect_failures = [var.buckets]
  variables {
    name_prefix = "a-project-of-a-long-name-production"
    buckets     = { twenty-two-letters-long = {} }
  }
}

run "every_bucket_has_the_rule_for_uploads" {
  command         = plan
  expect_failures = [var.buckets]
  variables {
    buckets = { media = { lifecycle_rules = { abort-incomplete-uploads = { expiration_days = 1 } } } }
  }
}

run "a_bucket_s_policy_is_json" {
  command         = plan
  expect_failures = [var.buckets]
  variables {
    buckets = { media = { policy_statements = ["no json"] } }
  }
}

run "objects_move_to_a_class_of_s3" {
  command         = plan
  expect_failures = [var.buckets]
  variables {
    buckets = { media = { lifecycle_rules = { cold = { transitions = [{ days = 30, storage_class = "ICE" }] } } } }
  }
}

run "a_lock_needs_versions" {
  command         = plan
  expect_failures = [var.buckets]
  variables {
    buckets = { media = { versioning = false, object_lock = { mode = "GOVERNANCE", days = 1 } } }
  }
}

run "a_bucket_is_copied_elsewhere" {
  command         = plan
  expect_failures = [var.buckets]
  variables {
    replica_region = null
    buckets        = { media = { replica = true } }
  }
}

run "a_copy_s_full_name_is_short" {
  command         = plan
  expect_failures = [var.buckets]
  variables {
    name_prefix = "a-project-of-a-long-name-prod"
    buckets     = { fourteen-chars = { replica = true } }
  }
}

run "a_lock_governs_or_complies" {
  command         = plan
  expect_failures = [var.buckets]
  variables {
    buckets = { media = { object_lock = { mode = "STRICT", days = 1 } } }
  }
}

run "archives_begin_after_90_days" {
  command         = plan
  expect_failures = [var.buckets]
  variables {
    buckets = { media = { archive_after = { archive_days = 30 } } }
  }
}

run "a_plan_has_a_rule" {
  command         = plan
  expect_failures = [var.backup]
  variables {
    backup = { rules = {} }
  }
}

run "what_is_locked_is_kept_as_long_as_the_lock_says" {
  command         = plan
  expect_failures = [var.backup]
  variables {
    backup = { rules = { daily = { schedule = "cron(0 3 * * ? *)", delete_after_days = 3 } }, lock = { min_retention_days = 7 } }
  }
}

run "a_lock_can_be_thought_over_for_three_days" {
  command         = plan
  expect_failures = [var.backup]
  variables {
    backup = { lock = { min_retention_days = 7, changeable_for_days = 1 } }
  }
}

run "recovery_points_are_copied_elsewhere" {
  command         = plan
  expect_failures = [var.backup]
  variables {
    replica_region = null
    backup         = { replica = true }
  }
}

run "what_is_restored_for_trial_can_be" {
  command         = plan
  expect_failures = [var.backup]
  variables {
    backup = { restore_testing = { resource_types = ["Lambda"] } }
  }
}

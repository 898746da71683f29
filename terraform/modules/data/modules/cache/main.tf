# One cache: a Valkey or Redis replication group, a Memcached cluster, or a serverless cache of either kind.

locals {
  memcached  = var.cache.engine == "memcached"
  serverless = var.cache.serverless != null
  kind       = local.serverless ? "serverless" : local.memcached ? "memcached" : "replication_group"

  port = local.serverless || var.cache.port == null ? (local.memcached ? 11211 : 6379) : var.cache.port

  # Serverless caches answer readers on the next port.
  ports = merge({ Cache = local.port }, local.serverless ? { Readers = local.port + 1 } : {})

  major_version = split(".", var.cache.engine_version)[0]
  family        = local.memcached ? "memcached1.6" : "${var.cache.engine}${local.major_version}"

  replicas = coalesce(var.cache.replicas_per_shard, var.multi_az ? 1 : 0)

  # A sharded group always fails over; another one can when it has somewhere to go.
  failover = var.cache.cluster_mode || local.replicas > 0
}

module "access" {
  source = "../access"

  name   = var.name
  vpc_id = var.vpc_id
  ports  = local.ports
}

resource "aws_elasticache_parameter_group" "this" {
  count = local.serverless ? 0 : 1

  name        = "${var.name}-${replace(local.family, ".", "-")}"
  description = "Parameters of ${var.name}"
  family      = local.family

  dynamic "parameter" {
    for_each = merge(var.cache.parameters, var.cache.cluster_mode ? { cluster-enabled = "yes" } : {})

    content {
      name  = parameter.key
      value = parameter.value
    }
  }

  # An upgrade to another major version needs the new group while the old one is still in use.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:The environment says how long logs are kept
  for_each = local.kind == "replication_group" ? toset(["slow-log", "engine-log"]) : []

  name              = "/aws/elasticache/${var.name}/${each.key}"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

resource "aws_elasticache_replication_group" "this" {
  #checkov:skip=CKV_AWS_31:Users sign in with IAM, which takes the place of a shared token
  count = local.kind == "replication_group" ? 1 : 0

  replication_group_id = var.name
  description          = coalesce(var.cache.description, "Cache ${var.name}")
  engine               = var.cache.engine
  engine_version       = var.cache.engine_version
  node_type            = var.cache.node_type
  parameter_group_name = aws_elasticache_parameter_group.this[0].name
  port                 = local.port

  cluster_mode               = var.cache.cluster_mode ? "enabled" : "disabled"
  num_cache_clusters         = var.cache.cluster_mode ? null : 1 + local.replicas
  num_node_groups            = var.cache.cluster_mode ? var.cache.shards : null
  replicas_per_node_group    = var.cache.cluster_mode ? local.replicas : null
  automatic_failover_enabled = local.failover
  multi_az_enabled           = local.replicas > 0

  subnet_group_name          = var.subnet_group_name
  security_group_ids         = [module.access.security_group_id]
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  at_rest_encryption_enabled = true
  kms_key_id                 = var.kms_key_arn
  user_group_ids             = [aws_elasticache_user_group.this[0].user_group_id]

  auto_minor_version_upgrade = true
  apply_immediately          = var.cache.apply_immediately
  maintenance_window         = var.cache.maintenance_window
  snapshot_retention_limit   = var.snapshot_retention_days
  snapshot_window            = var.snapshot_retention_days > 0 ? var.cache.snapshot_window : null
  final_snapshot_identifier  = var.deletion_protection ? "${var.name}-final" : null
  notification_topic_arn     = var.cache.notification_topic_arn

  dynamic "log_delivery_configuration" {
    for_each = aws_cloudwatch_log_group.this

    content {
      log_type         = log_delivery_configuration.key
      log_format       = "json"
      destination_type = "cloudwatch-logs"
      destination      = log_delivery_configuration.value.name
    }
  }

  tags = merge(var.cache.tags, { Name = var.name })
}

resource "aws_elasticache_cluster" "this" {
  #checkov:skip=CKV_AWS_134:Memcached has no snapshots
  count = local.kind == "memcached" ? 1 : 0

  cluster_id           = var.name
  engine               = "memcached"
  engine_version       = var.cache.engine_version
  node_type            = var.cache.node_type
  num_cache_nodes      = var.cache.nodes
  az_mode              = var.cache.nodes > 1 ? "cross-az" : "single-az"
  parameter_group_name = aws_elasticache_parameter_group.this[0].name
  port                 = local.port

  subnet_group_name          = var.subnet_group_name
  security_group_ids         = [module.access.security_group_id]
  transit_encryption_enabled = true

  auto_minor_version_upgrade = "true"
  apply_immediately          = var.cache.apply_immediately
  maintenance_window         = var.cache.maintenance_window
  notification_topic_arn     = var.cache.notification_topic_arn

  tags = merge(var.cache.tags, { Name = var.name })
}

resource "aws_elasticache_serverless_cache" "this" {
  count = local.serverless ? 1 : 0

  name                 = var.name
  description          = coalesce(var.cache.description, "Cache ${var.name}")
  engine               = var.cache.engine
  major_engine_version = local.memcached ? "1.6" : local.major_version
  kms_key_id           = var.kms_key_arn
  subnet_ids           = var.subnet_ids
  security_group_ids   = [module.access.security_group_id]
  user_group_id        = local.memcached ? null : aws_elasticache_user_group.this[0].user_group_id

  snapshot_retention_limit = local.memcached ? null : var.snapshot_retention_days
  daily_snapshot_time      = local.memcached || var.snapshot_retention_days == 0 ? null : split("-", var.cache.snapshot_window)[0]

  cache_usage_limits {
    data_storage {
      minimum = var.cache.serverless.min_storage_gb
      maximum = var.cache.serverless.max_storage_gb
      unit    = "GB"
    }

    ecpu_per_second {
      minimum = var.cache.serverless.min_ecpu_per_second
      maximum = var.cache.serverless.max_ecpu_per_second
    }
  }

  tags = merge(var.cache.tags, { Name = var.name })
}

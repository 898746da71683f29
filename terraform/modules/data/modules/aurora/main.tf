# One Aurora cluster: storage, backups, who may connect. Its instances are in instances.tf.

locals {
  postgres   = var.cluster.engine == "aurora-postgresql"
  port       = coalesce(var.cluster.port, local.postgres ? 5432 : 3306)
  serverless = var.cluster.serverless != null

  primary = var.role != "secondary"

  # AWS refuses to manage the master password of a cluster in a global database.
  own_secret = var.role == "primary"

  log_exports = coalesce(var.cluster.log_exports, toset(local.postgres ? ["postgresql"] : ["audit", "error", "slowquery"]))

  insights_retention_days = var.cluster.advanced_insights ? 465 : 7
}

module "access" {
  source = "../access"

  name   = var.name
  vpc_id = var.vpc_id
  ports  = { (local.postgres ? "PostgreSQL" : "MySQL") = local.port }
}

module "master_secret" {
  source = "../master_secret"
  count  = local.own_secret ? 1 : 0

  name                    = var.name
  username                = var.cluster.username
  password_version        = var.cluster.password_version
  kms_key_arn             = var.secrets_kms_key_arn
  recovery_window_in_days = var.deletion_protection ? 30 : 0
}

# Made before the cluster, which would make them without key and retention.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:The environment says how long logs are kept
  for_each = local.log_exports

  name              = "/aws/rds/cluster/${var.name}/${each.key}"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

resource "aws_rds_cluster" "this" {
  #checkov:skip=CKV2_AWS_8:The layer's backup plans select clusters by tag or ARN
  #checkov:skip=CKV_AWS_326:Backtracking is for Aurora MySQL only, not for global databases, and billed by change; entries ask for it
  cluster_identifier              = var.name
  engine                          = var.cluster.engine
  engine_mode                     = "provisioned" # serverless v2 too
  engine_version                  = var.cluster.engine_version
  engine_lifecycle_support        = var.cluster.extended_support ? "open-source-rds-extended-support" : "open-source-rds-extended-support-disabled"
  allow_major_version_upgrade     = var.cluster.allow_major_version_upgrade
  apply_immediately               = var.cluster.apply_immediately
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.this.name
  global_cluster_identifier       = var.global_cluster_identifier
  enable_global_write_forwarding  = var.role == "secondary" ? var.cluster.global.write_forwarding : null

  storage_type      = var.cluster.io_optimized ? "aurora-iopt1" : null # AWS answers none for the standard type
  storage_encrypted = true
  kms_key_id        = var.kms_key_arn
  backtrack_window  = var.cluster.backtrack_hours == null ? null : var.cluster.backtrack_hours * 3600

  database_name                       = local.primary ? coalesce(var.cluster.database_name, replace(var.key, "-", "_")) : null
  master_username                     = local.primary ? var.cluster.username : null
  manage_master_user_password         = local.primary && !local.own_secret ? true : null
  master_user_secret_kms_key_id       = local.primary && !local.own_secret ? var.secrets_kms_key_arn : null
  master_password_wo                  = one(module.master_secret[*].password)
  master_password_wo_version          = local.own_secret ? var.cluster.password_version : null
  iam_database_authentication_enabled = true
  enable_http_endpoint                = var.cluster.data_api

  db_subnet_group_name   = var.subnet_group_name
  vpc_security_group_ids = [module.access.security_group_id]
  port                   = local.port

  backup_retention_period      = var.backup_retention_days
  preferred_backup_window      = var.cluster.backup_window
  preferred_maintenance_window = var.cluster.maintenance_window
  copy_tags_to_snapshot        = true
  delete_automated_backups     = !var.deletion_protection
  deletion_protection          = var.deletion_protection
  skip_final_snapshot          = !var.deletion_protection
  final_snapshot_identifier    = "${var.name}-final"

  enabled_cloudwatch_logs_exports = local.log_exports

  # The advanced mode is the cluster's; its instances follow.
  database_insights_mode                = var.cluster.advanced_insights ? "advanced" : null
  performance_insights_enabled          = var.cluster.advanced_insights ? true : null
  performance_insights_kms_key_id       = var.cluster.advanced_insights ? var.kms_key_arn : null
  performance_insights_retention_period = var.cluster.advanced_insights ? local.insights_retention_days : null

  dynamic "serverlessv2_scaling_configuration" {
    for_each = local.serverless ? [var.cluster.serverless] : []

    content {
      min_capacity             = serverlessv2_scaling_configuration.value.min_capacity
      max_capacity             = serverlessv2_scaling_configuration.value.max_capacity
      seconds_until_auto_pause = serverlessv2_scaling_configuration.value.seconds_until_auto_pause
    }
  }

  tags = merge(var.cluster.tags, { Name = var.name })

  depends_on = [aws_cloudwatch_log_group.this, module.master_secret]

  lifecycle {
    # A failover of the global database turns the roles around.
    ignore_changes = [replication_source_identifier]
  }
}

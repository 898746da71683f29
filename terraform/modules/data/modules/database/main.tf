# One RDS instance and its read replicas.

locals {
  postgres = var.database.engine == "postgres"
  port     = coalesce(var.database.port, local.postgres ? 5432 : 3306)

  # AWS refuses read replicas of an instance whose master password it manages.
  own_secret = length(var.database.read_replicas) > 0

  log_exports = coalesce(var.database.log_exports, toset(local.postgres ? ["postgresql", "upgrade"] : ["error", "slowquery"]))

  insights_retention_days = var.database.advanced_insights ? 465 : 7
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
  username                = var.database.username
  password_version        = var.database.password_version
  kms_key_arn             = var.secrets_kms_key_arn
  recovery_window_in_days = var.deletion_protection ? 30 : 0
}

# Made before the instance, which would make them without key and retention.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:The environment says how long logs are kept
  for_each = local.log_exports

  name              = "/aws/rds/instance/${var.name}/${each.key}"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

resource "aws_db_instance" "this" {
  identifier                  = var.name
  engine                      = var.database.engine
  engine_version              = var.database.engine_version
  engine_lifecycle_support    = var.database.extended_support ? "open-source-rds-extended-support" : "open-source-rds-extended-support-disabled"
  instance_class              = var.database.instance_class
  allow_major_version_upgrade = var.database.allow_major_version_upgrade
  auto_minor_version_upgrade  = true
  apply_immediately           = var.database.apply_immediately
  parameter_group_name        = aws_db_parameter_group.this.name

  storage_type          = var.database.storage_type
  allocated_storage     = var.database.allocated_storage_gib
  max_allocated_storage = var.database.max_allocated_storage_gib
  iops                  = var.database.iops
  storage_throughput    = var.database.storage_throughput_mibps
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  db_name                             = coalesce(var.database.database_name, replace(var.key, "-", "_"))
  username                            = var.database.username
  manage_master_user_password         = local.own_secret ? null : true
  master_user_secret_kms_key_id       = local.own_secret ? null : var.secrets_kms_key_arn
  password_wo                         = one(module.master_secret[*].password)
  password_wo_version                 = local.own_secret ? var.database.password_version : null
  iam_database_authentication_enabled = true

  multi_az               = var.multi_az
  db_subnet_group_name   = var.subnet_group_name
  vpc_security_group_ids = [module.access.security_group_id]
  port                   = local.port
  publicly_accessible    = false
  ca_cert_identifier     = var.database.ca_certificate

  backup_retention_period   = var.backup_retention_days
  backup_window             = var.database.backup_window
  maintenance_window        = var.database.maintenance_window
  copy_tags_to_snapshot     = true
  delete_automated_backups  = !var.deletion_protection
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = !var.deletion_protection
  final_snapshot_identifier = "${var.name}-final"

  enabled_cloudwatch_logs_exports       = local.log_exports
  monitoring_interval                   = 60
  monitoring_role_arn                   = var.monitoring_role_arn
  database_insights_mode                = var.database.advanced_insights ? "advanced" : "standard"
  performance_insights_enabled          = var.database.performance_insights
  performance_insights_kms_key_id       = var.database.performance_insights ? var.kms_key_arn : null
  performance_insights_retention_period = var.database.performance_insights ? local.insights_retention_days : null

  tags = merge(var.database.tags, { Name = var.name })

  depends_on = [aws_cloudwatch_log_group.this, module.master_secret]
}

resource "aws_db_instance" "replica" {
  #checkov:skip=CKV_AWS_157:A read replica is spread over zones by being one of several, not by a standby of its own
  #checkov:skip=CKV_AWS_133:The primary instance is what is backed up
  for_each = var.database.read_replicas

  identifier                 = "${var.name}-${each.key}"
  replicate_source_db        = aws_db_instance.this.identifier
  instance_class             = coalesce(each.value.instance_class, var.database.instance_class)
  availability_zone          = each.value.availability_zone
  auto_minor_version_upgrade = true
  apply_immediately          = var.database.apply_immediately
  parameter_group_name       = aws_db_parameter_group.this.name
  storage_type               = var.database.storage_type
  max_allocated_storage      = var.database.max_allocated_storage_gib
  storage_encrypted          = true
  kms_key_id                 = var.kms_key_arn

  iam_database_authentication_enabled = true
  vpc_security_group_ids              = [module.access.security_group_id]
  port                                = local.port
  publicly_accessible                 = false
  ca_cert_identifier                  = var.database.ca_certificate

  backup_retention_period = 0
  maintenance_window      = var.database.maintenance_window
  copy_tags_to_snapshot   = true
  deletion_protection     = var.deletion_protection
  skip_final_snapshot     = true # what it has, the primary has

  enabled_cloudwatch_logs_exports       = local.log_exports
  monitoring_interval                   = 60
  monitoring_role_arn                   = var.monitoring_role_arn
  database_insights_mode                = var.database.advanced_insights ? "advanced" : "standard"
  performance_insights_enabled          = var.database.performance_insights
  performance_insights_kms_key_id       = var.database.performance_insights ? var.kms_key_arn : null
  performance_insights_retention_period = var.database.performance_insights ? local.insights_retention_days : null

  tags = { Name = "${var.name}-${each.key}" }
}

# Aurora clusters, and the global databases that some of them begin.

locals {
  global_clusters = { for key, cluster in var.aurora_clusters : key => cluster if cluster.global != null }
}

resource "aws_rds_global_cluster" "this" {
  for_each = local.global_clusters

  global_cluster_identifier = "${var.name_prefix}-data-${each.key}-global"
  engine                    = each.value.engine
  engine_version            = each.value.engine_version
  storage_encrypted         = true
  deletion_protection       = coalesce(each.value.deletion_protection, var.deletion_protection)
}

module "aurora" {
  source   = "./modules/aurora"
  for_each = var.aurora_clusters

  key                       = each.key
  name                      = "${var.name_prefix}-data-${each.key}"
  cluster                   = each.value
  instances                 = coalesce(each.value.instances, var.multi_az ? 2 : 1)
  role                      = each.value.global == null ? "none" : "primary"
  global_cluster_identifier = each.value.global == null ? null : aws_rds_global_cluster.this[each.key].id
  vpc_id                    = var.vpc_id
  subnet_group_name         = aws_db_subnet_group.this[0].name
  kms_key_arn               = var.kms_key_arn
  secrets_kms_key_arn       = var.secrets_kms_key_arn
  logs_kms_key_arn          = var.logs_kms_key_arn
  log_retention_in_days     = var.log_retention_in_days
  monitoring_role_arn       = aws_iam_role.database_monitoring[0].arn
  deletion_protection       = coalesce(each.value.deletion_protection, var.deletion_protection)
  backup_retention_days     = coalesce(each.value.backup_retention_days, var.backup_retention_days)

  depends_on = [aws_iam_role_policy_attachment.database_monitoring]
}

# The copy in the replica region, which can be promoted when the region of the first is lost.
resource "aws_db_subnet_group" "replica" {
  provider = aws.replica
  count    = length(local.global_clusters) > 0 ? 1 : 0

  name        = "${var.name_prefix}-data"
  description = "Subnets of copies"
  subnet_ids  = var.replica_network.subnet_ids
}

module "aurora_replica" {
  source    = "./modules/aurora"
  for_each  = local.global_clusters
  providers = { aws = aws.replica }

  key                       = each.key
  name                      = "${var.name_prefix}-data-${each.key}"
  cluster                   = merge(each.value, { reader_autoscaling = null })
  instances                 = each.value.global.instances
  role                      = "secondary"
  global_cluster_identifier = aws_rds_global_cluster.this[each.key].id
  vpc_id                    = var.replica_network.vpc_id
  subnet_group_name         = aws_db_subnet_group.replica[0].name
  kms_key_arn               = aws_kms_key.replica[0].arn
  secrets_kms_key_arn       = null
  logs_kms_key_arn          = aws_kms_key.replica[0].arn
  log_retention_in_days     = var.log_retention_in_days
  monitoring_role_arn       = aws_iam_role.database_monitoring[0].arn
  deletion_protection       = coalesce(each.value.deletion_protection, var.deletion_protection)
  backup_retention_days     = coalesce(each.value.backup_retention_days, var.backup_retention_days)

  # The writer must be there before a second cluster can join.
  depends_on = [module.aurora]
}

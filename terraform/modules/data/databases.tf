# RDS instances and Aurora clusters in the isolated subnets, and what they share.

locals {
  has_databases = length(var.databases) + length(var.aurora_clusters) > 0

  # For outputs: what instances and clusters have in common.
  all_databases = {
    for key, database in merge(module.database, module.aurora) : key => {
      endpoint                 = database.endpoint
      port                     = database.port
      database_name            = database.database_name
      arn                      = database.arn
      identifier               = database.identifier
      resource_id              = database.resource_id
      secret_arn               = database.secret_arn
      client_security_group_id = database.client_security_group_id
    }
  }
}

resource "aws_db_subnet_group" "this" {
  count = local.has_databases ? 1 : 0

  name        = "${var.name_prefix}-data"
  description = "Isolated subnets"
  subnet_ids  = var.isolated_subnet_ids
}

module "database" {
  source   = "./modules/database"
  for_each = var.databases

  key                   = each.key
  name                  = "${var.name_prefix}-data-${each.key}"
  database              = each.value
  vpc_id                = var.vpc_id
  subnet_group_name     = aws_db_subnet_group.this[0].name
  kms_key_arn           = var.kms_key_arn
  secrets_kms_key_arn   = var.secrets_kms_key_arn
  logs_kms_key_arn      = var.logs_kms_key_arn
  log_retention_in_days = var.log_retention_in_days
  monitoring_role_arn   = aws_iam_role.database_monitoring[0].arn
  deletion_protection   = coalesce(each.value.deletion_protection, var.deletion_protection)
  multi_az              = coalesce(each.value.multi_az, var.multi_az)
  backup_retention_days = coalesce(each.value.backup_retention_days, var.backup_retention_days)

  depends_on = [aws_iam_role_policy_attachment.database_monitoring]
}

data "aws_iam_policy_document" "database_monitoring_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["monitoring.rds.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_iam_role" "database_monitoring" {
  count = local.has_databases ? 1 : 0

  name                 = "${var.name_prefix}-data-database-monitoring"
  description          = "Lets RDS write the measurements of enhanced monitoring"
  assume_role_policy   = data.aws_iam_policy_document.database_monitoring_trust.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "database_monitoring" {
  count = local.has_databases ? 1 : 0

  role       = aws_iam_role.database_monitoring[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

# Valkey, Redis and Memcached in the isolated subnets.

resource "aws_elasticache_subnet_group" "this" {
  count = length(var.caches) > 0 ? 1 : 0

  name        = "${var.name_prefix}-data"
  description = "Isolated subnets"
  subnet_ids  = var.isolated_subnet_ids
}

module "cache" {
  source   = "./modules/cache"
  for_each = var.caches

  name                    = "${var.name_prefix}-data-${each.key}"
  cache                   = each.value
  vpc_id                  = var.vpc_id
  subnet_ids              = var.isolated_subnet_ids
  subnet_group_name       = aws_elasticache_subnet_group.this[0].name
  kms_key_arn             = var.kms_key_arn
  logs_kms_key_arn        = var.logs_kms_key_arn
  log_retention_in_days   = var.log_retention_in_days
  multi_az                = coalesce(each.value.multi_az, var.multi_az)
  snapshot_retention_days = coalesce(each.value.snapshot_retention_days, var.backup_retention_days)
  deletion_protection     = coalesce(each.value.deletion_protection, var.deletion_protection)
}

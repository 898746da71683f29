# Pools of connections in front of the databases that ask for one.

module "database_proxy" {
  source   = "./modules/proxy"
  for_each = { for key, database in var.databases : key => database if database.proxy != null }

  name                           = "${var.name_prefix}-data-${each.key}"
  region                         = var.region
  account_id                     = var.account_id
  proxy                          = each.value.proxy
  engine_family                  = each.value.engine == "postgres" ? "POSTGRESQL" : "MYSQL"
  cluster                        = false
  database_identifier            = module.database[each.key].identifier
  database_security_group_id     = module.database[each.key].security_group_id
  client_security_group_id       = module.database[each.key].client_security_group_id
  port                           = module.database[each.key].port
  secret_arn                     = module.database[each.key].secret_arn
  secrets_kms_key_arn            = var.secrets_kms_key_arn
  secret_recovery_window_in_days = coalesce(each.value.deletion_protection, var.deletion_protection) ? 30 : 0
  logs_kms_key_arn               = var.logs_kms_key_arn
  log_retention_in_days          = var.log_retention_in_days
  vpc_id                         = var.vpc_id
  subnet_ids                     = var.isolated_subnet_ids
  permissions_boundary_arn       = var.permissions_boundary_arn
}

module "aurora_proxy" {
  source   = "./modules/proxy"
  for_each = { for key, cluster in var.aurora_clusters : key => cluster if cluster.proxy != null }

  name                           = "${var.name_prefix}-data-${each.key}"
  region                         = var.region
  account_id                     = var.account_id
  proxy                          = each.value.proxy
  engine_family                  = each.value.engine == "aurora-postgresql" ? "POSTGRESQL" : "MYSQL"
  cluster                        = true
  database_identifier            = module.aurora[each.key].identifier
  database_security_group_id     = module.aurora[each.key].security_group_id
  client_security_group_id       = module.aurora[each.key].client_security_group_id
  port                           = module.aurora[each.key].port
  secret_arn                     = module.aurora[each.key].secret_arn
  secrets_kms_key_arn            = var.secrets_kms_key_arn
  secret_recovery_window_in_days = coalesce(each.value.deletion_protection, var.deletion_protection) ? 30 : 0
  logs_kms_key_arn               = var.logs_kms_key_arn
  log_retention_in_days          = var.log_retention_in_days
  vpc_id                         = var.vpc_id
  subnet_ids                     = var.isolated_subnet_ids
  permissions_boundary_arn       = var.permissions_boundary_arn
}

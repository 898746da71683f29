module "table" {
  source   = "./modules/table"
  for_each = var.tables

  name                = "${var.name_prefix}-data-${each.key}"
  kms_key_arn         = var.kms_key_arn
  deletion_protection = coalesce(each.value.deletion_protection, var.deletion_protection)
  replica_region      = var.replica_region
  replica_kms_key_arn = one(aws_kms_key.replica[*].arn)
  table               = each.value
}

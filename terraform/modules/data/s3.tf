# Buckets, and the one that keeps the logs of who read and wrote them.

data "aws_partition" "current" {}

locals {
  bucket_prefix = "${var.name_prefix}-data"
}

module "bucket" {
  source   = "../shared/bucket"
  for_each = var.buckets

  name              = "${local.bucket_prefix}-${each.key}-${var.account_id}"
  kms_key_arn       = var.kms_key_arn
  versioning        = each.value.versioning
  force_destroy     = coalesce(each.value.force_destroy, !var.deletion_protection)
  lifecycle_rules   = each.value.lifecycle_rules
  cors_rules        = each.value.cors_rules
  policy_statements = each.value.policy_statements
  access_log_bucket = module.access_logs.name
  access_log_prefix = "${each.key}/"
}

# Who read and wrote objects, in a bucket of its own for each region that has any: S3 logs within a region only.

module "access_logs" {
  source = "./modules/access_logs"

  name              = "${local.bucket_prefix}-access-logs-${var.account_id}"
  account_id        = var.account_id
  source_prefix     = var.name_prefix # buckets of other layers log here, too
  retention_in_days = var.access_log_retention_in_days
  force_destroy     = !var.deletion_protection
}

module "access_logs_replica" {
  source    = "./modules/access_logs"
  count     = length(local.replicated_buckets) > 0 ? 1 : 0
  providers = { aws = aws.replica }

  name              = "${local.bucket_prefix}-copy-access-logs-${var.account_id}"
  account_id        = var.account_id
  source_prefix     = local.bucket_prefix
  retention_in_days = var.access_log_retention_in_days
  force_destroy     = !var.deletion_protection
}

# The bucket was this layer's own before regions of copies had one too.
moved {
  from = aws_s3_bucket.access_logs
  to   = module.access_logs.aws_s3_bucket.this
}

moved {
  from = aws_s3_bucket_ownership_controls.access_logs
  to   = module.access_logs.aws_s3_bucket_ownership_controls.this
}

moved {
  from = aws_s3_bucket_public_access_block.access_logs
  to   = module.access_logs.aws_s3_bucket_public_access_block.this
}

moved {
  from = aws_s3_bucket_server_side_encryption_configuration.access_logs
  to   = module.access_logs.aws_s3_bucket_server_side_encryption_configuration.this
}

moved {
  from = aws_s3_bucket_versioning.access_logs
  to   = module.access_logs.aws_s3_bucket_versioning.this
}

moved {
  from = aws_s3_bucket_lifecycle_configuration.access_logs
  to   = module.access_logs.aws_s3_bucket_lifecycle_configuration.this
}

moved {
  from = aws_s3_bucket_policy.access_logs
  to   = module.access_logs.aws_s3_bucket_policy.this
}

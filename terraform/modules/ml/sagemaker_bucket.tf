# What SageMaker reads and writes, each thing under its own prefix:
#   models/…              what models have learned        captured/<endpoint>/…   requests and answers
#   features/<group>/…    offline stores                  pipelines/<name>/…, domains/<name>/…  work of each

locals {
  uses_sagemaker = length(var.models) + length(var.feature_groups) + length(var.pipelines) + length(var.domains) > 0

  sagemaker_account = {
    partition = local.partition
    region    = var.region
    id        = var.account_id
  }
  sagemaker_here = "arn:${local.partition}:sagemaker:${local.here}"

  # Policies that AWS brings look for the word in a bucket's name.
  sagemaker_bucket     = "${local.prefix}-sagemaker-${var.account_id}"
  sagemaker_bucket_arn = "arn:${local.partition}:s3:::${local.sagemaker_bucket}"
}

module "sagemaker_bucket" {
  source = "../shared/bucket"
  count  = local.uses_sagemaker ? 1 : 0

  name              = local.sagemaker_bucket
  kms_key_arn       = var.kms_key_arn
  force_destroy     = !var.deletion_protection
  access_log_bucket = var.access_log_bucket_name
  access_log_prefix = "${local.sagemaker_bucket}/"

  lifecycle_rules = {
    captured = {
      prefix                             = "captured/"
      expiration_days                    = var.data_capture_retention_days
      noncurrent_version_expiration_days = 7
    }
    old-versions = {
      noncurrent_version_expiration_days = 90
    }
  }
}

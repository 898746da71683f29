# What pipelines hand from one action to the next, and what builds keep.

data "aws_partition" "current" {}

locals {
  prefix          = "${var.name_prefix}-cicd"
  needs_artifacts = length(var.pipelines) + length(local.projects) + length(local.deployments) > 0
}

module "artifacts" {
  source = "../shared/bucket"
  count  = local.needs_artifacts ? 1 : 0

  name              = "${local.prefix}-artifacts-${var.account_id}"
  kms_key_arn       = var.kms_key_arn
  force_destroy     = !var.deletion_protection
  access_log_bucket = var.access_log_bucket_name
  access_log_prefix = "${local.prefix}-artifacts/"

  lifecycle_rules = {
    expire = {
      expiration_days                    = var.artifact_retention_in_days
      noncurrent_version_expiration_days = 7
    }
  }
}

locals {
  # Looked at only where there is one.
  artifacts = {
    name = one(module.artifacts[*].name)
    arn  = one(module.artifacts[*].arn)
  }
}

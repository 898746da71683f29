# Copies of buckets in the replica region, under that region's key, written by S3 with a role of its own.

locals {
  replicated_buckets = { for key, bucket in var.buckets : key => bucket if bucket.replica }
}

module "bucket_replica" {
  source    = "../shared/bucket"
  for_each  = local.replicated_buckets
  providers = { aws = aws.replica }

  name            = "${local.bucket_prefix}-${each.key}-copy-${var.account_id}"
  kms_key_arn     = aws_kms_key.replica[0].arn
  force_destroy   = coalesce(each.value.force_destroy, !var.deletion_protection)
  lifecycle_rules = each.value.lifecycle_rules

  access_log_bucket = module.access_logs_replica[0].name
  access_log_prefix = "${each.key}/"
}

data "aws_iam_policy_document" "replication_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

data "aws_iam_policy_document" "replication" {
  for_each = local.replicated_buckets

  statement {
    sid       = "ReadConfiguration"
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = [module.bucket[each.key].arn]
  }

  statement {
    sid       = "ReadObjects"
    actions   = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging", "s3:GetObjectRetention", "s3:GetObjectLegalHold"]
    resources = ["${module.bucket[each.key].arn}/*"]
  }

  statement {
    sid       = "WriteCopies"
    actions   = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
    resources = ["${module.bucket_replica[each.key].arn}/*"]
  }

  statement {
    sid       = "DecryptObjects"
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${var.region}.amazonaws.com"]
    }
  }

  statement {
    sid       = "EncryptCopies"
    actions   = ["kms:Encrypt"]
    resources = [aws_kms_key.replica[0].arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${local.replica_region}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "replication" {
  for_each = local.replicated_buckets

  name                 = "${var.name_prefix}-data-replicate-${each.key}"
  description          = "Lets S3 copy ${each.key} to ${local.replica_region}"
  assume_role_policy   = data.aws_iam_policy_document.replication_trust.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "replication" {
  for_each = local.replicated_buckets

  name   = "replicate"
  role   = aws_iam_role.replication[each.key].id
  policy = data.aws_iam_policy_document.replication[each.key].json
}

resource "aws_s3_bucket_replication_configuration" "this" {
  for_each = local.replicated_buckets

  bucket = module.bucket[each.key].name
  role   = aws_iam_role.replication[each.key].arn

  rule {
    id       = "all"
    priority = 1
    status   = "Enabled"

    filter {
      prefix = ""
    }

    delete_marker_replication {
      status = "Enabled"
    }

    source_selection_criteria {
      sse_kms_encrypted_objects {
        status = "Enabled"
      }
    }

    destination {
      bucket        = module.bucket_replica[each.key].arn
      storage_class = each.value.replica_storage_class

      encryption_configuration {
        replica_kms_key_id = aws_kms_key.replica[0].arn
      }
    }
  }

  depends_on = [module.bucket, module.bucket_replica, aws_iam_role_policy.replication]
}

# What is copied to the replica region is encrypted there with a key of that region, so that the loss of either region, or
# of either key, leaves the other copy readable.

locals {
  has_replicas = anytrue(concat(
    [for table in values(var.tables) : table.replica],
    [for bucket in values(var.buckets) : bucket.replica],
    [for cluster in values(var.aurora_clusters) : cluster.global != null],
    [var.backup != null && try(var.backup.replica, false)],
  ))

  replica_region = coalesce(var.replica_region, var.region)

  root_arn = "arn:${data.aws_partition.current.partition}:iam::${var.account_id}:root"
}

data "aws_iam_policy_document" "replica_key" {
  #checkov:skip=CKV_AWS_109:A key policy applies to its own key only; "*" is the key itself
  #checkov:skip=CKV_AWS_111:A key policy applies to its own key only; "*" is the key itself
  #checkov:skip=CKV_AWS_356:A key policy applies to its own key only; "*" is the key itself
  statement {
    sid = "AccountAdministersThroughIam"
    actions = [
      "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:Delete*", "kms:Describe*", "kms:Disable*", "kms:Enable*",
      "kms:Get*", "kms:List*", "kms:Put*", "kms:Revoke*", "kms:RotateKeyOnDemand", "kms:ScheduleKeyDeletion",
      "kms:TagResource", "kms:UntagResource", "kms:Update*",
    ]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [local.root_arn]
    }
  }

  statement {
    sid       = "AccountUsesThroughServices"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [local.root_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:CallerAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for service in ["s3", "dynamodb", "rds", "backup"] : "${service}.${local.replica_region}.amazonaws.com"]
    }
  }

  statement {
    sid       = "ServicesHoldGrants"
    actions   = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [local.root_arn]
    }

    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:CallerAccount"
      values   = [var.account_id]
    }
  }

  # Logs of the databases that are copies.
  statement {
    sid       = "LogsOfCopies"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${local.replica_region}.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${data.aws_partition.current.partition}:logs:${local.replica_region}:${var.account_id}:log-group:/aws/rds/cluster/${var.name_prefix}-data-*"]
    }
  }
}

resource "aws_kms_key" "replica" {
  provider = aws.replica
  count    = local.has_replicas ? 1 : 0

  description             = "${var.name_prefix}-data-replica: copies of data of ${var.region}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.replica_key.json

  tags = { Name = "${var.name_prefix}-data-replica" }
}

resource "aws_kms_alias" "replica" {
  provider = aws.replica
  count    = local.has_replicas ? 1 : 0

  name          = "alias/${var.name_prefix}-data-replica"
  target_key_id = aws_kms_key.replica[0].key_id
}

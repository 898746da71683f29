# Comprehend's own models, and the role with which it reads texts and writes what it found.

locals {
  uses_comprehend = length(local.comprehends) + length(var.document_classifiers) + length(var.entity_recognizers) > 0
  trains          = length(var.document_classifiers) + length(var.entity_recognizers) > 0

  # What Comprehend reads: objects of workflows, and what models learn from.
  comprehend_reads = sort(distinct(concat(
    [for workflow in values(local.comprehends) : "${var.bucket_arns[workflow.bucket]}/${workflow.prefix}*"],
    [for object in values(local.training_objects) : "arn:${local.partition}:s3:::${object}*"],
  )))
  comprehend_buckets = sort(distinct([for arn in local.comprehend_reads : split("/", arn)[0]]))
  comprehend_writes = concat(
    [for name in sort(keys(local.comprehends)) : "${local.results_bucket_arn}/${name}/*"],
    local.trains ? ["${local.models_bucket_arn}/*"] : [],
  )
  in_vpc = anytrue(concat([for model in values(var.document_classifiers) : model.in_vpc], [for model in values(var.entity_recognizers) : model.in_vpc]))

  models_bucket     = "${local.prefix}-comprehend-${var.account_id}"
  models_bucket_arn = "arn:${local.partition}:s3:::${local.models_bucket}"
}

# What training leaves: confusion matrices and metrics; and files that it learns from.
module "models_bucket" {
  source = "../shared/bucket"
  count  = local.trains ? 1 : 0

  name              = local.models_bucket
  kms_key_arn       = var.kms_key_arn
  force_destroy     = !var.deletion_protection
  access_log_bucket = var.access_log_bucket_name
  access_log_prefix = "ml-comprehend/"

  lifecycle_rules = {
    old-versions = { noncurrent_version_expiration_days = 30 }
  }
}

data "aws_iam_policy_document" "comprehend_trust" {
  count = local.uses_comprehend ? 1 : 0

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["comprehend.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:comprehend:${local.here}:*"]
    }
  }
}

resource "aws_iam_role" "comprehend" {
  count = local.uses_comprehend ? 1 : 0

  name                 = "${local.prefix}-comprehend"
  description          = "What Comprehend reads and writes"
  assume_role_policy   = data.aws_iam_policy_document.comprehend_trust[0].json
  permissions_boundary = var.permissions_boundary_arn
}

# https://docs.aws.amazon.com/comprehend/latest/dg/security_iam_id-based-policy-examples.html
data "aws_iam_policy_document" "comprehend" {
  count = local.uses_comprehend ? 1 : 0

  statement {
    sid       = "Reads"
    actions   = ["s3:GetObject"]
    resources = local.comprehend_reads
  }

  statement {
    sid       = "Lists"
    actions   = ["s3:ListBucket"]
    resources = local.comprehend_buckets
  }

  statement {
    sid       = "Writes"
    actions   = ["s3:PutObject"]
    resources = local.comprehend_writes
  }

  statement {
    sid       = "Decrypts"
    actions   = ["kms:Decrypt"]
    resources = concat([var.data_kms_key_arn], local.training_key_arns)

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${var.region}.amazonaws.com"]
    }
  }

  statement {
    sid       = "Encrypts"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]
  }

  # Volumes of training instances.
  statement {
    sid       = "GrantsVolumes"
    actions   = ["kms:CreateGrant"]
    resources = [var.kms_key_arn]

    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }

  # Network interfaces are EC2's; it describes them for all.
  dynamic "statement" {
    for_each = local.in_vpc ? [true] : []

    content {
      sid = "EntersTheVpc"
      actions = [
        "ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface", "ec2:DeleteNetworkInterfacePermission",
      ]
      resources = concat(
        ["arn:${local.partition}:ec2:${local.here}:network-interface/*", "arn:${local.partition}:ec2:${local.here}:security-group/${aws_security_group.comprehend[0].id}"],
        [for id in var.private_subnet_ids : "arn:${local.partition}:ec2:${local.here}:subnet/${id}"],
      )
    }
  }

  dynamic "statement" {
    for_each = local.in_vpc ? [true] : []

    content {
      sid       = "LooksAtTheVpc"
      actions   = ["ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"]
      resources = ["*"]
    }
  }
}

resource "aws_iam_role_policy" "comprehend" {
  count = local.uses_comprehend ? 1 : 0

  name   = "data"
  role   = aws_iam_role.comprehend[0].id
  policy = data.aws_iam_policy_document.comprehend[0].json
}

resource "aws_security_group" "comprehend" {
  #checkov:skip=CKV2_AWS_5:Comprehend trains in it, a use that the check does not know
  count = local.in_vpc ? 1 : 0

  name_prefix = "${local.prefix}-comprehend-"
  description = "Training of Comprehend's models"
  vpc_id      = var.vpc_id

  tags = {
    Name = "${local.prefix}-comprehend"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_egress_rule" "comprehend" {
  count = local.in_vpc ? 1 : 0

  security_group_id = aws_security_group.comprehend[0].id
  description       = "HTTPS: S3 and KMS"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_comprehend_document_classifier" "this" {
  for_each = var.document_classifiers

  name                 = "${local.prefix}-${each.key}"
  version_name         = each.value.version
  language_code        = each.value.language
  mode                 = each.value.mode
  data_access_role_arn = aws_iam_role.comprehend[0].arn
  model_kms_key_id     = var.kms_key_arn
  volume_kms_key_id    = var.kms_key_arn

  input_data_config {
    data_format     = "COMPREHEND_CSV"
    label_delimiter = each.value.label_delimiter
    s3_uri          = "s3://${local.training_objects["classifiers/${each.key}/training"]}"
    test_s3_uri     = each.value.test == null ? null : "s3://${local.training_objects["classifiers/${each.key}/test"]}"
  }

  output_data_config {
    s3_uri     = "s3://${local.models_bucket}/${each.key}/"
    kms_key_id = var.kms_key_arn
  }

  dynamic "vpc_config" {
    for_each = each.value.in_vpc ? [true] : []

    content {
      security_group_ids = [aws_security_group.comprehend[0].id]
      subnets            = var.private_subnet_ids
    }
  }

  depends_on = [aws_iam_role_policy.comprehend, module.models_bucket, aws_s3_object.training]
}

resource "aws_comprehend_entity_recognizer" "this" {
  for_each = var.entity_recognizers

  name                 = "${local.prefix}-${each.key}"
  version_name         = each.value.version
  language_code        = each.value.language
  data_access_role_arn = aws_iam_role.comprehend[0].arn
  model_kms_key_id     = var.kms_key_arn
  volume_kms_key_id    = var.kms_key_arn

  input_data_config {
    data_format = "COMPREHEND_CSV"

    dynamic "entity_types" {
      for_each = each.value.entity_types

      content {
        type = entity_types.value
      }
    }

    documents {
      s3_uri       = "s3://${local.training_objects["recognizers/${each.key}/documents"]}"
      input_format = "ONE_DOC_PER_LINE"
    }

    dynamic "annotations" {
      for_each = each.value.annotations[*]

      content {
        s3_uri = "s3://${local.training_objects["recognizers/${each.key}/annotations"]}"
      }
    }

    dynamic "entity_list" {
      for_each = each.value.entity_list[*]

      content {
        s3_uri = "s3://${local.training_objects["recognizers/${each.key}/entity_list"]}"
      }
    }
  }

  dynamic "vpc_config" {
    for_each = each.value.in_vpc ? [true] : []

    content {
      security_group_ids = [aws_security_group.comprehend[0].id]
      subnets            = var.private_subnet_ids
    }
  }

  depends_on = [aws_iam_role_policy.comprehend, aws_s3_object.training]
}

# AWS Config: what resources were, and whether they keep to rules.

module "config_bucket" {
  source = "../shared/bucket"
  count  = var.config == null ? 0 : 1

  name        = "${var.name_prefix}-security-config-${var.account_id}"
  kms_key_arn = aws_kms_key.this["audit"].arn

  lifecycle_rules = {
    old-snapshots = { expiration_days = var.config.retention_in_days, noncurrent_version_expiration_days = 30 }
  }
}

data "aws_iam_policy_document" "config_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["config.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

data "aws_iam_policy_document" "config_deliver" {
  count = length(module.config_bucket)

  statement {
    sid       = "Deliver"
    actions   = ["s3:PutObject"]
    resources = ["${module.config_bucket[0].arn}/AWSLogs/${var.account_id}/*"]
  }

  statement {
    sid       = "Look"
    actions   = ["s3:GetBucketAcl", "s3:ListBucket"]
    resources = [module.config_bucket[0].arn]
  }

  statement {
    sid       = "Encrypt"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.this["audit"].arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${var.region}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "config" {
  count = length(module.config_bucket)

  name               = "${var.name_prefix}-security-config"
  description        = "Lets AWS Config read resources and deliver what it saw"
  assume_role_policy = data.aws_iam_policy_document.config_trust.json
}

resource "aws_iam_role_policy_attachment" "config" {
  count = length(aws_iam_role.config)

  role       = aws_iam_role.config[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AWS_ConfigRole"
}

resource "aws_iam_role_policy" "config" {
  count = length(aws_iam_role.config)

  name   = "deliver"
  role   = aws_iam_role.config[0].id
  policy = data.aws_iam_policy_document.config_deliver[0].json
}

resource "aws_config_configuration_recorder" "this" {
  count = length(module.config_bucket)

  name     = "${var.name_prefix}-security"
  role_arn = aws_iam_role.config[0].arn

  recording_group {
    all_supported                 = length(var.config.excluded_resource_types) == 0
    include_global_resource_types = length(var.config.excluded_resource_types) == 0 ? var.config.global_resources : null

    dynamic "exclusion_by_resource_types" {
      for_each = length(var.config.excluded_resource_types) > 0 ? [var.config.excluded_resource_types] : []
      content {
        resource_types = exclusion_by_resource_types.value
      }
    }

    recording_strategy {
      use_only = length(var.config.excluded_resource_types) > 0 ? "EXCLUSION_BY_RESOURCE_TYPES" : "ALL_SUPPORTED_RESOURCE_TYPES"
    }
  }

  recording_mode {
    recording_frequency = var.config.frequency
  }
}

resource "aws_config_delivery_channel" "this" {
  count = length(aws_config_configuration_recorder.this)

  name           = "${var.name_prefix}-security"
  s3_bucket_name = module.config_bucket[0].name
  s3_kms_key_arn = aws_kms_key.this["audit"].arn

  snapshot_delivery_properties {
    delivery_frequency = var.config.snapshot_frequency
  }

  depends_on = [aws_config_configuration_recorder.this, aws_iam_role_policy.config]
}

resource "aws_config_configuration_recorder_status" "this" {
  count = length(aws_config_configuration_recorder.this)

  name       = aws_config_configuration_recorder.this[0].name
  is_enabled = true

  depends_on = [aws_config_delivery_channel.this, aws_iam_role_policy_attachment.config]
}

resource "aws_config_retention_configuration" "this" {
  count = length(aws_config_configuration_recorder.this)

  retention_period_in_days = var.config.retention_in_days
}

resource "aws_config_config_rule" "this" {
  for_each = try(var.config.rules, {})

  name             = "${var.name_prefix}-security-${each.key}"
  description      = each.value.description
  input_parameters = length(each.value.parameters) > 0 ? jsonencode(each.value.parameters) : null

  source {
    owner             = "AWS"
    source_identifier = each.value.identifier
  }

  dynamic "scope" {
    for_each = length(each.value.resource_types) > 0 ? [each.value.resource_types] : []
    content {
      compliance_resource_types = scope.value
    }
  }

  depends_on = [aws_config_configuration_recorder.this]
}

resource "aws_config_conformance_pack" "this" {
  for_each = try(var.config.conformance_packs, {})

  name          = "${var.name_prefix}-security-${each.key}"
  template_body = each.value.template

  dynamic "input_parameter" {
    for_each = each.value.parameters
    content {
      parameter_name  = input_parameter.key
      parameter_value = input_parameter.value
    }
  }

  depends_on = [aws_config_configuration_recorder_status.this]
}

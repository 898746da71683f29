# AWS Config: what resources were, and whether they keep to rules.

module "config_bucket" {
  source = "../shared/bucket"
  count  = var.config == null ? 0 : 1

  name              = local.config_bucket_name
  kms_key_arn       = aws_kms_key.this["audit"].arn
  policy_statements = local.config_bucket_statements

  lifecycle_rules = {
    old-snapshots = { expiration_days = var.config.retention_in_days, noncurrent_version_expiration_days = 30 }
  }
}

# Config records with its service-linked role (Security Hub's control Config.1 asks for that one) and, as that role may use
# neither bucket nor key, delivers as the service: https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html
locals {
  config_bucket_name = "${var.name_prefix}-security-config-${var.account_id}"
  config_bucket_arn  = "arn:${data.aws_partition.current.partition}:s3:::${local.config_bucket_name}"
  config_role_arn    = "arn:${data.aws_partition.current.partition}:iam::${var.account_id}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"

  config_bucket_statements = [
    for name, statement in {
      Look    = { actions = ["s3:GetBucketAcl", "s3:ListBucket"], resource = local.config_bucket_arn, condition = {} }
      Deliver = { actions = ["s3:PutObject"], resource = "${local.config_bucket_arn}/AWSLogs/${var.account_id}/Config/*", condition = { "s3:x-amz-acl" = "bucket-owner-full-control" } }
    } :
    jsonencode({
      Sid       = "Config${name}"
      Effect    = "Allow"
      Principal = { Service = "config.amazonaws.com" }
      Action    = statement.actions
      Resource  = statement.resource
      Condition = { StringEquals = merge({ "aws:SourceAccount" = var.account_id }, statement.condition) }
    })
  ]
}

resource "aws_iam_service_linked_role" "config" {
  count = try(var.config.service_linked_role, false) ? 1 : 0

  aws_service_name = "config.amazonaws.com"
}

resource "aws_config_configuration_recorder" "this" {
  count = length(module.config_bucket)

  name     = "${var.name_prefix}-security"
  role_arn = local.config_role_arn

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

  depends_on = [aws_iam_service_linked_role.config]
}

resource "aws_config_delivery_channel" "this" {
  count = length(aws_config_configuration_recorder.this)

  name           = "${var.name_prefix}-security"
  s3_bucket_name = module.config_bucket[0].name
  s3_kms_key_arn = aws_kms_key.this["audit"].arn

  snapshot_delivery_properties {
    delivery_frequency = var.config.snapshot_frequency
  }

  depends_on = [aws_config_configuration_recorder.this]
}

resource "aws_config_configuration_recorder_status" "this" {
  count = length(aws_config_configuration_recorder.this)

  name       = aws_config_configuration_recorder.this[0].name
  is_enabled = true

  depends_on = [aws_config_delivery_channel.this]
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

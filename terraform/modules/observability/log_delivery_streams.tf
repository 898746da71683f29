# The Firehose streams, and the subscription filters that feed them.

resource "aws_kinesis_firehose_delivery_stream" "this" {
  for_each = var.log_delivery

  name        = local.delivery_names[each.key]
  destination = each.value.to == "s3" ? "extended_s3" : each.value.to == "domain" ? "opensearch" : "opensearchserverless"

  server_side_encryption {
    enabled  = true
    key_type = "CUSTOMER_MANAGED_CMK"
    key_arn  = var.logs_kms_key_arn
  }

  dynamic "extended_s3_configuration" {
    for_each = each.value.to == "s3" ? [true] : []

    content {
      role_arn            = aws_iam_role.delivery[each.key].arn
      bucket_arn          = module.delivery_bucket[0].arn
      kms_key_arn         = var.logs_kms_key_arn
      prefix              = "${each.key}/!{timestamp:yyyy/MM/dd/HH}/"
      error_output_prefix = "${each.key}/failed/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/"
      buffering_interval  = each.value.buffer_seconds
      buffering_size      = each.value.buffer_mb
      compression_format  = "GZIP"

      cloudwatch_logging_options {
        enabled         = true
        log_group_name  = aws_cloudwatch_log_group.delivery[0].name
        log_stream_name = aws_cloudwatch_log_stream.delivery[each.key].name
      }

      processing_configuration {
        enabled = true

        dynamic "processors" {
          for_each = local.delivery_processors[each.key]

          content {
            type = processors.value.type

            dynamic "parameters" {
              for_each = processors.value.parameters

              content {
                parameter_name  = parameters.key
                parameter_value = parameters.value
              }
            }
          }
        }
      }
    }
  }

  dynamic "opensearch_configuration" {
    for_each = each.value.to == "domain" ? [true] : []

    content {
      role_arn              = aws_iam_role.delivery[each.key].arn
      domain_arn            = aws_opensearch_domain.this[0].arn
      index_name            = each.value.index
      index_rotation_period = each.value.rotation
      buffering_interval    = each.value.buffer_seconds
      buffering_size        = each.value.buffer_mb
      retry_duration        = each.value.retry_seconds
      s3_backup_mode        = each.value.backup == "all" ? "AllDocuments" : "FailedDocumentsOnly"

      s3_configuration {
        role_arn            = aws_iam_role.delivery[each.key].arn
        bucket_arn          = module.delivery_bucket[0].arn
        kms_key_arn         = var.logs_kms_key_arn
        prefix              = "${each.key}/"
        error_output_prefix = "${each.key}/failed/!{firehose:error-output-type}/"
        compression_format  = "GZIP"
        buffering_interval  = 300
        buffering_size      = 5
      }

      cloudwatch_logging_options {
        enabled         = true
        log_group_name  = aws_cloudwatch_log_group.delivery[0].name
        log_stream_name = aws_cloudwatch_log_stream.delivery[each.key].name
      }

      vpc_config {
        role_arn           = aws_iam_role.delivery[each.key].arn
        subnet_ids         = var.private_subnet_ids
        security_group_ids = [aws_security_group.delivery[0].id]
      }

      processing_configuration {
        enabled = true

        dynamic "processors" {
          for_each = local.delivery_processors[each.key]

          content {
            type = processors.value.type

            dynamic "parameters" {
              for_each = processors.value.parameters

              content {
                parameter_name  = parameters.key
                parameter_value = parameters.value
              }
            }
          }
        }
      }
    }
  }

  dynamic "opensearchserverless_configuration" {
    for_each = startswith(each.value.to, "collection/") ? [trimprefix(each.value.to, "collection/")] : []

    content {
      role_arn            = aws_iam_role.delivery[each.key].arn
      collection_endpoint = aws_opensearchserverless_collection.this[opensearchserverless_configuration.value].collection_endpoint
      index_name          = each.value.index
      buffering_interval  = each.value.buffer_seconds
      buffering_size      = each.value.buffer_mb
      retry_duration      = each.value.retry_seconds
      s3_backup_mode      = each.value.backup == "all" ? "AllDocuments" : "FailedDocumentsOnly"

      s3_configuration {
        role_arn            = aws_iam_role.delivery[each.key].arn
        bucket_arn          = module.delivery_bucket[0].arn
        kms_key_arn         = var.logs_kms_key_arn
        prefix              = "${each.key}/"
        error_output_prefix = "${each.key}/failed/!{firehose:error-output-type}/"
        compression_format  = "GZIP"
        buffering_interval  = 300
        buffering_size      = 5
      }

      cloudwatch_logging_options {
        enabled         = true
        log_group_name  = aws_cloudwatch_log_group.delivery[0].name
        log_stream_name = aws_cloudwatch_log_stream.delivery[each.key].name
      }

      vpc_config {
        role_arn           = aws_iam_role.delivery[each.key].arn
        subnet_ids         = var.private_subnet_ids
        security_group_ids = [aws_security_group.delivery[0].id]
      }

      processing_configuration {
        enabled = true

        dynamic "processors" {
          for_each = local.delivery_processors[each.key]

          content {
            type = processors.value.type

            dynamic "parameters" {
              for_each = processors.value.parameters

              content {
                parameter_name  = parameters.key
                parameter_value = parameters.value
              }
            }
          }
        }
      }
    }
  }

  depends_on = [module.delivery_bucket, aws_iam_role_policy.delivery, aws_opensearchserverless_access_policy.this]
}

data "aws_iam_policy_document" "subscription_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["logs.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:logs:${local.here}:*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

data "aws_iam_policy_document" "subscription" {
  statement {
    actions   = ["firehose:PutRecord", "firehose:PutRecordBatch"]
    resources = sort(values(local.delivery_arns))
  }
}

resource "aws_iam_role" "subscription" {
  count = local.deliveries ? 1 : 0

  name                 = "${local.name}-log-subscription"
  description          = "Lets CloudWatch Logs send log events to Firehose"
  assume_role_policy   = data.aws_iam_policy_document.subscription_trust.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "subscription" {
  count = local.deliveries ? 1 : 0

  name   = "send-to-firehose"
  role   = aws_iam_role.subscription[0].id
  policy = data.aws_iam_policy_document.subscription.json
}

resource "aws_cloudwatch_log_subscription_filter" "this" {
  for_each = local.delivery_groups

  name            = "${local.name}-${each.value.delivery}"
  log_group_name  = each.value.name
  filter_pattern  = var.log_delivery[each.value.delivery].pattern
  destination_arn = aws_kinesis_firehose_delivery_stream.this[each.value.delivery].arn
  role_arn        = aws_iam_role.subscription[0].arn
  distribution    = var.log_delivery[each.value.delivery].distribution

  # CloudWatch Logs tries the role before it takes the filter.
  depends_on = [aws_iam_role_policy.subscription]
}

# Who called AWS, for what, from where: signed, encrypted, in a bucket of its own and in a log group.

locals {
  trail_logs = try(var.cloudtrail.log_group_retention_in_days, 0) > 0
  trail_name = "${local.name}-trail"
  trail_arn  = "arn:${local.partition}:cloudtrail:${local.here}:trail/${local.trail_name}"

  # Each condition: [field, operator, values].
  trail_selectors = flatten([
    for trail in var.cloudtrail[*] : [
      [
        for mode in [trail.management_events] : {
          name = "management"
          conditions = concat(
            [["eventCategory", "equals", ["Management"]]],
            [for value in ["false"] : ["readOnly", "equals", [value]] if mode == "write"],
            [for values in [sort(trail.exclude_sources)] : ["eventSource", "not_equals", values] if length(values) > 0],
          )
        } if mode != "none"
      ],
      [
        for name, selector in trail.data_events : {
          name = name
          conditions = concat(
            [["eventCategory", "equals", ["Data"]], ["resources.type", "equals", [selector.type]]],
            [for value in [tostring(selector.events == "read")] : ["readOnly", "equals", [value]] if selector.events != "all"],
            [for values in [sort(selector.arns)] : ["resources.ARN", "starts_with", values] if length(values) > 0],
          )
        }
      ],
    ]
  ])
}

module "trail_bucket" {
  source = "../shared/bucket"
  count  = var.cloudtrail == null ? 0 : 1

  name              = "${local.name}-trail-${var.account_id}"
  kms_key_arn       = var.logs_kms_key_arn
  force_destroy     = !var.deletion_protection
  access_log_bucket = var.access_log_bucket
  access_log_prefix = "trail/"

  lifecycle_rules = {
    archive = {
      transitions                        = [{ days = var.cloudtrail.archive_after_days, storage_class = "GLACIER_IR" }]
      expiration_days                    = var.cloudtrail.expire_after_days
      noncurrent_version_expiration_days = 30
    }
  }

  # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
  policy_statements = [
    jsonencode({
      Sid       = "CloudTrailChecks"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:GetBucketAcl"
      Resource  = "arn:${local.partition}:s3:::${local.name}-trail-${var.account_id}"
      Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn } }
    }),
    jsonencode({
      Sid       = "CloudTrailDelivers"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "arn:${local.partition}:s3:::${local.name}-trail-${var.account_id}/AWSLogs/*"
      Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn, "s3:x-amz-acl" = "bucket-owner-full-control" } }
    }),
  ]
}

resource "aws_cloudwatch_log_group" "trail" {
  count = local.trail_logs ? 1 : 0

  name              = "/${var.name_prefix}/observability/cloudtrail"
  retention_in_days = var.cloudtrail.log_group_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

data "aws_iam_policy_document" "trail_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [local.trail_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

data "aws_iam_policy_document" "trail_write" {
  count = local.trail_logs ? 1 : 0

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.trail[0].arn}:log-stream:*_CloudTrail_${var.region}*"]
  }
}

resource "aws_iam_role" "trail" {
  count = local.trail_logs ? 1 : 0

  name                 = "${local.name}-trail"
  description          = "Lets CloudTrail write to its log group"
  assume_role_policy   = data.aws_iam_policy_document.trail_trust.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "trail" {
  count = local.trail_logs ? 1 : 0

  name   = "write-trail"
  role   = aws_iam_role.trail[0].id
  policy = data.aws_iam_policy_document.trail_write[0].json
}

resource "aws_sns_topic" "trail" {
  count = try(var.cloudtrail.notify, false) ? 1 : 0

  name              = "${local.name}-trail"
  display_name      = "Log files of the trail"
  kms_master_key_id = var.messaging_kms_key_arn
  signature_version = 2
}

data "aws_iam_policy_document" "trail_topic" {
  count = try(var.cloudtrail.notify, false) ? 1 : 0

  statement {
    sid       = "CloudTrailPublishes"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.trail[0].arn]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [local.trail_arn]
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.trail[0].arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sns_topic_policy" "trail" {
  count = try(var.cloudtrail.notify, false) ? 1 : 0

  arn    = aws_sns_topic.trail[0].arn
  policy = data.aws_iam_policy_document.trail_topic[0].json
}

resource "aws_cloudtrail" "this" {
  count = var.cloudtrail == null ? 0 : 1

  name                          = local.trail_name
  s3_bucket_name                = module.trail_bucket[0].name
  kms_key_id                    = var.logs_kms_key_arn
  enable_log_file_validation    = true
  is_multi_region_trail         = var.cloudtrail.multi_region
  include_global_service_events = var.cloudtrail.multi_region
  is_organization_trail         = var.cloudtrail.organization
  cloud_watch_logs_group_arn    = local.trail_logs ? "${aws_cloudwatch_log_group.trail[0].arn}:*" : null
  cloud_watch_logs_role_arn     = local.trail_logs ? aws_iam_role.trail[0].arn : null
  sns_topic_name                = var.cloudtrail.notify ? aws_sns_topic.trail[0].name : null

  dynamic "advanced_event_selector" {
    for_each = local.trail_selectors

    content {
      name = advanced_event_selector.value.name

      dynamic "field_selector" {
        for_each = advanced_event_selector.value.conditions

        content {
          field       = field_selector.value[0]
          equals      = field_selector.value[1] == "equals" ? field_selector.value[2] : null
          not_equals  = field_selector.value[1] == "not_equals" ? field_selector.value[2] : null
          starts_with = field_selector.value[1] == "starts_with" ? field_selector.value[2] : null
        }
      }
    }
  }

  dynamic "insight_selector" {
    for_each = var.cloudtrail.insights

    content {
      insight_type = insight_selector.value
    }
  }

  # CloudTrail looks at every policy before it says that the trail exists.
  depends_on = [module.trail_bucket, aws_iam_role_policy.trail, aws_sns_topic_policy.trail]
}

# What workflows leave: results in a bucket, what came of each object in a table, and a topic that is told.

locals {
  has_workflows      = length(var.workflows) > 0
  results_bucket     = "${local.prefix}-results-${var.account_id}"
  results_bucket_arn = "arn:${local.partition}:s3:::${local.results_bucket}"
  results_table      = "${local.prefix}-results"
  results_topic_arn  = "arn:${local.partition}:sns:${local.here}:${local.prefix}-results"
  jobs_topic_arn     = "arn:${local.partition}:sns:${local.here}:${local.prefix}-jobs"
}

module "results_bucket" {
  source = "../shared/bucket"
  count  = local.has_workflows ? 1 : 0

  name              = local.results_bucket
  kms_key_arn       = var.kms_key_arn
  force_destroy     = !var.deletion_protection
  access_log_bucket = var.access_log_bucket_name
  access_log_prefix = "ml-results/"

  lifecycle_rules = merge(
    { old-versions = { noncurrent_version_expiration_days = 30 } },
    {
      for name, workflow in var.workflows : name => { prefix = "${name}/", expiration_days = workflow.results_retention_days }
      if workflow.results_retention_days != null
    },
  )
}

resource "aws_dynamodb_table" "results" {
  count = local.has_workflows ? 1 : 0

  name                        = local.results_table
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "document"
  range_key                   = "workflow"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "document"
    type = "S"
  }

  attribute {
    name = "workflow"
    type = "S"
  }

  attribute {
    name = "status"
    type = "S"
  }

  # Which objects of a workflow have failed, or hang.
  global_secondary_index {
    name            = "by-status"
    hash_key        = "workflow"
    range_key       = "status"
    projection_type = "ALL"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }
}

# Each topic's name with who publishes to it.
resource "aws_sns_topic" "this" {
  for_each = local.has_workflows ? { results = "Results of workflows", jobs = "Jobs of Textract and Rekognition" } : {}

  name              = "${local.prefix}-${each.key}"
  display_name      = each.value
  kms_master_key_id = var.messaging_kms_key_arn
  signature_version = 2
}

data "aws_iam_policy_document" "topic" {
  for_each = aws_sns_topic.this

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [each.value.arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sns_topic_policy" "this" {
  for_each = aws_sns_topic.this

  arn    = each.value.arn
  policy = data.aws_iam_policy_document.topic[each.key].json
}

# Who was let in and who was not, without the credentials that requests carry.

data "aws_partition" "current" {}

# WAF delivers only to log groups whose name begins so.
resource "aws_cloudwatch_log_group" "this" {
  name              = "aws-waf-logs-${var.name}"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

data "aws_iam_policy_document" "delivery" {
  statement {
    sid       = "WafDelivers"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]

    principals {
      type        = "Service"
      identifiers = ["delivery.logs.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${data.aws_partition.current.partition}:logs:${var.region}:${var.account_id}:*"]
    }
  }
}

# WAF would write one of its own, for every log group of such a name.
resource "aws_cloudwatch_log_resource_policy" "this" {
  policy_name     = "${var.name}-waf-logs"
  policy_document = data.aws_iam_policy_document.delivery.json
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.this.arn]

  dynamic "redacted_fields" {
    for_each = sort(var.redacted_headers)
    content {
      single_header {
        name = redacted_fields.value
      }
    }
  }

  dynamic "redacted_fields" {
    for_each = var.redact_query_string ? [true] : []
    content {
      query_string {}
    }
  }

  dynamic "logging_filter" {
    for_each = length(var.logged_actions) > 0 ? [sort(var.logged_actions)] : []
    content {
      default_behavior = "DROP"

      filter {
        behavior    = "KEEP"
        requirement = "MEETS_ANY"

        dynamic "condition" {
          for_each = logging_filter.value
          content {
            action_condition {
              action = condition.value
            }
          }
        }
      }
    }
  }

  depends_on = [aws_cloudwatch_log_resource_policy.this]
}

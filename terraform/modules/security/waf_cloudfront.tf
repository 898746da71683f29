# CloudFront's web ACL, its log group and the key of that: all in us-east-1, where CloudFront looks for them.

data "aws_iam_policy_document" "edge_logs_key" {
  count = contains(keys(var.web_acls), "cloudfront") ? 1 : 0

  #checkov:skip=CKV_AWS_109:A key policy applies to its own key only; "*" is the key itself
  #checkov:skip=CKV_AWS_111:A key policy applies to its own key only; "*" is the key itself
  #checkov:skip=CKV_AWS_356:A key policy applies to its own key only; "*" is the key itself
  statement {
    sid       = "AccountAdministersThroughIam"
    actions   = local.administration_actions
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [local.root_arn]
    }
  }

  statement {
    sid       = "LogGroupsOfThisAccount"
    actions   = local.use_actions
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.us-east-1.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${data.aws_partition.current.partition}:logs:us-east-1:${var.account_id}:log-group:aws-waf-logs-${var.name_prefix}-*"]
    }
  }
}

resource "aws_kms_key" "edge_logs" {
  provider = aws.us_east_1
  count    = length(data.aws_iam_policy_document.edge_logs_key)

  description             = "${var.name_prefix}-security-edge-logs: log group of CloudFront's web ACL."
  enable_key_rotation     = true
  rotation_period_in_days = 365
  deletion_window_in_days = var.deletion_window_in_days
  policy                  = data.aws_iam_policy_document.edge_logs_key[0].json

  tags = {
    Name = "${var.name_prefix}-security-edge-logs"
  }
}

resource "aws_kms_alias" "edge_logs" {
  provider = aws.us_east_1
  count    = length(aws_kms_key.edge_logs)

  name          = "alias/${var.name_prefix}-security-edge-logs"
  target_key_id = aws_kms_key.edge_logs[0].key_id
}

module "cloudfront_web_acl" {
  source = "./modules/web_acl"
  count  = length(aws_kms_key.edge_logs)

  providers = {
    aws = aws.us_east_1
  }

  name                  = "${var.name_prefix}-security-cloudfront"
  scope                 = "CLOUDFRONT"
  region                = "us-east-1"
  account_id            = var.account_id
  default_action        = var.web_acls.cloudfront.default_action
  ip_sets               = var.web_acls.cloudfront.ip_sets
  allowed_countries     = var.web_acls.cloudfront.allowed_countries
  blocked_countries     = var.web_acls.cloudfront.blocked_countries
  rate_limits           = var.web_acls.cloudfront.rate_limits
  managed_rule_groups   = local.managed_rule_groups.cloudfront
  body_inspection_kb    = var.web_acls.cloudfront.body_inspection_kb
  log_retention_in_days = var.web_acls.cloudfront.logging.retention_in_days
  redacted_headers      = var.web_acls.cloudfront.logging.redacted_headers
  redact_query_string   = var.web_acls.cloudfront.logging.redact_query_string
  logged_actions        = var.web_acls.cloudfront.logging.logged_actions
  logs_kms_key_arn      = aws_kms_key.edge_logs[0].arn
}

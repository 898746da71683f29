# GuardDuty: threats in the account's logs, by AWS's own reading of them.

locals {
  guardduty_features = var.guardduty == null ? {} : {
    S3_DATA_EVENTS         = var.guardduty.s3_data_events
    EKS_AUDIT_LOGS         = var.guardduty.eks_audit_logs
    EBS_MALWARE_PROTECTION = var.guardduty.malware_protection
    RDS_LOGIN_EVENTS       = var.guardduty.rds_login_events
    LAMBDA_NETWORK_LOGS    = var.guardduty.lambda_network_logs
  }
  # AWS answers them in this order, and a list is compared in order.
  runtime_agents = var.guardduty == null ? [] : [
    { name = "EKS_ADDON_MANAGEMENT", enabled = try(var.guardduty.runtime_monitoring.eks, false) },
    { name = "ECS_FARGATE_AGENT_MANAGEMENT", enabled = try(var.guardduty.runtime_monitoring.ecs_fargate, false) },
    { name = "EC2_AGENT_MANAGEMENT", enabled = try(var.guardduty.runtime_monitoring.ec2, false) },
  ]
  publishes_findings = try(var.guardduty.publish_findings, false)
  audits_to_bucket   = var.config != null || local.publishes_findings
}

resource "aws_guardduty_detector" "this" {
  count = var.guardduty == null ? 0 : 1

  #checkov:skip=CKV2_AWS_3:One account's detector; an organization's other accounts and regions are its administrator's
  enable                       = true
  finding_publishing_frequency = var.guardduty.finding_frequency
}

resource "aws_guardduty_detector_feature" "this" {
  for_each = local.guardduty_features

  detector_id = aws_guardduty_detector.this[0].id
  name        = each.key
  status      = each.value ? "ENABLED" : "DISABLED"
}

resource "aws_guardduty_detector_feature" "runtime" {
  count = try(var.guardduty.runtime_monitoring, null) == null ? 0 : 1

  detector_id = aws_guardduty_detector.this[0].id
  name        = "RUNTIME_MONITORING"
  status      = "ENABLED"

  dynamic "additional_configuration" {
    for_each = local.runtime_agents
    content {
      name   = additional_configuration.value.name
      status = additional_configuration.value.enabled ? "ENABLED" : "DISABLED"
    }
  }
}

# No access log bucket is upstream of this layer: the buckets here are watched by the trail of the observability layer.
module "guardduty_bucket" {
  source = "../shared/bucket"
  count  = local.publishes_findings ? 1 : 0

  name        = "${var.name_prefix}-security-guardduty-${var.account_id}"
  kms_key_arn = aws_kms_key.this["audit"].arn

  policy_statements = [
    jsonencode({
      Sid       = "GuardDutyLooks"
      Effect    = "Allow"
      Principal = { Service = "guardduty.amazonaws.com" }
      Action    = "s3:GetBucketLocation"
      Resource  = "arn:${data.aws_partition.current.partition}:s3:::${var.name_prefix}-security-guardduty-${var.account_id}"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }),
    jsonencode({
      Sid       = "GuardDutyWrites"
      Effect    = "Allow"
      Principal = { Service = "guardduty.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "arn:${data.aws_partition.current.partition}:s3:::${var.name_prefix}-security-guardduty-${var.account_id}/*"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }),
  ]
}

resource "aws_guardduty_publishing_destination" "this" {
  count = length(module.guardduty_bucket)

  detector_id     = aws_guardduty_detector.this[0].id
  destination_arn = module.guardduty_bucket[0].arn
  kms_key_arn     = aws_kms_key.this["audit"].arn

  depends_on = [module.guardduty_bucket]
}

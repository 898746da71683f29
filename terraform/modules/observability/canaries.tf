# Canaries ask from outside, as users do, whether what they need works.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries.html

locals {
  canary_names  = { for key in keys(var.canaries) : key => "${var.name_prefix}-${key}" }
  canaries      = length(var.canaries) > 0
  canary_bucket = "${local.name}-canaries-${var.account_id}"

  # The layer's own script as a zip: Terraform joins what comes before and after it (see canary/frame.py).
  heartbeat        = file("${path.module}/canary/heartbeat.js")
  heartbeat_frame  = jsondecode(file("${path.module}/canary/heartbeat.json"))
  heartbeat_zip    = "${local.heartbeat_frame.before}${base64encode("${local.heartbeat}${local.heartbeat_frame.padding}")}${local.heartbeat_frame.after}"
  heartbeat_key    = "scripts/heartbeat-${substr(local.heartbeat_frame.script_sha256, 0, 12)}.zip"
  heartbeat_needed = anytrue([for canary in values(var.canaries) : canary.url != null])

  canary_alarms = merge([
    for key, canary in var.canaries : merge(
      {
        for kind in ["failed"] : "canary-${key}-failed" => merge(local.alarm_defaults, {
          description         = "The canary ${key} fails: ${coalesce(canary.url, "see its script")}."
          threshold           = canary.success_percent
          comparison          = "LessThanThreshold"
          period_seconds      = 300
          evaluation_periods  = 3
          datapoints_to_alarm = 2
          missing_data        = canary.started ? "breaching" : "ignore"
          metric              = { namespace = "CloudWatchSynthetics", name = "SuccessPercent", statistic = "Average", dimensions = { CanaryName = local.canary_names[key] } }
        })
      },
      {
        for kind in ["slow"] : "canary-${key}-slow" => merge(local.alarm_defaults, {
          description         = "The canary ${key} takes more than ${canary.latency_ms} ms."
          threshold           = canary.latency_ms
          period_seconds      = 300
          evaluation_periods  = 3
          datapoints_to_alarm = 2
          metric              = { namespace = "CloudWatchSynthetics", name = "Duration", statistic = "Average", dimensions = { CanaryName = local.canary_names[key] } }
        }) if canary.latency_ms != null
      },
    )
  ]...)
}

module "canary_bucket" {
  source = "../shared/bucket"
  count  = local.canaries ? 1 : 0

  name              = local.canary_bucket
  kms_key_arn       = var.logs_kms_key_arn
  force_destroy     = !var.deletion_protection
  access_log_bucket = var.access_log_bucket
  access_log_prefix = "canaries/"

  lifecycle_rules = {
    artifacts = { prefix = "artifacts/", expiration_days = max([for canary in values(var.canaries) : canary.retention_days]...), noncurrent_version_expiration_days = 7 }
  }
}

resource "aws_s3_object" "heartbeat" {
  count = local.heartbeat_needed ? 1 : 0

  bucket         = module.canary_bucket[0].name
  key            = local.heartbeat_key
  content_base64 = local.heartbeat_zip
  content_type   = "application/zip"
  kms_key_id     = var.logs_kms_key_arn

  lifecycle {
    precondition {
      condition     = sha256(local.heartbeat) == local.heartbeat_frame.script_sha256
      error_message = "canary/heartbeat.js was changed: run canary/frame.py, which computes what Terraform can't."
    }
  }

  depends_on = [module.canary_bucket]
}

data "aws_iam_policy_document" "canary_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "canary" {
  #checkov:skip=CKV_AWS_111:Metrics, traces and network interfaces have no resource of their own; metrics are bound to their namespace
  #checkov:skip=CKV_AWS_356:Metrics, traces and network interfaces have no resource of their own; metrics are bound to their namespace
  for_each = var.canaries

  statement {
    sid       = "Artifacts"
    actions   = ["s3:PutObject"]
    resources = ["arn:${local.partition}:s3:::${local.canary_bucket}/artifacts/${each.key}/*"]
  }

  statement {
    sid       = "FindBucket"
    actions   = ["s3:GetBucketLocation"]
    resources = ["arn:${local.partition}:s3:::${local.canary_bucket}"]
  }

  statement {
    sid       = "EncryptArtifacts"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.logs_kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${var.region}.amazonaws.com"]
    }
  }

  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:${local.partition}:logs:${local.here}:log-group:/aws/lambda/cwsyn-${local.canary_names[each.key]}-*"]
  }

  statement {
    sid       = "Count"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = ["CloudWatchSynthetics"]
    }
  }

  dynamic "statement" {
    for_each = each.value.tracing ? [true] : []

    content {
      sid       = "Trace"
      actions   = ["xray:PutTraceSegments"]
      resources = ["*"]
    }
  }

  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
  dynamic "statement" {
    for_each = each.value.in_vpc ? [true] : []

    content {
      sid       = "EnterVpc"
      actions   = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces"]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = length(each.value.read_secret_arns) > 0 ? [sort(each.value.read_secret_arns)] : []

    content {
      sid       = "ReadSecrets"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = statement.value
    }
  }
}

resource "aws_iam_role" "canary" {
  for_each = var.canaries

  name                 = "${local.name}-canary-${each.key}"
  description          = "What the canary ${each.key} may do"
  assume_role_policy   = data.aws_iam_policy_document.canary_trust.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "canary" {
  #checkov:skip=CKV_AWS_290:Network interfaces and traces have no resource of their own; metrics are bound to their namespace
  #checkov:skip=CKV_AWS_355:Network interfaces and traces have no resource of their own; metrics are bound to their namespace
  for_each = var.canaries

  name   = "run"
  role   = aws_iam_role.canary[each.key].id
  policy = data.aws_iam_policy_document.canary[each.key].json
}

resource "aws_security_group" "canary" {
  #checkov:skip=CKV2_AWS_5:It is attached to the canaries below, which checkov does not look at
  count = anytrue([for canary in values(var.canaries) : canary.in_vpc]) ? 1 : 0

  name        = "${local.name}-canaries"
  description = "Canaries that run in the VPC"
  vpc_id      = var.vpc_id

  tags = { Name = "${local.name}-canaries" }
}

resource "aws_vpc_security_group_egress_rule" "canary" {
  for_each = { for name, port in { https = 443, http = 80 } : name => port if length(aws_security_group.canary) > 0 }

  security_group_id = aws_security_group.canary[0].id
  description       = "What canaries ask, and AWS itself"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
  cidr_ipv4         = each.key == "http" ? var.vpc_cidr : "0.0.0.0/0"
}

resource "aws_synthetics_canary" "this" {
  for_each = var.canaries

  name                     = local.canary_names[each.key]
  runtime_version          = each.value.runtime_version
  execution_role_arn       = aws_iam_role.canary[each.key].arn
  artifact_s3_location     = "s3://${module.canary_bucket[0].name}/artifacts/${each.key}"
  s3_bucket                = each.value.script == null ? aws_s3_object.heartbeat[0].bucket : each.value.script.bucket
  s3_key                   = each.value.script == null ? aws_s3_object.heartbeat[0].key : each.value.script.key
  s3_version               = each.value.script == null ? null : each.value.script.version
  handler                  = each.value.script == null ? "heartbeat.handler" : each.value.script.handler
  start_canary             = each.value.started
  delete_lambda            = true
  success_retention_period = each.value.retention_days
  failure_retention_period = each.value.retention_days

  schedule {
    expression = each.value.schedule
  }

  run_config {
    timeout_in_seconds = each.value.timeout_seconds
    memory_in_mb       = each.value.memory_mb
    active_tracing     = each.value.tracing
    environment_variables = merge(each.value.url == null ? {} : {
      URL             = each.value.url
      METHOD          = each.value.method
      STATUS          = tostring(each.value.expected_status)
      CONTAINS        = each.value.contains
      TIMEOUT_SECONDS = tostring(max(1, each.value.timeout_seconds - 5))
    }, each.value.environment)
  }

  artifact_config {
    s3_encryption {
      encryption_mode = "SSE_KMS"
      kms_key_arn     = var.logs_kms_key_arn
    }
  }

  dynamic "vpc_config" {
    for_each = each.value.in_vpc ? [true] : []

    content {
      subnet_ids         = var.private_subnet_ids
      security_group_ids = [aws_security_group.canary[0].id]
    }
  }

  depends_on = [aws_iam_role_policy.canary]
}

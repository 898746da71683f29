# Log groups that no other layer makes, encrypted, kept as long as they say.

locals {
  # What CloudWatch Logs takes. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
  retention_days = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]

  configured_log_group_names = {
    for key in keys(var.log_groups) : key => startswith(key, "/") ? key : "/${var.name_prefix}/observability/${key}"
  }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = var.log_groups

  name              = local.configured_log_group_names[each.key]
  retention_in_days = each.value.retention_in_days
  log_group_class   = each.value.class
  kms_key_id        = var.logs_kms_key_arn
}

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/mask-sensitive-log-data.html
resource "aws_cloudwatch_log_data_protection_policy" "this" {
  for_each = { for key, group in var.log_groups : key => sort(group.mask) if length(group.mask) > 0 }

  log_group_name = aws_cloudwatch_log_group.this[each.key].name
  policy_document = jsonencode({
    Name    = "mask"
    Version = "2021-06-01"
    Statement = [
      {
        Sid            = "audit"
        DataIdentifier = [for kind in each.value : "arn:${local.partition}:dataprotection::aws:data-identifier/${kind}"]
        Operation      = { Audit = { FindingsDestination = {} } }
      },
      {
        Sid            = "mask"
        DataIdentifier = [for kind in each.value : "arn:${local.partition}:dataprotection::aws:data-identifier/${kind}"]
        Operation      = { Deidentify = { MaskConfig = {} } }
      },
    ]
  })
}

resource "aws_cloudwatch_log_index_policy" "this" {
  for_each = { for key, group in var.log_groups : key => sort(group.index_fields) if length(group.index_fields) > 0 }

  log_group_name  = aws_cloudwatch_log_group.this[each.key].name
  policy_document = jsonencode({ Fields = each.value })
}

resource "aws_cloudwatch_log_anomaly_detector" "this" {
  for_each = { for key, group in var.log_groups : key => group.anomaly_detection if group.anomaly_detection != null }

  detector_name           = "${local.name}-${replace(trimprefix(each.key, "/"), "/", "-")}"
  log_group_arn_list      = [aws_cloudwatch_log_group.this[each.key].arn]
  enabled                 = true
  evaluation_frequency    = each.value.evaluation_minutes == 60 ? "ONE_HOUR" : { "5" = "FIVE_MIN", "10" = "TEN_MIN", "15" = "FIFTEEN_MIN", "30" = "THIRTY_MIN" }[each.value.evaluation_minutes]
  anomaly_visibility_time = each.value.visibility_days
  filter_pattern          = each.value.filter_pattern
  kms_key_id              = var.logs_kms_key_arn
}

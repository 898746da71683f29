# Findings, to where people hear of them.

locals {
  severities = ["LOW", "MEDIUM", "HIGH", "CRITICAL"]
  severe     = var.findings == null ? [] : slice(local.severities, index(local.severities, var.findings.minimum_severity), 4)
  # https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
  guardduty_severity = { LOW = 1, MEDIUM = 4, HIGH = 7, CRITICAL = 9 }

  finding_patterns = {
    for source, pattern in {
      guardduty = var.findings == null || var.guardduty == null ? null : jsonencode({
        source      = ["aws.guardduty"]
        detail-type = ["GuardDuty Finding"]
        detail      = { severity = [{ numeric = [">=", local.guardduty_severity[var.findings.minimum_severity]] }] }
      })
      security-hub = var.findings == null || var.security_hub == null ? null : jsonencode({
        source      = ["aws.securityhub"]
        detail-type = ["Security Hub Findings - Imported"]
        detail = {
          findings = {
            # GuardDuty and Inspector are heard directly.
            ProductName = [{ anything-but = ["GuardDuty", "Inspector"] }]
            RecordState = ["ACTIVE"]
            Severity    = { Label = local.severe }
            Workflow    = { Status = ["NEW"] }
          }
        }
      })
      inspector = var.findings == null || var.inspector == null ? null : jsonencode({
        source      = ["aws.inspector2"]
        detail-type = ["Inspector2 Finding"]
        detail      = { severity = local.severe, status = ["ACTIVE"] }
      })
    } : source => pattern if pattern != null
  }
}

resource "aws_cloudwatch_event_rule" "findings" {
  for_each = local.finding_patterns

  name          = "${var.name_prefix}-security-findings-${each.key}"
  description   = "Findings of ${each.key}, ${var.findings.minimum_severity} and worse"
  event_pattern = each.value
}

resource "aws_cloudwatch_event_target" "findings" {
  for_each = local.finding_patterns

  rule      = aws_cloudwatch_event_rule.findings[each.key].name
  target_id = "topic"
  arn       = var.findings.topic_arn
}

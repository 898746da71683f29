variable "guardduty" {
  description = <<-EOT
    GuardDuty, one detector for the account and region. Null: none.
      publish_findings: also into a bucket of this layer, where they outlive GuardDuty's ninety days.
      runtime_monitoring: agents that watch processes; each of eks, ecs_fargate and ec2 lets GuardDuty install them there.
  EOT
  type = object({
    finding_frequency   = optional(string, "FIFTEEN_MINUTES")
    s3_data_events      = optional(bool, true)
    eks_audit_logs      = optional(bool, true)
    malware_protection  = optional(bool, true)
    rds_login_events    = optional(bool, true)
    lambda_network_logs = optional(bool, true)
    runtime_monitoring = optional(object({
      eks         = optional(bool, false)
      ecs_fargate = optional(bool, false)
      ec2         = optional(bool, false)
    }))
    publish_findings = optional(bool, false)
  })
  default = null

  validation {
    condition     = try(contains(["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"], var.guardduty.finding_frequency), true)
    error_message = "guardduty.finding_frequency is FIFTEEN_MINUTES, ONE_HOUR or SIX_HOURS."
  }
}

variable "security_hub" {
  description = <<-EOT
    Security Hub's posture checks for the account and region. Null: none. They read what AWS Config records.
      standards: as in aws-foundational-security-best-practices/v/1.0.0 or cis-aws-foundations-benchmark/v/3.0.0.
      disabled_controls: standard → control (as in "IAM.6") → the reason for not checking it.
  EOT
  type = object({
    standards         = optional(set(string), ["aws-foundational-security-best-practices/v/1.0.0"])
    disabled_controls = optional(map(map(string)), {})
  })
  default = null

  validation {
    condition     = alltrue([for standard in try(var.security_hub.standards, []) : can(regex("^[a-z0-9-]+/v/[0-9.]+$", standard))])
    error_message = "security_hub.standards are named <name>/v/<version>, as in cis-aws-foundations-benchmark/v/3.0.0."
  }

  validation {
    condition     = alltrue([for standard in keys(try(var.security_hub.disabled_controls, {})) : contains(var.security_hub.standards, standard)])
    error_message = "security_hub.disabled_controls are keyed by one of security_hub.standards."
  }

  validation {
    condition     = alltrue(flatten([for controls in values(try(var.security_hub.disabled_controls, {})) : [for reason in values(controls) : length(trimspace(reason)) > 0]]))
    error_message = "security_hub.disabled_controls: each control has a reason."
  }
}

variable "config" {
  description = <<-EOT
    AWS Config: what resources look like over time, and rules on that. Null: none. An account has one recorder in a region.
      service_linked_role: whether the role that Config works with is made; an account has it once, so false where it is there.
      excluded_resource_types: not recorded, as in AWS::EC2::NetworkInterface, whose changes are many and billed.
      global_resources: records IAM; in one region of the account only, or it is billed in each.
      frequency: CONTINUOUS or DAILY. retention_in_days: of Config's own history.
      rules: by name; identifier of AWS's managed rule, parameters, resource_types.
      conformance_packs: by name, the YAML template as a text.
  EOT
  type = object({
    service_linked_role     = optional(bool, true)
    excluded_resource_types = optional(set(string), [])
    global_resources        = optional(bool, true)
    frequency               = optional(string, "CONTINUOUS")
    retention_in_days       = optional(number, 2557)
    snapshot_frequency      = optional(string, "TwentyFour_Hours")
    rules = optional(map(object({
      identifier     = string
      description    = optional(string)
      parameters     = optional(map(string), {})
      resource_types = optional(set(string), [])
    })), {})
    conformance_packs = optional(map(object({
      template   = string
      parameters = optional(map(string), {})
    })), {})
  })
  default = null

  validation {
    condition     = try(contains(["CONTINUOUS", "DAILY"], var.config.frequency), true)
    error_message = "config.frequency is CONTINUOUS or DAILY."
  }

  validation {
    condition     = try(var.config.retention_in_days >= 30 && var.config.retention_in_days <= 2557, true)
    error_message = "config.retention_in_days lies between 30 and 2557."
  }

  validation {
    condition     = alltrue([for rule in values(try(var.config.rules, {})) : can(regex("^[A-Z0-9_]+$", rule.identifier))])
    error_message = "config.rules: identifier is that of a managed rule, as in S3_BUCKET_PUBLIC_READ_PROHIBITED."
  }

  validation {
    condition     = alltrue([for name in keys(try(var.config.conformance_packs, {})) : can(regex("^[A-Za-z][A-Za-z0-9-]*$", name))])
    error_message = "config.conformance_packs: a name begins with a letter and has letters, digits and hyphens."
  }
}

variable "inspector" {
  description = "Inspector's vulnerability scans for the account and region: resource_types of EC2, ECR, LAMBDA, LAMBDA_CODE. Null: none."
  type        = object({ resource_types = optional(set(string), ["EC2", "ECR", "LAMBDA"]) })
  default     = null

  validation {
    condition = try(length(var.inspector.resource_types) > 0 && alltrue([
      for kind in var.inspector.resource_types : contains(["EC2", "ECR", "LAMBDA", "LAMBDA_CODE"], kind)
    ]), true)
    error_message = "inspector.resource_types are EC2, ECR, LAMBDA and LAMBDA_CODE."
  }

  validation {
    condition     = try(!contains(var.inspector.resource_types, "LAMBDA_CODE") || contains(var.inspector.resource_types, "LAMBDA"), true)
    error_message = "inspector.resource_types: LAMBDA_CODE needs LAMBDA."
  }
}

variable "findings" {
  description = <<-EOT
    Sends findings of GuardDuty, Security Hub and Inspector to a topic. Null: nowhere.
      topic_arn: its policy must let events.amazonaws.com publish (in the messaging layer: publishers: {services: [events]}).
      minimum_severity: LOW, MEDIUM, HIGH or CRITICAL.
  EOT
  type = object({
    topic_arn        = string
    minimum_severity = optional(string, "HIGH")
  })
  default = null

  validation {
    condition     = try(contains(["LOW", "MEDIUM", "HIGH", "CRITICAL"], var.findings.minimum_severity), true)
    error_message = "findings.minimum_severity is LOW, MEDIUM, HIGH or CRITICAL."
  }

  validation {
    condition     = var.findings == null ? true : can(regex("^arn:[^:]+:sns:[^:]+:[0-9]{12}:[^:]+$", var.findings.topic_arn))
    error_message = "findings.topic_arn is the ARN of an SNS topic."
  }
}

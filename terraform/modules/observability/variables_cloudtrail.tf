variable "cloudtrail" {
  description = <<-EOT
    The trail of calls to AWS. Null: none.
      log_group_retention_in_days: how long events are kept in CloudWatch Logs, where metric filters count them.
        0: they are only delivered to the bucket.
      archive_after_days, expire_after_days: when objects move to cheaper storage, and when they are destroyed.
      management_events: "all", "write" or "none"; exclude_sources: services whose management events are left out
        (kms.amazonaws.com, rdsdata.amazonaws.com).
      data_events: by name; type such as AWS::S3::Object, AWS::Lambda::Function, AWS::DynamoDB::Table;
        arns: beginnings of ARNs (empty: all of the account); events: all, write or read.
      insights: ApiCallRateInsight, ApiErrorRateInsight.
      notify: whether a topic says when a log file has been delivered.
      organization: whether the trail is that of all accounts of the organization (in its management account).
  EOT
  type = object({
    multi_region                = optional(bool, true)
    organization                = optional(bool, false)
    log_group_retention_in_days = optional(number, 365)
    archive_after_days          = optional(number, 90)
    expire_after_days           = optional(number, 2557)
    management_events           = optional(string, "all")
    exclude_sources             = optional(set(string), [])
    data_events = optional(map(object({
      type   = string
      arns   = optional(set(string), [])
      events = optional(string, "all")
    })), {})
    insights = optional(set(string), [])
    notify   = optional(bool, true)
  })
  default = null

  validation {
    condition     = var.cloudtrail == null ? true : contains(["all", "write", "none"], var.cloudtrail.management_events)
    error_message = "cloudtrail.management_events is all, write or none; got \"${try(var.cloudtrail.management_events, "")}\"."
  }

  validation {
    condition     = var.cloudtrail == null ? true : var.cloudtrail.management_events != "none" || length(var.cloudtrail.data_events) > 0
    error_message = "A trail without management events needs data_events."
  }

  validation {
    condition     = var.cloudtrail == null ? true : alltrue([for source in var.cloudtrail.exclude_sources : contains(["kms.amazonaws.com", "rdsdata.amazonaws.com"], source)])
    error_message = "CloudTrail can leave out kms.amazonaws.com and rdsdata.amazonaws.com; got ${join(", ", try(var.cloudtrail.exclude_sources, []))}."
  }

  validation {
    condition     = var.cloudtrail == null ? true : alltrue([for selector in values(var.cloudtrail.data_events) : contains(["all", "write", "read"], selector.events)])
    error_message = "The events of a selector of data events are all, write or read."
  }

  validation {
    condition     = var.cloudtrail == null ? true : alltrue([for selector in values(var.cloudtrail.data_events) : can(regex("^AWS::[A-Za-z0-9]+::[A-Za-z0-9]+$", selector.type))])
    error_message = "A type of data events is named as in AWS::S3::Object; got ${join(", ", try([for selector in values(var.cloudtrail.data_events) : selector.type], []))}."
  }

  validation {
    condition     = var.cloudtrail == null ? true : length(setsubtract(var.cloudtrail.insights, ["ApiCallRateInsight", "ApiErrorRateInsight"])) == 0
    error_message = "cloudtrail.insights takes ApiCallRateInsight and ApiErrorRateInsight; got ${join(", ", try(var.cloudtrail.insights, []))}."
  }

  validation {
    condition     = var.cloudtrail == null ? true : length(var.cloudtrail.insights) == 0 || var.cloudtrail.management_events != "none"
    error_message = "Insights look at management events: management_events can't be none."
  }

  validation {
    condition     = var.cloudtrail == null ? true : contains(concat([0], local.retention_days), var.cloudtrail.log_group_retention_in_days)
    error_message = "cloudtrail.log_group_retention_in_days is 0 or one of ${join(", ", local.retention_days)}."
  }

  validation {
    condition     = var.cloudtrail == null ? true : var.cloudtrail.expire_after_days > var.cloudtrail.archive_after_days
    error_message = "expire_after_days comes after archive_after_days."
  }
}

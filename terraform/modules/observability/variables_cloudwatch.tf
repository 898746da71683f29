variable "alarm_topic" {
  description = <<-EOT
    The SNS topic that every alarm tells.
      email_subscriptions: addresses; each has to confirm the message that AWS sends it.
      https_subscriptions: endpoints, by a name of your choice, such as an incident tool's.
  EOT
  type = object({
    email_subscriptions = optional(set(string), [])
    https_subscriptions = optional(map(string), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for address in var.alarm_topic.email_subscriptions : can(regex("^[^@\\s]+@[^@\\s]+$", address))])
    error_message = "email_subscriptions takes addresses; got ${join(", ", var.alarm_topic.email_subscriptions)}."
  }

  validation {
    condition     = alltrue([for endpoint in values(var.alarm_topic.https_subscriptions) : startswith(endpoint, "https://")])
    error_message = "https_subscriptions takes https:// endpoints; got ${join(", ", values(var.alarm_topic.https_subscriptions))}."
  }
}

variable "log_groups" {
  description = <<-EOT
    Log groups by name, apart from those that layers make for what they run. A name that begins with "/" is taken as
    it is; any other becomes /<name prefix>/observability/<name>.
      class: STANDARD or INFREQUENT_ACCESS (half the price of ingestion; no metric filters, no subscriptions).
      mask: kinds of data that are masked, such as EmailAddress or CreditCardNumber (CloudWatch Logs data protection).
      index_fields: fields of JSON events that queries look up quickly.
      anomaly_detection: {filter_pattern, evaluation_minutes (5, 10, 15, 30, 60), visibility_days (7 to 90)}.
  EOT
  type = map(object({
    retention_in_days = optional(number, 365)
    class             = optional(string, "STANDARD")
    mask              = optional(set(string), [])
    index_fields      = optional(set(string), [])
    anomaly_detection = optional(object({
      filter_pattern     = optional(string)
      evaluation_minutes = optional(number, 15)
      visibility_days    = optional(number, 21)
    }))
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for group in values(var.log_groups) : contains(local.retention_days, group.retention_in_days)])
    error_message = "retention_in_days of a log group is one of ${join(", ", local.retention_days)}; got ${join(", ", [for group in values(var.log_groups) : group.retention_in_days])}."
  }

  validation {
    condition     = alltrue([for group in values(var.log_groups) : contains(["STANDARD", "INFREQUENT_ACCESS"], group.class)])
    error_message = "class of a log group is STANDARD or INFREQUENT_ACCESS; got ${join(", ", [for group in values(var.log_groups) : group.class])}."
  }

  validation {
    condition = alltrue([
      for group in values(var.log_groups) : group.class == "STANDARD" || (length(group.mask) == 0 && length(group.index_fields) == 0 && group.anomaly_detection == null)
    ])
    error_message = "mask, index_fields and anomaly_detection need the class STANDARD."
  }

  validation {
    condition = alltrue([
      for group in values(var.log_groups) : group.anomaly_detection == null ? true : alltrue([
        contains([5, 10, 15, 30, 60], group.anomaly_detection.evaluation_minutes),
        group.anomaly_detection.visibility_days >= 7 && group.anomaly_detection.visibility_days <= 90,
      ])
    ])
    error_message = "anomaly_detection evaluates every 5, 10, 15, 30 or 60 minutes and shows anomalies for 7 to 90 days."
  }
}

variable "metric_filters" {
  description = <<-EOT
    Metrics made of log events, by name; the metric has that name, in the namespace <name prefix>/observability.
      log_group: a key of log_groups, "cloudtrail", or the full name of a group that exists.
      pattern: filter pattern of CloudWatch Logs. value: what an event counts, a number or a field such as $.bytes.
      dimensions: fields of the event that divide the metric (not together with default_value).
      alarm: {threshold, comparison, evaluation_periods, period_seconds}, when that many are too many.
  EOT
  type = map(object({
    log_group     = string
    pattern       = string
    value         = optional(string, "1")
    default_value = optional(number)
    unit          = optional(string, "Count")
    dimensions    = optional(map(string), {})
    alarm = optional(object({
      threshold          = number
      comparison         = optional(string, "GreaterThanOrEqualToThreshold")
      statistic          = optional(string, "Sum")
      evaluation_periods = optional(number, 1)
      period_seconds     = optional(number, 300)
      description        = optional(string)
    }))
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for filter in values(var.metric_filters) : filter.default_value == null || length(filter.dimensions) == 0])
    error_message = "A metric filter has either a default_value or dimensions."
  }

  validation {
    condition     = alltrue([for filter in values(var.metric_filters) : filter.alarm == null || length(filter.dimensions) == 0])
    error_message = "The alarm of a metric filter watches one metric: leave out dimensions, or make alarms over them."
  }
}

variable "trail_metric_filters" {
  description = "Whether the events that the CIS AWS Foundations Benchmark watches (root's use, sign-in failures, changes of policies, keys, networks, the trail) are counted and alarmed on. Needs the trail's CloudWatch Logs delivery."
  type        = bool
  default     = false
  nullable    = false
}

variable "queries" {
  description = <<-EOT
    Saved CloudWatch Logs Insights queries by name, kept in the console's folder <name prefix>.
      log_groups: keys of log_groups or full names; empty: chosen when the query is run.
  EOT
  type = map(object({
    query      = string
    log_groups = optional(list(string), [])
  }))
  default  = {}
  nullable = false
}

variable "default_queries" {
  description = "Whether each service gets saved queries for its errors and its slowest requests."
  type        = bool
  default     = true
  nullable    = false
}

variable "dashboards" {
  description = "Whether dashboards are made: one a service, and one for the environment."
  type        = bool
  default     = true
  nullable    = false
}

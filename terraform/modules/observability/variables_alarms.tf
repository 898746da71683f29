variable "alarms" {
  description = <<-EOT
    Further alarms by name. Each watches one of
      metric: {namespace, name, statistic (Average, Sum, Minimum, Maximum, SampleCount, or p99 and the like), dimensions}
      queries: metrics and expressions by id; exactly one has return_data: true
    against a threshold, or with anomaly_band (standard deviations) against what the metric usually does (metric only).
      missing_data: breaching, notBreaching, ignore or missing.
      notify: whether the alarm topic is told. actions: further ARNs.
  EOT
  type = map(object({
    description = optional(string)
    metric = optional(object({
      namespace  = string
      name       = string
      statistic  = optional(string, "Average")
      dimensions = optional(map(string), {})
    }))
    queries = optional(map(object({
      expression  = optional(string)
      label       = optional(string)
      return_data = optional(bool, false)
      metric = optional(object({
        namespace  = string
        name       = string
        statistic  = optional(string, "Average")
        dimensions = optional(map(string), {})
      }))
    })), {})
    threshold           = optional(number)
    anomaly_band        = optional(number)
    comparison          = optional(string)
    period_seconds      = optional(number, 60)
    evaluation_periods  = optional(number, 5)
    datapoints_to_alarm = optional(number)
    missing_data        = optional(string, "missing")
    notify              = optional(bool, true)
    actions             = optional(set(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for alarm in values(var.alarms) : (alarm.metric == null) == (length(alarm.queries) > 0)])
    error_message = "An alarm has either a metric or queries: ${join(", ", [for name, alarm in var.alarms : name if(alarm.metric == null) != (length(alarm.queries) > 0)])}."
  }

  validation {
    condition     = alltrue([for alarm in values(var.alarms) : (alarm.threshold == null) == (alarm.anomaly_band != null)])
    error_message = "An alarm has either a threshold or an anomaly_band: ${join(", ", [for name, alarm in var.alarms : name if(alarm.threshold == null) != (alarm.anomaly_band != null)])}."
  }

  validation {
    condition     = alltrue([for alarm in values(var.alarms) : alarm.anomaly_band == null || alarm.metric != null])
    error_message = "anomaly_band goes with a metric, not with queries."
  }

  validation {
    condition = alltrue([
      for alarm in values(var.alarms) : length(alarm.queries) == 0 || length([for query in values(alarm.queries) : query if query.return_data]) == 1
    ])
    error_message = "Exactly one of an alarm's queries has return_data: true: ${join(", ", [for name, alarm in var.alarms : name if length(alarm.queries) > 0 && length([for query in values(alarm.queries) : query if query.return_data]) != 1])}."
  }

  validation {
    condition     = alltrue(flatten([for alarm in values(var.alarms) : [for query in values(alarm.queries) : (query.metric == null) == (query.expression != null)]]))
    error_message = "A query has either an expression or a metric."
  }

  validation {
    condition     = alltrue([for alarm in values(var.alarms) : contains(["breaching", "notBreaching", "ignore", "missing"], alarm.missing_data)])
    error_message = "missing_data is breaching, notBreaching, ignore or missing."
  }

  validation {
    condition     = alltrue([for alarm in values(var.alarms) : contains([10, 20, 30], alarm.period_seconds) || alarm.period_seconds % 60 == 0])
    error_message = "period_seconds is 10, 20, 30 or a multiple of 60."
  }

  validation {
    condition = alltrue([
      for alarm in values(var.alarms) : alarm.comparison == null ? true : contains([
        "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold",
        "LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold",
      ], alarm.comparison)
    ])
    error_message = "comparison is one of CloudWatch's, such as GreaterThanThreshold; got ${join(", ", compact([for alarm in values(var.alarms) : alarm.comparison]))}."
  }
}

variable "composite_alarms" {
  description = <<-EOT
    Alarms over alarms, by name.
      any_of, all_of: keys of alarms (of `alarms`, generated ones such as orders-errors or queue-fulfilment-age, or
        services' own, such as service-orders). rule: an expression of CloudWatch's instead.
      suppressed_by: key of an alarm that keeps this one quiet while it is in ALARM, such as a maintenance window's.
  EOT
  type = map(object({
    description               = optional(string)
    any_of                    = optional(list(string), [])
    all_of                    = optional(list(string), [])
    rule                      = optional(string)
    notify                    = optional(bool, true)
    actions                   = optional(set(string), [])
    suppressed_by             = optional(string)
    suppressor_wait_seconds   = optional(number, 120)
    suppressor_extend_seconds = optional(number, 180)
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for alarm in values(var.composite_alarms) :
      length([for given in [length(alarm.any_of) > 0, length(alarm.all_of) > 0, alarm.rule != null] : given if given]) == 1
    ])
    error_message = "A composite alarm has exactly one of any_of, all_of and rule."
  }
}

variable "service_alarms" {
  description = <<-EOT
    The alarms that each service gets.
      notify: "service" tells the topic once when any alarm of a service goes off (a composite alarm, which names those
        that did); "alarm" tells it of each.
      evaluation_periods, datapoints_to_alarm: minutes looked at, and how many of them must be bad.
      anomaly_detection: whether a service's traffic is compared with what is usual; anomaly_band in standard deviations.
  EOT
  type = object({
    notify              = optional(string, "service")
    evaluation_periods  = optional(number, 5)
    datapoints_to_alarm = optional(number, 3)
    anomaly_detection   = optional(bool, false)
    anomaly_band        = optional(number, 3)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["service", "alarm"], var.service_alarms.notify)
    error_message = "service_alarms.notify is service or alarm; got \"${var.service_alarms.notify}\"."
  }

  validation {
    condition     = var.service_alarms.datapoints_to_alarm <= var.service_alarms.evaluation_periods
    error_message = "datapoints_to_alarm (${var.service_alarms.datapoints_to_alarm}) can't be more than evaluation_periods (${var.service_alarms.evaluation_periods})."
  }
}

variable "api_alarms" {
  description = "Which APIs of the api layer have alarms. Null: those that a service has a route through."
  type = object({
    http_api             = optional(bool)
    rest_api             = optional(bool)
    load_balancer        = optional(bool)
    server_error_percent = optional(number, 1)
    latency_p99_ms       = optional(number, 3000)
  })
  default  = {}
  nullable = false
}

variable "platform_alarms" {
  description = <<-EOT
    Thresholds of the alarms over what the data, messaging and network layers made.
      queue_age_seconds: age of a queue's oldest message. database_*: CPU in percent, free storage in bytes, connections
      (null: no alarm). cache_evictions: evicted items in a minute.
      max_queue_age_seconds by queue, for those that differ.
  EOT
  type = object({
    queue_age_seconds              = optional(number, 900)
    queue_age_seconds_by_queue     = optional(map(number), {})
    database_cpu_percent           = optional(number, 80)
    database_free_storage_bytes    = optional(number, 10737418240)
    database_freeable_memory_bytes = optional(number, 268435456)
    database_connections           = optional(number)
    cache_cpu_percent              = optional(number, 80)
    cache_evictions                = optional(number, 100)
    cache_memory_percent           = optional(number, 85)
  })
  default  = {}
  nullable = false
}

variable "schedule_groups" {
  description = "EventBridge Scheduler groups, by which schedules are tagged, watched and deleted together. Schedules without one go into the group \"default\"."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.schedule_groups : can(regex("^[0-9a-zA-Z_.-]{1,40}$", name)) && name != "default" && length("${var.name_prefix}-messaging-${name}") <= 64])
    error_message = "A schedule group's name has letters, digits, dots, hyphens and underscores, is not \"default\", and ${var.name_prefix}-messaging-<name> has at most 64 characters."
  }
}

variable "schedules" {
  description = <<-EOT
    EventBridge schedules by name.
      expression: rate(5 minutes), cron(0 3 * * ? *) or at(2027-01-01T00:00:00), in timezone.
      start_date, end_date: RFC 3339, UTC.
      flexible_minutes: up to how much later AWS may start it, to spread load; 0: on the dot.
      target: exactly one of queue, topic, state_machine, event_bus (with detail_type and source), function (a
        service of runtime lambda), all by name; input is a text for it. message_group_id is for a FIFO queue.
      dead_letter_queue: a standard queue for what could not be started within maximum_event_age_seconds and maximum_retry_attempts.
  EOT
  type = map(object({
    group            = optional(string)
    description      = optional(string)
    expression       = string
    timezone         = optional(string, "UTC")
    start_date       = optional(string)
    end_date         = optional(string)
    enabled          = optional(bool, true)
    flexible_minutes = optional(number, 0)
    target = object({
      queue            = optional(string)
      topic            = optional(string)
      state_machine    = optional(string)
      event_bus        = optional(string)
      function         = optional(string)
      detail_type      = optional(string)
      source           = optional(string)
      message_group_id = optional(string)
      input            = optional(string)
    })
    dead_letter_queue         = optional(string)
    maximum_event_age_seconds = optional(number, 86400)
    maximum_retry_attempts    = optional(number, 185)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.schedules) : can(regex("^[0-9a-zA-Z_-]{1,40}$", name)) && length("${var.name_prefix}-messaging-${name}") <= 55])
    error_message = "A schedule's name has at most 40 letters, digits, hyphens and underscores, and ${var.name_prefix}-messaging-<name> at most 55."
  }

  validation {
    condition     = alltrue([for schedule in values(var.schedules) : can(regex("^(rate|cron|at)\\(.+\\)$", schedule.expression))])
    error_message = "schedules: expression is rate(…), cron(…) or at(…)."
  }

  validation {
    condition     = alltrue([for schedule in values(var.schedules) : schedule.group == null ? true : contains(var.schedule_groups, schedule.group)])
    error_message = "schedules: group is one of schedule_groups: ${join(", ", var.schedule_groups)}."
  }

  validation {
    condition = alltrue([
      for schedule in values(var.schedules) :
      length(compact([schedule.target.queue, schedule.target.topic, schedule.target.state_machine, schedule.target.event_bus, schedule.target.function])) == 1
    ])
    error_message = "schedules: target has exactly one of queue, topic, state_machine, event_bus and function."
  }

  validation {
    condition = alltrue(flatten([
      for schedule in values(var.schedules) : [
        schedule.target.queue == null ? true : contains(keys(var.queues), schedule.target.queue),
        schedule.target.topic == null ? true : contains(keys(var.topics), schedule.target.topic),
        schedule.target.state_machine == null ? true : contains(keys(var.state_machines), schedule.target.state_machine),
        schedule.target.event_bus == null ? true : contains(concat(["default"], keys(var.event_buses)), schedule.target.event_bus),
        schedule.target.function == null ? true : try(var.services[schedule.target.function].runtime == "lambda", false),
        schedule.dead_letter_queue == null ? true : try(!var.queues[schedule.dead_letter_queue].fifo, false),
      ]
    ]))
    error_message = "schedules: target names something that is not in queues, topics, state_machines, event_buses or the services of runtime lambda, or dead_letter_queue is no standard queue."
  }

  validation {
    condition = alltrue([
      for schedule in values(var.schedules) :
      (schedule.target.event_bus != null) == (schedule.target.detail_type != null) && (schedule.target.event_bus != null) == (schedule.target.source != null)
    ])
    error_message = "schedules: detail_type and source go with event_bus, which needs them."
  }

  validation {
    condition     = alltrue([for schedule in values(var.schedules) : try(var.queues[schedule.target.queue].fifo, false) == (schedule.target.message_group_id != null)])
    error_message = "schedules: message_group_id goes with a FIFO queue, which needs it."
  }

  validation {
    condition = alltrue([
      for schedule in values(var.schedules) :
      schedule.flexible_minutes >= 0 && schedule.flexible_minutes <= 1440 && schedule.maximum_event_age_seconds >= 60 && schedule.maximum_event_age_seconds <= 86400 && schedule.maximum_retry_attempts >= 0 && schedule.maximum_retry_attempts <= 185
    ])
    error_message = "schedules: flexible_minutes lies between 0 and 1440, maximum_event_age_seconds between 60 and 86400, maximum_retry_attempts between 0 and 185."
  }
}

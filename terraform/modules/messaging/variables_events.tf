variable "event_buses" {
  description = <<-EOT
    EventBridge buses by name. The account's own bus, which AWS services send to, is always there as "default".
      dead_letter_queue: queue of this layer for events that no target could be given.
      discover_schemas: writes the schemas of what passes into the registry discovered-schemas; billed by event. EventBridge
        does so only on a bus that is encrypted with AWS's own key, so such a bus does not have the layer's.
      senders.account_ids, senders.organization_id: other accounts that may put events; roles of this account are given it by IAM.
      senders.sources: the event sources that they may use; empty: any.
  EOT
  type = map(object({
    description       = optional(string)
    dead_letter_queue = optional(string)
    discover_schemas  = optional(bool, false)
    senders = optional(object({
      account_ids     = optional(set(string), [])
      organization_id = optional(string)
      sources         = optional(set(string), [])
    }), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.event_buses) : can(regex("^[a-zA-Z0-9_-]{1,60}$", name)) && name != "default"])
    error_message = "An event bus's name has letters, digits, hyphens and underscores, and is not \"default\", which is always there. Got ${join(", ", keys(var.event_buses))}."
  }

  validation {
    condition     = alltrue([for bus in values(var.event_buses) : bus.dead_letter_queue == null ? true : try(!var.queues[bus.dead_letter_queue].fifo, false)])
    error_message = "event_buses: dead_letter_queue is a standard queue of queues; there are: ${join(", ", keys(var.queues))}."
  }

  validation {
    condition     = alltrue(flatten([for bus in values(var.event_buses) : [for id in bus.senders.account_ids : can(regex("^[0-9]{12}$", id))]]))
    error_message = "event_buses: senders.account_ids have 12 digits."
  }
}

variable "event_rules" {
  description = <<-EOT
    EventBridge rules by name: which events of a bus go where.
      pattern: a JSON text. schedule_expression: rate(…) or cron(…), on the default bus only; schedules are better at it.
      targets: by name, at most five, each with exactly one of queue, topic, state_machine, event_bus (names of this layer),
        api_destination, log: true (a log group of its own), or arn with role_arn for anything else. Functions subscribe
        by triggers.events of their service.
      input: a fixed JSON text; input_path: a part of the event; input_transformer: paths and a template.
      message_group_id: for a FIFO queue. path_parameters, query_parameters, headers: for an API destination.
      dead_letter_queue: for what could not be delivered within maximum_event_age_seconds and maximum_retry_attempts.
  EOT
  type = map(object({
    bus                 = optional(string, "default")
    description         = optional(string)
    enabled             = optional(bool, true)
    pattern             = optional(string)
    schedule_expression = optional(string)
    targets = optional(map(object({
      queue           = optional(string)
      topic           = optional(string)
      state_machine   = optional(string)
      event_bus       = optional(string)
      api_destination = optional(string)
      log             = optional(bool, false)
      arn             = optional(string)
      role_arn        = optional(string)
      input           = optional(string)
      input_path      = optional(string)
      input_transformer = optional(object({
        paths    = optional(map(string), {})
        template = string
      }))
      message_group_id          = optional(string)
      path_parameters           = optional(list(string), [])
      query_parameters          = optional(map(string), {})
      headers                   = optional(map(string), {})
      dead_letter_queue         = optional(string)
      maximum_event_age_seconds = optional(number, 86400)
      maximum_retry_attempts    = optional(number, 185)
    })), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.event_rules) : can(regex("^[a-zA-Z0-9_-]{1,40}$", name)) && length("${var.name_prefix}-messaging-${name}") <= 59])
    error_message = "A rule's name has at most 40 letters, digits, hyphens and underscores, and ${var.name_prefix}-messaging-<name> at most 59."
  }

  validation {
    condition     = alltrue([for rule in values(var.event_rules) : rule.bus == "default" || contains(keys(var.event_buses), rule.bus)])
    error_message = "event_rules: bus is default or one of event_buses: ${join(", ", keys(var.event_buses))}."
  }

  validation {
    condition = alltrue([
      for rule in values(var.event_rules) :
      (rule.pattern == null) != (rule.schedule_expression == null) && (rule.schedule_expression == null || rule.bus == "default")
    ])
    error_message = "event_rules: a rule has either pattern or schedule_expression, the latter on the default bus only."
  }

  validation {
    condition     = alltrue([for rule in values(var.event_rules) : rule.pattern == null ? true : can(keys(jsondecode(rule.pattern)))])
    error_message = "event_rules: pattern is the text of a JSON object."
  }

  validation {
    condition     = alltrue([for rule in values(var.event_rules) : length(rule.targets) <= 5])
    error_message = "event_rules: AWS gives a rule at most five targets."
  }

  validation {
    condition = alltrue(flatten([
      for rule in values(var.event_rules) : [
        for target in values(rule.targets) :
        length(compact([target.queue, target.topic, target.state_machine, target.event_bus, target.api_destination, target.log ? "log" : null, target.arn])) == 1
      ]
    ]))
    error_message = "event_rules: a target has exactly one of queue, topic, state_machine, event_bus, api_destination, log and arn."
  }

  validation {
    condition = alltrue(flatten([
      for rule in values(var.event_rules) : [
        for target in values(rule.targets) : [
          target.queue == null ? true : contains(keys(var.queues), target.queue),
          target.topic == null ? true : contains(keys(var.topics), target.topic),
          target.state_machine == null ? true : contains(keys(var.state_machines), target.state_machine),
          target.event_bus == null ? true : contains(concat(["default"], keys(var.event_buses)), target.event_bus) && target.event_bus != rule.bus,
          target.api_destination == null ? true : contains(keys(var.api_destinations), target.api_destination),
          target.dead_letter_queue == null ? true : try(!var.queues[target.dead_letter_queue].fifo, false),
        ]
      ]
    ]))
    error_message = "event_rules: a target names something that is not in queues, topics, state_machines, event_buses (another than the rule's) or api_destinations, or its dead_letter_queue is no standard queue."
  }

  validation {
    condition = alltrue(flatten([
      for rule in values(var.event_rules) : [
        for target in values(rule.targets) : try(var.queues[target.queue].fifo, false) == (target.message_group_id != null)
      ]
    ]))
    error_message = "event_rules: message_group_id goes with a FIFO queue, which needs it."
  }

  validation {
    condition = alltrue(flatten([
      for rule in values(var.event_rules) : [
        for target in values(rule.targets) :
        length(compact([target.input, target.input_path, target.input_transformer == null ? null : "set"])) <= 1
      ]
    ]))
    error_message = "event_rules: a target has one of input, input_path and input_transformer."
  }

  validation {
    condition = alltrue(flatten([
      for rule in values(var.event_rules) : [
        for target in values(rule.targets) :
        target.maximum_event_age_seconds >= 60 && target.maximum_event_age_seconds <= 86400 && target.maximum_retry_attempts >= 0 && target.maximum_retry_attempts <= 185
      ]
    ]))
    error_message = "event_rules: maximum_event_age_seconds lies between 60 and 86400, maximum_retry_attempts between 0 and 185."
  }
}

variable "event_archives" {
  description = "Archives by name: events of a bus (\"default\" or one of event_buses) that can be replayed, all or those of a pattern (JSON text). retention_days 0 keeps them for ever."
  type = map(object({
    bus            = string
    description    = optional(string)
    retention_days = optional(number, 90)
    pattern        = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.event_archives) : can(regex("^[a-zA-Z0-9_-]+$", name)) && length("${var.name_prefix}-messaging-${name}") <= 48])
    error_message = "An archive's full name, ${var.name_prefix}-messaging-<name>, has at most 48 characters."
  }

  validation {
    condition     = alltrue([for archive in values(var.event_archives) : archive.bus == "default" || contains(keys(var.event_buses), archive.bus)])
    error_message = "event_archives: bus is default or one of event_buses: ${join(", ", keys(var.event_buses))}."
  }
}

variable "event_log_retention_in_days" {
  description = "How long the log groups of rules, pipes and state machines keep their events, unless a state machine says otherwise."
  type        = number
  default     = 365
  nullable    = false
}

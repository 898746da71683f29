variable "pipes" {
  description = <<-EOT
    EventBridge pipes by name: from one source to one target, filtered and enriched on the way.
      source: exactly one of queue (of this layer), table (of the data layer, whose stream is read), stream_arn (Kinesis).
        starting_position (TRIM_HORIZON or LATEST), parallelization_factor, maximum_record_age_seconds (-1: no limit),
        maximum_retry_attempts and dead_letter_queue are for tables and streams.
      filters: event patterns as JSON texts, at most five; what matches none is dropped.
      enrichment: one of function (a service of runtime lambda), state_machine (EXPRESS) or api_destination; input_template.
      target: exactly one of queue, topic, state_machine, event_bus (with detail_type and source), function, api_destination
        or log: true; input_template. message_group_id is for a FIFO queue.
      logging.level: OFF, ERROR, INFO or TRACE; include_execution_data writes payloads into the log.
  EOT
  type = map(object({
    description = optional(string)
    enabled     = optional(bool, true)
    source = object({
      queue                      = optional(string)
      table                      = optional(string)
      stream_arn                 = optional(string)
      batch_size                 = optional(number, 10)
      batching_window_seconds    = optional(number, 0)
      starting_position          = optional(string, "LATEST")
      parallelization_factor     = optional(number, 1)
      maximum_record_age_seconds = optional(number, -1)
      maximum_retry_attempts     = optional(number, 10)
      dead_letter_queue          = optional(string)
    })
    filters = optional(list(string), [])
    enrichment = optional(object({
      function        = optional(string)
      state_machine   = optional(string)
      api_destination = optional(string)
      input_template  = optional(string)
    }))
    target = object({
      queue            = optional(string)
      topic            = optional(string)
      state_machine    = optional(string)
      event_bus        = optional(string)
      function         = optional(string)
      api_destination  = optional(string)
      log              = optional(bool, false)
      detail_type      = optional(string)
      source           = optional(string)
      message_group_id = optional(string)
      input_template   = optional(string)
    })
    logging = optional(object({
      level                  = optional(string, "ERROR")
      include_execution_data = optional(bool, false)
    }), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.pipes) : can(regex("^[a-zA-Z0-9_-]{1,40}$", name)) && length("${var.name_prefix}-messaging-${name}") <= 59])
    error_message = "A pipe's name has at most 40 letters, digits, hyphens and underscores, and ${var.name_prefix}-messaging-<name> at most 59."
  }

  validation {
    condition     = alltrue([for pipe in values(var.pipes) : length(compact([pipe.source.queue, pipe.source.table, pipe.source.stream_arn])) == 1])
    error_message = "pipes: source has exactly one of queue, table and stream_arn."
  }

  validation {
    condition = alltrue([
      for pipe in values(var.pipes) :
      length(compact([pipe.target.queue, pipe.target.topic, pipe.target.state_machine, pipe.target.event_bus, pipe.target.function, pipe.target.api_destination, pipe.target.log ? "log" : null])) == 1
    ])
    error_message = "pipes: target has exactly one of queue, topic, state_machine, event_bus, function, api_destination and log."
  }

  validation {
    condition     = alltrue([for pipe in values(var.pipes) : pipe.enrichment == null ? true : length(compact([pipe.enrichment.function, pipe.enrichment.state_machine, pipe.enrichment.api_destination])) == 1])
    error_message = "pipes: enrichment has exactly one of function, state_machine and api_destination."
  }

  validation {
    condition = alltrue(flatten([
      for pipe in values(var.pipes) : [
        [for queue in compact([pipe.source.queue, pipe.target.queue]) : contains(keys(var.queues), queue)],
        [for queue in compact([pipe.source.dead_letter_queue]) : try(!var.queues[queue].fifo, false)],
        [for topic in compact([pipe.target.topic]) : contains(keys(var.topics), topic)],
        [for machine in compact([pipe.target.state_machine, try(pipe.enrichment.state_machine, null)]) : contains(keys(var.state_machines), machine)],
        [for bus in compact([pipe.target.event_bus]) : contains(concat(["default"], keys(var.event_buses)), bus)],
        [for destination in compact([pipe.target.api_destination, try(pipe.enrichment.api_destination, null)]) : contains(keys(var.api_destinations), destination)],
        [for function in compact([pipe.target.function, try(pipe.enrichment.function, null)]) : try(var.services[function].runtime == "lambda", false)],
      ]
    ]))
    error_message = "pipes: a pipe names something that is not in queues, topics, state_machines, event_buses, api_destinations or the services of runtime lambda, or its dead_letter_queue is no standard queue."
  }

  validation {
    condition     = alltrue([for pipe in values(var.pipes) : pipe.source.table == null ? true : contains(keys(coalesce(var.table_stream_arns, {})), pipe.source.table)])
    error_message = "pipes: source.table is a table of the data layer that has a stream; there are: ${join(", ", keys(coalesce(var.table_stream_arns, {})))}."
  }

  validation {
    condition     = alltrue([for pipe in values(var.pipes) : try(var.state_machines[pipe.enrichment.state_machine].type == "EXPRESS", true)])
    error_message = "pipes: a state machine that enriches is of type EXPRESS."
  }

  validation {
    condition = alltrue([
      for pipe in values(var.pipes) :
      (pipe.target.event_bus != null) == (pipe.target.detail_type != null) && (pipe.target.event_bus != null) == (pipe.target.source != null)
    ])
    error_message = "pipes: detail_type and source go with event_bus, which needs them."
  }

  validation {
    condition     = alltrue([for pipe in values(var.pipes) : try(var.queues[pipe.target.queue].fifo, false) == (pipe.target.message_group_id != null)])
    error_message = "pipes: message_group_id goes with a FIFO queue, which needs it."
  }

  validation {
    condition     = alltrue(flatten([for pipe in values(var.pipes) : [length(pipe.filters) <= 5, [for filter in pipe.filters : can(keys(jsondecode(filter)))]]]))
    error_message = "pipes: filters are at most five texts of JSON objects."
  }

  validation {
    condition     = alltrue([for pipe in values(var.pipes) : contains(["TRIM_HORIZON", "LATEST"], pipe.source.starting_position) && contains(["OFF", "ERROR", "INFO", "TRACE"], pipe.logging.level)])
    error_message = "pipes: starting_position is TRIM_HORIZON or LATEST, logging.level OFF, ERROR, INFO or TRACE."
  }
}

variable "state_machines" {
  description = <<-EOT
    Step Functions state machines by name.
      type: STANDARD (up to a year, exactly once) or EXPRESS (up to five minutes, at least once, cheap in numbers).
      definition: Amazon States Language as a text, or definition_file: a file with it (absolute, or relative to the
        layer's root). In both, $${…} takes the platform's names by key: queue_arns, queue_urls, topic_arns, event_bus_names,
        event_bus_arns, state_machine_arns, function_arns (of services), table_names, table_arns, region, account_id, name_prefix,
        as in $${queue_urls.fulfilment}; and own ones from substitutions as $${own.name}.
      uses: what the machine's role may do: send to queues, publish to topics, invoke functions (names of services), put
        events on event_buses, run state_machines (and wait for them), tables by read, write or read_write. policies: further
        IAM policies as JSON texts.
      logging.level: ALL, ERROR, FATAL or OFF; include_execution_data: false keeps inputs and outputs out of the log (the policy check CKV_AWS_285 then wants a reason).
      aliases: by name; a version is published with each change and the alias points to it. previous_version and
        previous_weight (percent) leave a part of new executions with an older version.
  EOT
  type = map(object({
    type            = optional(string, "STANDARD")
    definition      = optional(string)
    definition_file = optional(string)
    substitutions   = optional(map(string), {})
    uses = optional(object({
      queues         = optional(set(string), [])
      topics         = optional(set(string), [])
      functions      = optional(set(string), [])
      event_buses    = optional(set(string), [])
      state_machines = optional(set(string), [])
      tables         = optional(map(string), {})
      policies       = optional(list(string), [])
    }), {})
    logging = optional(object({
      level                  = optional(string, "ERROR")
      include_execution_data = optional(bool, true)
      retention_in_days      = optional(number)
    }), {})
    tracing = optional(bool, true)
    aliases = optional(map(object({
      description      = optional(string)
      previous_version = optional(number)
      previous_weight  = optional(number, 0)
    })), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.state_machines) : can(regex("^[a-zA-Z0-9_-]{1,40}$", name)) && length("${var.name_prefix}-messaging-${name}") <= 60])
    error_message = "A state machine's name has at most 40 letters, digits, hyphens and underscores, and ${var.name_prefix}-messaging-<name> at most 60."
  }

  validation {
    condition     = alltrue([for machine in values(var.state_machines) : contains(["STANDARD", "EXPRESS"], machine.type)])
    error_message = "state_machines: type is STANDARD or EXPRESS."
  }

  validation {
    condition     = alltrue([for machine in values(var.state_machines) : (machine.definition == null) != (machine.definition_file == null)])
    error_message = "state_machines: a machine has either definition or definition_file."
  }

  validation {
    condition     = alltrue([for machine in values(var.state_machines) : machine.definition_file == null ? true : fileexists(machine.definition_file)])
    error_message = "state_machines: there is no file ${join(", ", [for machine in values(var.state_machines) : machine.definition_file if machine.definition_file == null ? false : !fileexists(machine.definition_file)])}."
  }

  validation {
    condition = alltrue(flatten([
      for machine in values(var.state_machines) : [
        [for queue in machine.uses.queues : contains(keys(var.queues), queue)],
        [for topic in machine.uses.topics : contains(keys(var.topics), topic)],
        [for bus in machine.uses.event_buses : bus == "default" || contains(keys(var.event_buses), bus)],
        [for other in machine.uses.state_machines : contains(keys(var.state_machines), other)],
      ]
    ]))
    error_message = "state_machines: uses names something that is not in queues, topics, event_buses or state_machines."
  }

  validation {
    condition = alltrue(flatten([
      for machine in values(var.state_machines) : [for function in machine.uses.functions : try(var.services[function].runtime == "lambda", false)]
    ]))
    error_message = "state_machines: uses.functions names services of runtime lambda; there are: ${join(", ", [for name, service in var.services : name if service.runtime == "lambda"])}."
  }

  validation {
    condition = alltrue(flatten([
      for machine in values(var.state_machines) : [for access in values(machine.uses.tables) : contains(["read", "write", "read_write"], access)]
    ]))
    error_message = "state_machines: uses.tables gives a table read, write or read_write."
  }

  validation {
    condition = alltrue(flatten([
      for machine in values(var.state_machines) : [for table in keys(machine.uses.tables) : contains(keys(coalesce(var.table_arns, {})), table)]
    ]))
    error_message = "state_machines: uses.tables names tables of the data layer; there are: ${join(", ", keys(coalesce(var.table_arns, {})))}."
  }

  validation {
    condition     = alltrue([for machine in values(var.state_machines) : contains(["ALL", "ERROR", "FATAL", "OFF"], machine.logging.level)])
    error_message = "state_machines: logging.level is ALL, ERROR, FATAL or OFF."
  }

  validation {
    condition = alltrue(flatten([
      for machine in values(var.state_machines) : [
        for alias in values(machine.aliases) :
        alias.previous_weight >= 0 && alias.previous_weight < 100 && (alias.previous_version != null) == (alias.previous_weight > 0)
      ]
    ]))
    error_message = "state_machines: an alias has previous_version and previous_weight (1 to 99) together, or neither."
  }
}

variable "tables" {
  description = <<-EOT
    DynamoDB tables by name. A table is encrypted with the layer's key and can be restored to any second of its recovery
    period.
      attributes: name → S, N or B, for every key of the table and its indexes, and no other.
      deletion_protection: default: the layer's.
      autoscaling: of a PROVISIONED table and its indexes, within min and max. Turning it on or off replaces the table.
      on_demand_limits: most request units a second of a PAY_PER_REQUEST table, against a runaway bill.
      replica: a copy in the environment's replica region, both written to (global table); further_replicas: KMS key by
        region, for more. They bring a stream of NEW_AND_OLD_IMAGES.
      contributor_insights: which keys are used most.
  EOT
  type = map(object({
    hash_key       = string
    range_key      = optional(string)
    attributes     = map(string)
    billing_mode   = optional(string, "PAY_PER_REQUEST")
    read_capacity  = optional(number)
    write_capacity = optional(number)
    table_class    = optional(string, "STANDARD")
    ttl_attribute  = optional(string)
    stream_view    = optional(string)
    global_secondary_indexes = optional(map(object({
      hash_key           = string
      range_key          = optional(string)
      projection_type    = optional(string, "ALL")
      non_key_attributes = optional(list(string))
      read_capacity      = optional(number)
      write_capacity     = optional(number)
    })), {})
    local_secondary_indexes = optional(map(object({
      range_key          = string
      projection_type    = optional(string, "ALL")
      non_key_attributes = optional(list(string))
    })), {})
    point_in_time_recovery = optional(bool, true)
    recovery_period_days   = optional(number, 35)
    deletion_protection    = optional(bool)
    contributor_insights   = optional(bool, false)
    replica                = optional(bool, false)
    further_replicas       = optional(map(string), {})
    on_demand_limits = optional(object({
      read_units  = optional(number)
      write_units = optional(number)
    }))
    autoscaling = optional(object({
      target_percent = optional(number, 70)
      read = object({
        min = number
        max = number
      })
      write = object({
        min = number
        max = number
      })
    }))
    tags = optional(map(string), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.tables) : can(regex("^[a-zA-Z0-9_.-]{1,100}$", name))])
    error_message = "A table's name has letters, digits, hyphens, dots and underscores; got ${join(", ", keys(var.tables))}."
  }

  validation {
    condition = alltrue([
      for table in values(var.tables) : toset(keys(table.attributes)) == toset(compact(concat(
        [table.hash_key, table.range_key],
        [for index in values(table.global_secondary_indexes) : index.hash_key],
        [for index in values(table.global_secondary_indexes) : index.range_key],
        [for index in values(table.local_secondary_indexes) : index.range_key],
      )))
    ])
    error_message = "A table declares exactly the attributes that are keys of it or of its indexes; look at ${join("; ", [
      for name, table in var.tables : "${name}, which declares ${join(", ", keys(table.attributes))}"
      if toset(keys(table.attributes)) != toset(compact(concat(
        [table.hash_key, table.range_key],
        [for index in values(table.global_secondary_indexes) : index.hash_key],
        [for index in values(table.global_secondary_indexes) : index.range_key],
        [for index in values(table.local_secondary_indexes) : index.range_key],
      )))
    ])}."
  }

  validation {
    condition     = alltrue(flatten([for table in values(var.tables) : [for type in values(table.attributes) : contains(["S", "N", "B"], type)]]))
    error_message = "An attribute's type is S (string), N (number) or B (binary)."
  }

  validation {
    condition = alltrue([
      for table in values(var.tables) :
      table.billing_mode == "PAY_PER_REQUEST" || (table.billing_mode == "PROVISIONED" && table.read_capacity != null && table.write_capacity != null)
    ])
    error_message = "billing_mode is PAY_PER_REQUEST, or PROVISIONED with read_capacity and write_capacity."
  }

  validation {
    condition     = alltrue([for table in values(var.tables) : contains(["STANDARD", "STANDARD_INFREQUENT_ACCESS"], table.table_class)])
    error_message = "table_class is STANDARD or STANDARD_INFREQUENT_ACCESS."
  }

  validation {
    condition = alltrue(flatten([
      for table in values(var.tables) : [
        for index in concat(
          [for index in values(table.global_secondary_indexes) : { type = index.projection_type, names = index.non_key_attributes }],
          [for index in values(table.local_secondary_indexes) : { type = index.projection_type, names = index.non_key_attributes }],
        ) : contains(["ALL", "KEYS_ONLY", "INCLUDE"], index.type) && (index.type == "INCLUDE") == (index.names != null)
      ]
    ]))
    error_message = "projection_type is ALL, KEYS_ONLY, or INCLUDE with non_key_attributes."
  }

  validation {
    condition     = alltrue([for table in values(var.tables) : length(table.local_secondary_indexes) == 0 || table.range_key != null])
    error_message = "A table with local secondary indexes has a range_key."
  }

  validation {
    condition = alltrue([
      for table in values(var.tables) :
      table.stream_view == null ? true : contains(["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"], table.stream_view)
    ])
    error_message = "stream_view is KEYS_ONLY, NEW_IMAGE, OLD_IMAGE or NEW_AND_OLD_IMAGES."
  }

  validation {
    condition = alltrue(flatten([
      for table in values(var.tables) : [
        for index in values(table.global_secondary_indexes) : (table.billing_mode == "PROVISIONED") == (index.read_capacity != null && index.write_capacity != null)
      ]
    ]))
    error_message = "A global secondary index has read_capacity and write_capacity if, and only if, its table is PROVISIONED; look at ${join(", ", [
      for name, table in var.tables : name
      if anytrue([for index in values(table.global_secondary_indexes) : (table.billing_mode == "PROVISIONED") != (index.read_capacity != null && index.write_capacity != null)])
    ])}."
  }

  validation {
    condition     = alltrue([for table in values(var.tables) : length(table.local_secondary_indexes) <= 5 && length(table.global_secondary_indexes) <= 20])
    error_message = "A table has at most 5 local and 20 global secondary indexes; look at ${join(", ", [for name, table in var.tables : name if length(table.local_secondary_indexes) > 5 || length(table.global_secondary_indexes) > 20])}."
  }

  validation {
    condition     = alltrue([for table in values(var.tables) : length(setintersection(keys(table.local_secondary_indexes), keys(table.global_secondary_indexes))) == 0])
    error_message = "The names of a table's indexes differ, local and global ones together; look at ${join(", ", [for name, table in var.tables : name if length(setintersection(keys(table.local_secondary_indexes), keys(table.global_secondary_indexes))) > 0])}."
  }

  validation {
    condition = alltrue([
      for table in values(var.tables) : table.autoscaling == null ? true : (
        table.billing_mode == "PROVISIONED" && table.autoscaling.target_percent >= 20 && table.autoscaling.target_percent <= 90 &&
        table.autoscaling.read.min <= table.autoscaling.read.max && table.autoscaling.write.min <= table.autoscaling.write.max
      )
    ])
    error_message = "autoscaling is for PROVISIONED tables, from min to max, with a target_percent between 20 and 90; look at ${join(", ", [for name, table in var.tables : name if table.autoscaling != null])}."
  }

  validation {
    condition     = alltrue([for table in values(var.tables) : table.on_demand_limits == null || table.billing_mode == "PAY_PER_REQUEST"])
    error_message = "on_demand_limits are for PAY_PER_REQUEST tables."
  }

  validation {
    condition = alltrue([
      for table in values(var.tables) : !(table.replica || length(table.further_replicas) > 0) || (
        (table.billing_mode == "PAY_PER_REQUEST" || table.autoscaling != null) && contains(["NEW_AND_OLD_IMAGES"], coalesce(table.stream_view, "NEW_AND_OLD_IMAGES"))
      )
    ])
    error_message = "A table with replicas is PAY_PER_REQUEST or has autoscaling, and its stream_view is NEW_AND_OLD_IMAGES; look at ${join(", ", [for name, table in var.tables : name if table.replica || length(table.further_replicas) > 0])}."
  }

  validation {
    condition     = !anytrue([for table in values(var.tables) : table.replica]) || (var.replica_region != null && var.replica_region != var.region)
    error_message = "replica needs the environment's replica_region, another one than ${var.region}."
  }

  validation {
    condition     = alltrue([for table in values(var.tables) : table.recovery_period_days >= 1 && table.recovery_period_days <= 35])
    error_message = "recovery_period_days lies between 1 and 35."
  }
}

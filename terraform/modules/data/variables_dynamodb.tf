variable "tables" {
  description = <<-EOT
    DynamoDB tables by name. A table is encrypted with the layer's key and can be restored to any second of its recovery
    period.
      attributes: name → S, N or B, for every key of the table and its indexes, and no other.
      deletion_protection: default: the layer's.
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
    condition     = alltrue([for table in values(var.tables) : table.recovery_period_days >= 1 && table.recovery_period_days <= 35])
    error_message = "recovery_period_days lies between 1 and 35."
  }
}

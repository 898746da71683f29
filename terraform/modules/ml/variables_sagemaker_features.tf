variable "feature_groups" {
  description = <<-EOT
    SageMaker feature groups by name.
      record_identifier, event_time: the features that tell a record and its time
      features: in the order in which they were added, each with name, type (String, Integral, Fractional) and, in an
        online store in memory, collection (List, Set, Vector, the last with its dimension). New ones go to the end.
      online: storage (Standard or InMemory), ttl (value and unit: Seconds, Minutes, Hours, Days, Weeks). Null: none
      offline: table_format (Glue or Iceberg), table (its name in the layer's Glue database; null is the group's name
        with underscores), create_table. Null: none
      throughput: read_units and write_units a second that are reserved for the online store. Null: on demand
  EOT
  type = map(object({
    description       = optional(string)
    record_identifier = string
    event_time        = string
    features = list(object({
      name       = string
      type       = string
      collection = optional(string)
      dimension  = optional(number)
    }))
    online = optional(object({
      storage = optional(string, "Standard")
      ttl     = optional(object({ value = number, unit = optional(string, "Days") }))
    }))
    offline = optional(object({
      table_format = optional(string, "Glue")
      table        = optional(string)
      create_table = optional(bool, true)
    }))
    throughput = optional(object({ read_units = number, write_units = number }))
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.feature_groups) : can(regex("^[a-z][a-z0-9-]*$", name)) && length("${var.name_prefix}-ml-features-${name}") <= 64])
    error_message = "A feature group's name has lower-case letters, digits and hyphens, and ${var.name_prefix}-ml-features-<name> at most 64 characters; got ${join(", ", keys(var.feature_groups))}."
  }

  validation {
    condition     = alltrue([for group in values(var.feature_groups) : group.online != null || group.offline != null])
    error_message = "A feature group has an online store, an offline store or both; none in ${join(", ", [for name, group in var.feature_groups : name if group.online == null && group.offline == null])}."
  }

  validation {
    condition = alltrue([
      for group in values(var.feature_groups) : length(setsubtract([group.record_identifier, group.event_time], [for feature in group.features : feature.name])) == 0
    ])
    error_message = "record_identifier and event_time are among the features; wrong in ${join(", ", [for name, group in var.feature_groups : name if length(setsubtract([group.record_identifier, group.event_time], [for feature in group.features : feature.name])) > 0])}."
  }

  validation {
    condition = alltrue([
      for group in values(var.feature_groups) : alltrue([
        length(group.features) <= 2500,
        length(distinct([for feature in group.features : feature.name])) == length(group.features),
        alltrue([for feature in group.features : can(regex("^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$", feature.name)) && !contains(["is_deleted", "write_time", "api_invocation_time"], feature.name)]),
      ])
    ])
    error_message = "Features have names of their own, of at most 64 letters, digits, hyphens and underscores, and not is_deleted, write_time or api_invocation_time, which SageMaker uses."
  }

  validation {
    condition = alltrue(flatten([
      for group in values(var.feature_groups) : [for feature in group.features : contains(["String", "Integral", "Fractional"], feature.type)]
    ]))
    error_message = "A feature's type is String, Integral or Fractional; got ${join(", ", distinct(flatten([for group in values(var.feature_groups) : [for feature in group.features : feature.type]])))}."
  }

  validation {
    condition = alltrue(flatten([
      for group in values(var.feature_groups) : [
        for feature in group.features : feature.collection == null ? feature.dimension == null : alltrue([
          contains(["List", "Set", "Vector"], feature.collection),
          (feature.collection == "Vector") == (feature.dimension != null),
          try(group.online.storage, "") == "InMemory",
        ])
      ]
    ]))
    error_message = "A feature's collection is List, Set or Vector, for online stores InMemory; a Vector, and nothing else, has a dimension."
  }

  validation {
    condition = alltrue([
      for group in values(var.feature_groups) : group.online == null ? true : alltrue([
        contains(["Standard", "InMemory"], group.online.storage),
        group.online.ttl == null ? true : group.online.ttl.value >= 1 && contains(["Seconds", "Minutes", "Hours", "Days", "Weeks"], group.online.ttl.unit),
      ])
    ])
    error_message = "online.storage is Standard or InMemory; ttl has a value of 1 or more and the unit Seconds, Minutes, Hours, Days or Weeks."
  }

  validation {
    condition = alltrue([
      for group in values(var.feature_groups) : group.offline == null ? true : alltrue([
        contains(["Glue", "Iceberg"], group.offline.table_format),
        group.offline.table == null ? true : can(regex("^[a-z0-9_]{1,255}$", group.offline.table)),
      ])
    ])
    error_message = "offline.table_format is Glue or Iceberg; table has lower-case letters, digits and underscores."
  }

  validation {
    condition = alltrue([
      for group in values(var.feature_groups) : group.throughput == null ? true : group.online != null && group.throughput.read_units >= 0 && group.throughput.write_units >= 0
    ])
    error_message = "throughput is for feature groups with an online store; its units are 0 or more."
  }
}

variable "model_package_groups" {
  description = <<-EOT
    The model registry: groups of the versions of a model, by name.
      description
      reader_accounts: accounts that may see and deploy its versions; writer_accounts: that may register some, too
  EOT
  type = map(object({
    description     = optional(string)
    reader_accounts = optional(set(string), [])
    writer_accounts = optional(set(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.model_package_groups) : can(regex("^[a-z][a-z0-9-]*$", name)) && length("${var.name_prefix}-ml-${name}") <= 63])
    error_message = "A model package group's name has lower-case letters, digits and hyphens, and ${var.name_prefix}-ml-<name> at most 63 characters; got ${join(", ", keys(var.model_package_groups))}."
  }

  validation {
    condition = alltrue(flatten([
      for group in values(var.model_package_groups) : [for account in setunion(group.reader_accounts, group.writer_accounts) : can(regex("^[0-9]{12}$", account))]
    ]))
    error_message = "Accounts are ids of twelve digits; got ${join(", ", flatten([for group in values(var.model_package_groups) : setunion(group.reader_accounts, group.writer_accounts)]))}."
  }
}

variable "pipelines" {
  description = <<-EOT
    SageMaker pipelines by name.
      definition: its text, JSON or YAML; or else an entry of pipeline_definitions of the same name. In both stand for
        values: $${role_arn} (the pipeline's role), $${bucket}, $${kms_key_arn}, $${subnet_ids} and
        $${security_group_ids} (JSON lists), $${model_package_groups.<name>}, $${feature_groups.<name>}, $${region},
        $${account_id}, $${name_prefix}, $${own.<name>} (substitutions)
      parallel_steps: how many steps run at a time; null is as many as can
      images: URIs of the images of its jobs
      buckets: buckets of the data layer to read, write or read_write; all may use pipelines/<name>/ in the layer's own
      model_package_groups: where it registers models; feature_groups: which it writes
      policy_statements: further statements of its role, each a JSON text
  EOT
  type = map(object({
    definition           = optional(string)
    description          = optional(string)
    display_name         = optional(string)
    parallel_steps       = optional(number)
    substitutions        = optional(map(string), {})
    images               = optional(set(string), [])
    buckets              = optional(map(string), {})
    model_package_groups = optional(set(string), [])
    feature_groups       = optional(set(string), [])
    policy_statements    = optional(list(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.pipelines) : can(regex("^[a-z][a-z0-9-]*$", name)) && length("${var.name_prefix}-ml-pipeline-${name}") <= 64])
    error_message = "A pipeline's name has lower-case letters, digits and hyphens, and ${var.name_prefix}-ml-pipeline-<name> at most 64 characters; got ${join(", ", keys(var.pipelines))}."
  }

  validation {
    condition     = alltrue([for name, pipeline in var.pipelines : (pipeline.definition == null) == can(var.pipeline_definitions[name])])
    error_message = "A pipeline has a definition or an entry in pipeline_definitions; wrong in ${join(", ", [for name, pipeline in var.pipelines : name if(pipeline.definition == null) != can(var.pipeline_definitions[name])])}."
  }

  validation {
    condition     = length(setsubtract(keys(var.pipeline_definitions), keys(var.pipelines))) == 0
    error_message = "pipeline_definitions belong to entries of pipelines; there is none for ${join(", ", setsubtract(keys(var.pipeline_definitions), keys(var.pipelines)))}."
  }

  validation {
    condition     = alltrue([for pipeline in values(var.pipelines) : pipeline.definition == null ? true : can(yamldecode(pipeline.definition).Steps)])
    error_message = "A pipeline's definition is JSON or YAML with Steps; wrong in ${join(", ", [for name, pipeline in var.pipelines : name if pipeline.definition == null ? false : !can(yamldecode(pipeline.definition).Steps)])}."
  }

  validation {
    condition     = alltrue([for pipeline in values(var.pipelines) : pipeline.parallel_steps == null ? true : pipeline.parallel_steps >= 1])
    error_message = "parallel_steps is 1 or more."
  }

  validation {
    condition     = alltrue(flatten([for pipeline in values(var.pipelines) : [for bucket in keys(pipeline.buckets) : contains(keys(coalesce(var.bucket_arns, {})), bucket)]]))
    error_message = "A pipeline's buckets are buckets of the data layer, which has ${join(", ", keys(coalesce(var.bucket_arns, {})))}; got ${join(", ", flatten([for pipeline in values(var.pipelines) : keys(pipeline.buckets)]))}."
  }

  validation {
    condition     = alltrue(flatten([for pipeline in values(var.pipelines) : [for access in values(pipeline.buckets) : contains(["read", "write", "read_write"], access)]]))
    error_message = "A bucket is to read, write or read_write."
  }

  validation {
    condition = alltrue([
      for pipeline in values(var.pipelines) : alltrue([
        length(setsubtract(pipeline.model_package_groups, keys(var.model_package_groups))) == 0,
        length(setsubtract(pipeline.feature_groups, keys(var.feature_groups))) == 0,
      ])
    ])
    error_message = "A pipeline's model_package_groups and feature_groups are entries of the variables of that name; there are: ${join(", ", concat(keys(var.model_package_groups), keys(var.feature_groups)))}."
  }

  validation {
    condition     = alltrue(flatten([for pipeline in values(var.pipelines) : [for text in pipeline.policy_statements : can(jsondecode(text).Effect)]]))
    error_message = "policy_statements are the JSON texts of IAM policy statements."
  }
}

variable "pipeline_definitions" {
  description = "Definitions of pipelines as objects (Version, Parameters, Steps), by the name of the pipeline."
  type        = any
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for definition in values(var.pipeline_definitions) : can(definition.Steps)])
    error_message = "pipeline_definitions has objects with Steps, by the name of the pipeline; got ${join(", ", keys(var.pipeline_definitions))}."
  }
}

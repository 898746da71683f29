# What OpenSearch Service offers; see the validations.
locals {
  # Those that AWS still supports, without those whose extended support ended on 2026-11-07.
  # https://docs.aws.amazon.com/opensearch-service/latest/developerguide/what-is.html#choosing-version
  opensearch_engine_versions = concat(
    [for version in ["1.3", "2.11", "2.13", "2.15", "2.17", "2.19", "3.1", "3.3", "3.5"] : "OpenSearch_${version}"],
    [for version in ["6.8", "7.9", "7.10"] : "Elasticsearch_${version}"],
  )
  # Series, generation, attributes, size.
  # https://docs.aws.amazon.com/opensearch-service/latest/developerguide/supported-instance-types.html
  opensearch_instance_types = "^((c|d|i|im|m|r|t)[1-9][a-z]{0,3}|o[imr][1-9])\\.(micro|small|medium|large|[0-9]{0,2}xlarge)\\.search$"
}

variable "opensearch_domain" {
  description = <<-EOT
    An OpenSearch domain in the VPC. Null: none.
      engine_version: as in OpenSearch_2.19; it goes up only, to 3.x from 2.19. Elasticsearch_7.10 and others for those who can't leave it yet.
      instance_count: data nodes, spread over `zones` (1 to 3) zones. dedicated_masters: {instance_type, count (3 or 5)}.
      standby: multi-AZ with standby (three zones, dedicated masters, a multiple of three data nodes).
      volume: size in GiB, type, iops, throughput of each data node.
      administrators: ARNs of this account's IAM roles and users that may assume the master role, which maps further
        IAM roles to OpenSearch's own. They have to exist.
      client_security_group_ids: who reaches it, besides members of its client security group and log delivery.
      custom_endpoint: {hostname, certificate_arn}.
      service_linked_role: whether the role that OpenSearch enters VPCs with is made; an account has it once.
  EOT
  type = object({
    engine_version = optional(string, "OpenSearch_2.19")
    instance_type  = optional(string, "m7g.large.search")
    instance_count = optional(number, 3)
    zones          = optional(number, 3)
    standby        = optional(bool, false)
    dedicated_masters = optional(object({
      instance_type = optional(string, "m7g.large.search")
      count         = optional(number, 3)
    }))
    volume = optional(object({
      size       = optional(number, 100)
      type       = optional(string, "gp3")
      iops       = optional(number)
      throughput = optional(number)
    }), {})
    auto_tune             = optional(bool, true)
    snapshot_hour         = optional(number, 3)
    log_retention_in_days = optional(number, 365)
    administrators        = set(string)
    custom_endpoint = optional(object({
      hostname        = string
      certificate_arn = string
    }))
    client_security_group_ids = optional(set(string), [])
    service_linked_role       = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.opensearch_domain == null ? true : length(var.opensearch_domain.administrators) > 0 && alltrue([for arn in var.opensearch_domain.administrators : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/.+$", arn))])
    error_message = "opensearch_domain.administrators has ARNs of IAM roles or users, at least one: nobody else could let anyone in; got ${join(", ", try(var.opensearch_domain.administrators, []))}."
  }

  validation {
    condition     = var.opensearch_domain == null ? true : contains(local.opensearch_engine_versions, var.opensearch_domain.engine_version)
    error_message = "engine_version is one of ${join(", ", local.opensearch_engine_versions)}; got ${try(var.opensearch_domain.engine_version, "")}."
  }

  validation {
    condition     = var.opensearch_domain == null ? true : alltrue([for type in compact([var.opensearch_domain.instance_type, try(var.opensearch_domain.dedicated_masters.instance_type, "")]) : can(regex(local.opensearch_instance_types, type))])
    error_message = "instance_type, also of dedicated_masters, is one that OpenSearch Service offers, as in m7g.large.search; got ${join(", ", compact([try(var.opensearch_domain.instance_type, ""), try(var.opensearch_domain.dedicated_masters.instance_type, "")]))}."
  }

  validation {
    condition     = var.opensearch_domain == null ? true : var.opensearch_domain.zones >= 1 && var.opensearch_domain.zones <= 3 && var.opensearch_domain.instance_count % var.opensearch_domain.zones == 0
    error_message = "zones lies between 1 and 3, and instance_count is a multiple of it; got ${try(var.opensearch_domain.instance_count, 0)} nodes in ${try(var.opensearch_domain.zones, 0)} zones."
  }

  validation {
    condition     = var.opensearch_domain == null ? true : !var.opensearch_domain.standby || (var.opensearch_domain.zones == 3 && var.opensearch_domain.dedicated_masters != null && !startswith(var.opensearch_domain.instance_type, "t"))
    error_message = "standby needs three zones, dedicated_masters, and instances other than t2 and t3."
  }

  validation {
    condition     = var.opensearch_domain == null ? true : var.opensearch_domain.dedicated_masters == null ? true : contains([3, 5], var.opensearch_domain.dedicated_masters.count)
    error_message = "There are three or five dedicated masters; got ${try(var.opensearch_domain.dedicated_masters.count, 0)}."
  }

  validation {
    condition     = var.opensearch_domain == null ? true : var.opensearch_domain.snapshot_hour >= 0 && var.opensearch_domain.snapshot_hour <= 23
    error_message = "snapshot_hour lies between 0 and 23 (UTC)."
  }

  validation {
    condition     = var.opensearch_domain == null ? true : contains(local.retention_days, var.opensearch_domain.log_retention_in_days)
    error_message = "opensearch_domain.log_retention_in_days is one of ${join(", ", local.retention_days)}."
  }
}

variable "opensearch_collections" {
  description = <<-EOT
    OpenSearch Serverless collections by name, reached through an endpoint in the VPC only.
      type: TIMESERIES (logs), SEARCH or VECTORSEARCH. standby_replicas: whether a second zone takes over; it doubles the
      capacity that is always paid for.
      readers, writers, administrators: ARNs of IAM roles. Log delivery into it may write without being named.
  EOT
  type = map(object({
    description      = optional(string)
    type             = optional(string, "TIMESERIES")
    standby_replicas = optional(bool, true)
    retention_days   = optional(number)
    readers          = optional(set(string), [])
    writers          = optional(set(string), [])
    administrators   = optional(set(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for collection in values(var.opensearch_collections) : contains(["TIMESERIES", "SEARCH", "VECTORSEARCH"], collection.type)])
    error_message = "type of a collection is TIMESERIES, SEARCH or VECTORSEARCH; got ${join(", ", [for collection in values(var.opensearch_collections) : collection.type])}."
  }

  validation {
    condition     = alltrue([for name in keys(var.opensearch_collections) : can(regex("^[a-z][a-z0-9-]+$", name)) && length("${var.name_prefix}-${name}") <= 32])
    error_message = "A collection's name has lower-case letters, digits and hyphens, at most 32 with the prefix ${var.name_prefix}-; got ${join(", ", keys(var.opensearch_collections))}."
  }

  validation {
    condition     = alltrue([for collection in values(var.opensearch_collections) : collection.retention_days == null || collection.type == "TIMESERIES"])
    error_message = "retention_days is for collections of the type TIMESERIES."
  }
}

variable "log_delivery" {
  description = <<-EOT
    Log groups that are delivered elsewhere, by name: a subscription filter, a Firehose stream, and a bucket for what
    could not be delivered (or for everything).
      log_groups: keys of log_groups, "cloudtrail", services as service/<name>, or full names of groups that exist.
      to: "domain", "s3", or "collection/<name>".
      index: index in OpenSearch; rotation: NoRotation, OneHour, OneDay, OneWeek or OneMonth (domain only).
      pattern: which events; empty: all.
      extract_messages: whether each event becomes a record of its own (events that are JSON), or a batch of events
        with their group and stream does. transform_function_arn: a function that turns records into documents instead.
      backup: "failed" or "all" documents are kept in the bucket for backup_days.
  EOT
  type = map(object({
    log_groups             = set(string)
    to                     = optional(string, "s3")
    index                  = optional(string, "logs")
    rotation               = optional(string, "OneDay")
    pattern                = optional(string, "")
    distribution           = optional(string, "Random")
    extract_messages       = optional(bool, true)
    transform_function_arn = optional(string)
    buffer_seconds         = optional(number, 60)
    buffer_mb              = optional(number, 5)
    retry_seconds          = optional(number, 300)
    backup                 = optional(string, "failed")
    backup_days            = optional(number, 90)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for delivery in values(var.log_delivery) : can(regex("^(domain|s3|collection/[a-z][a-z0-9-]+)$", delivery.to))])
    error_message = "Logs are delivered to domain, s3 or collection/<name>; got ${join(", ", [for delivery in values(var.log_delivery) : delivery.to])}."
  }

  validation {
    condition     = alltrue([for delivery in values(var.log_delivery) : delivery.to != "domain" || var.opensearch_domain != null])
    error_message = "Logs are delivered to a domain, but there is no opensearch_domain."
  }

  validation {
    condition     = alltrue([for delivery in values(var.log_delivery) : !startswith(delivery.to, "collection/") || contains(keys(var.opensearch_collections), trimprefix(delivery.to, "collection/"))])
    error_message = "Logs are delivered to a collection that is not there: ${join(", ", [for delivery in values(var.log_delivery) : delivery.to])}; there are ${join(", ", keys(var.opensearch_collections))}."
  }

  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
  validation {
    condition = alltrue([
      for group in flatten([for delivery in values(var.log_delivery) : tolist(delivery.log_groups)]) :
      length([for delivery in values(var.log_delivery) : delivery if contains(delivery.log_groups, group)]) <= 2
    ])
    error_message = "CloudWatch Logs takes two subscription filters for a log group; more deliveries name ${join(", ", distinct([
      for group in flatten([for delivery in values(var.log_delivery) : tolist(delivery.log_groups)]) : group
      if length([for delivery in values(var.log_delivery) : delivery if contains(delivery.log_groups, group)]) > 2
    ]))}."
  }

  validation {
    condition     = alltrue([for delivery in values(var.log_delivery) : contains(["NoRotation", "OneHour", "OneDay", "OneWeek", "OneMonth"], delivery.rotation)])
    error_message = "rotation is NoRotation, OneHour, OneDay, OneWeek or OneMonth; got ${join(", ", [for delivery in values(var.log_delivery) : delivery.rotation])}."
  }

  validation {
    condition     = alltrue([for delivery in values(var.log_delivery) : contains(["failed", "all"], delivery.backup)])
    error_message = "backup is failed or all; got ${join(", ", [for delivery in values(var.log_delivery) : delivery.backup])}."
  }

  validation {
    condition = alltrue([
      for delivery in values(var.log_delivery) : alltrue([
        delivery.buffer_seconds >= 0 && delivery.buffer_seconds <= 900,
        delivery.buffer_mb >= 1 && delivery.buffer_mb <= (delivery.to == "s3" ? 128 : 100),
        delivery.retry_seconds >= 0 && delivery.retry_seconds <= 7200,
      ])
    ])
    error_message = "Firehose buffers for 0 to 900 seconds and 1 to 100 MB (128 for S3), and tries again for 0 to 7200 seconds."
  }
}

# Patterns of what ElastiCache offers; see the validations.
locals {
  # IAM authentication begins with Redis 7.0 and Valkey 7.2, TLS for Memcached with 1.6.12.
  cache_engine_versions = "^(valkey (7\\.2|8\\.[0-9]|9\\.[0-9])|redis 7\\.[01]|memcached 1\\.6\\.(1[2-9]|[2-9][0-9]))$"
  # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html
  cache_node_types = "^cache\\.((t3|t4g)\\.(micro|small|medium)|(m5|m6g|m7g|r5|r6g|r6gd|r7g|c7gn)\\.(large|xlarge|[0-9]{1,2}xlarge))$"
}

variable "caches" {
  description = <<-EOT
    Caches by name, in the isolated subnets, encrypted, reached over TLS by members of the cache's client security group.
      engine: valkey, redis or memcached; engine_version as in 8.1 (valkey), 7.1 (redis), 1.6.22 (memcached).
      serverless: a cache that grows and shrinks by itself, within these limits; {} sets none. Without it, node_type.
      cluster_mode: Valkey and Redis over several shards. replicas_per_shard: default: 1 with multi_az, else 0.
      nodes: of a Memcached cluster, spread over the zones.
      access_string: what the user may do that services sign in as, through IAM. users: further ones, by name.
      snapshot_retention_days: default: the layer's backup_retention_days; 0: no snapshots.
  EOT
  type = map(object({
    engine         = optional(string, "valkey")
    engine_version = string
    description    = optional(string)
    serverless = optional(object({
      min_storage_gb      = optional(number)
      max_storage_gb      = optional(number, 10)
      min_ecpu_per_second = optional(number)
      max_ecpu_per_second = optional(number, 10000)
    }))
    node_type          = optional(string)
    cluster_mode       = optional(bool, false)
    shards             = optional(number, 2)
    replicas_per_shard = optional(number)
    nodes              = optional(number, 1)
    port               = optional(number)
    parameters         = optional(map(string), {})
    access_string      = optional(string, "on ~* &* +@all -@dangerous -@admin")
    users = optional(map(object({
      access_string = string
    })), {})
    multi_az                = optional(bool)
    deletion_protection     = optional(bool)
    snapshot_retention_days = optional(number)
    snapshot_window         = optional(string, "00:00-01:00")
    maintenance_window      = optional(string, "sun:02:30-sun:03:30")
    apply_immediately       = optional(bool, false)
    notification_topic_arn  = optional(string)
    tags                    = optional(map(string), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.caches) : can(regex("^[a-z]([a-z0-9-]*[a-z0-9])?$", name)) && !strcontains(name, "--")])
    error_message = "A cache's name has lower-case letters, digits and single hyphens, and begins with a letter; got ${join(", ", keys(var.caches))}."
  }

  validation {
    condition = alltrue(flatten([
      for name, cache in var.caches : [for user in concat(["off"], keys(cache.users)) : length("${var.name_prefix}-data-${name}-${user}") <= 40]
    ]))
    error_message = "A cache's full name and those of its users, ${var.name_prefix}-data-<cache>-<user>, have at most 40 characters; look at ${join(", ", [for name in keys(var.caches) : "${var.name_prefix}-data-${name}"])}."
  }

  validation {
    condition     = alltrue([for cache in values(var.caches) : contains(["valkey", "redis", "memcached"], cache.engine)])
    error_message = "A cache's engine is valkey, redis or memcached; got ${join(", ", [for name, cache in var.caches : "${cache.engine} (${name})" if !contains(["valkey", "redis", "memcached"], cache.engine)])}."
  }

  validation {
    condition     = alltrue([for cache in values(var.caches) : can(regex(local.cache_engine_versions, "${cache.engine} ${cache.engine_version}"))])
    error_message = "engine_version is 7.2, 8.x or 9.x for valkey, 7.0 or 7.1 for redis, 1.6.12 or later for memcached; got ${join(", ", [for name, cache in var.caches : join(" ", [cache.engine, cache.engine_version, "(${name})"]) if !can(regex(local.cache_engine_versions, join(" ", [cache.engine, cache.engine_version])))])}."
  }

  validation {
    condition     = alltrue([for cache in values(var.caches) : (cache.serverless == null) != (cache.node_type == null)])
    error_message = "A cache has serverless or a node_type, and not both; look at ${join(", ", [for name, cache in var.caches : name if(cache.serverless == null) == (cache.node_type == null)])}."
  }

  validation {
    condition     = alltrue([for cache in values(var.caches) : cache.node_type == null ? true : can(regex(local.cache_node_types, cache.node_type))])
    error_message = "node_type is one that ElastiCache offers, as in cache.t4g.small or cache.r7g.large; got ${join(", ", [for name, cache in var.caches : "${coalesce(cache.node_type, "none")} (${name})" if cache.node_type != null && !can(regex(local.cache_node_types, cache.node_type))])}."
  }

  validation {
    condition     = alltrue([for cache in values(var.caches) : !cache.cluster_mode || (cache.engine != "memcached" && cache.serverless == null)])
    error_message = "cluster_mode is for node-based valkey and redis; look at ${join(", ", [for name, cache in var.caches : name if cache.cluster_mode])}."
  }

  validation {
    condition     = alltrue([for cache in values(var.caches) : cache.shards >= 1 && cache.shards <= 500 && cache.nodes >= 1 && cache.nodes <= 60])
    error_message = "A cache has 1 to 500 shards; Memcached 1 to 60 nodes."
  }

  validation {
    condition     = alltrue([for cache in values(var.caches) : cache.replicas_per_shard == null ? true : cache.replicas_per_shard >= 0 && cache.replicas_per_shard <= 5])
    error_message = "replicas_per_shard lies between 0 and 5."
  }

  validation {
    condition     = alltrue([for cache in values(var.caches) : cache.snapshot_retention_days == null ? true : cache.snapshot_retention_days >= 0 && cache.snapshot_retention_days <= 35])
    error_message = "snapshot_retention_days lies between 0 and 35."
  }

  validation {
    condition     = alltrue(flatten([for cache in values(var.caches) : [for text in concat([cache.access_string], [for user in values(cache.users) : user.access_string]) : can(regex("^(on|off) ", text))]]))
    error_message = "access_string begins with on or off, as in \"on ~app:* +@read\"."
  }

  validation {
    condition     = length(var.caches) == 0 || var.vpc_id != null
    error_message = "caches need the network layer."
  }
}

# Patterns of what Aurora offers; see the validations.
locals {
  aurora_engine_versions = "^(aurora-postgresql 1[3-8](\\.[0-9]{1,2})?|aurora-mysql 8\\.[04](\\.mysql_aurora\\.[0-9]+(\\.[0-9]+){1,2})?)$"
  # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.SupportAurora.html
  aurora_instance_classes = "^db\\.(t3\\.(medium|large)|t4g\\.(medium|large)|(r5|r6g|r6gd|r6i|r6id|r7g|r7i|r8g|r8gd|r8i|x2g)\\.(large|xlarge|[0-9]{1,2}xlarge))$"
}

variable "aurora_clusters" {
  description = <<-EOT
    Aurora clusters by name, secured as databases are. No name is in both maps.
      engine: aurora-postgresql or aurora-mysql.
      engine_version: as in 17.4 or 8.0.mysql_aurora.3.10.0.
      serverless: capacity in ACU (2 GiB of memory each), by half; min_capacity 0 pauses when idle. Without it:
      instance_class: of provisioned instances.
      instances: the writer and its readers; default: 2 with the layer's multi_az, else 1.
      reader_autoscaling: readers that come and go, beside those that instances asks for.
      backtrack_hours: how far Aurora MySQL can be rewound in place.
      io_optimized: storage of type aurora-iopt1, which bills no I/O.
      data_api: SQL over HTTPS for those with IAM rights.
      global: a second cluster in the replica region; needs replica_network and provisioned or serverless instances.
      proxy, parameters, log_exports, protection and backup: as for databases. instance_parameters: of the instances.
  EOT
  type = map(object({
    engine                      = string
    engine_version              = string
    extended_support            = optional(bool, false)
    allow_major_version_upgrade = optional(bool, false)
    apply_immediately           = optional(bool, false)
    instance_class              = optional(string)
    instances                   = optional(number)
    serverless = optional(object({
      min_capacity             = number
      max_capacity             = number
      seconds_until_auto_pause = optional(number)
    }))
    reader_autoscaling = optional(object({
      min         = optional(number, 1)
      max         = number
      cpu_percent = optional(number, 60)
    }))
    io_optimized     = optional(bool, false)
    backtrack_hours  = optional(number)
    data_api         = optional(bool, false)
    database_name    = optional(string)
    username         = optional(string, "dbadmin")
    password_version = optional(number, 1)
    port             = optional(number)
    parameters = optional(map(object({
      value        = string
      apply_method = optional(string, "immediate")
    })), {})
    instance_parameters = optional(map(object({
      value        = string
      apply_method = optional(string, "immediate")
    })), {})
    log_exports           = optional(set(string))
    deletion_protection   = optional(bool)
    backup_retention_days = optional(number)
    backup_window         = optional(string, "01:00-02:00")
    maintenance_window    = optional(string, "sun:02:30-sun:03:30")
    ca_certificate        = optional(string, "rds-ca-rsa2048-g1")
    advanced_insights     = optional(bool, false)
    global = optional(object({
      instances        = optional(number, 1)
      write_forwarding = optional(bool, false)
    }))
    proxy = optional(object({
      users                             = optional(set(string), [])
      password_version                  = optional(number, 1)
      idle_client_timeout_seconds       = optional(number, 1800)
      max_connections_percent           = optional(number, 90)
      max_idle_connections_percent      = optional(number, 50)
      connection_borrow_timeout_seconds = optional(number, 120)
      session_pinning_filters           = optional(set(string), [])
      debug_logging                     = optional(bool, false)
    }))
    tags = optional(map(string), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.aurora_clusters) : can(regex("^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$", name)) && !strcontains(name, "--")])
    error_message = "A cluster's name has at most 30 lower-case letters, digits and single hyphens, and begins with a letter; got ${join(", ", keys(var.aurora_clusters))}."
  }

  validation {
    condition     = length(setintersection(keys(var.aurora_clusters), keys(var.databases))) == 0
    error_message = "A name is in databases or in aurora_clusters; look at ${join(", ", setintersection(keys(var.aurora_clusters), keys(var.databases)))}."
  }

  validation {
    condition     = alltrue([for cluster in values(var.aurora_clusters) : contains(["aurora-postgresql", "aurora-mysql"], cluster.engine)])
    error_message = "A cluster's engine is aurora-postgresql or aurora-mysql; got ${join(", ", [for name, cluster in var.aurora_clusters : "${cluster.engine} (${name})" if !contains(["aurora-postgresql", "aurora-mysql"], cluster.engine)])}."
  }

  validation {
    condition     = alltrue([for cluster in values(var.aurora_clusters) : can(regex(local.aurora_engine_versions, "${cluster.engine} ${cluster.engine_version}"))])
    error_message = "engine_version is as in 17.4 for aurora-postgresql, 8.0.mysql_aurora.3.10.0 for aurora-mysql; got ${join(", ", [for name, cluster in var.aurora_clusters : "${cluster.engine_version} (${name})" if !can(regex(local.aurora_engine_versions, join(" ", [cluster.engine, cluster.engine_version])))])}."
  }

  validation {
    condition     = alltrue([for cluster in values(var.aurora_clusters) : (cluster.serverless == null) != (cluster.instance_class == null)])
    error_message = "A cluster has serverless or an instance_class, and not both; look at ${join(", ", [for name, cluster in var.aurora_clusters : name if(cluster.serverless == null) == (cluster.instance_class == null)])}."
  }

  validation {
    condition     = alltrue([for cluster in values(var.aurora_clusters) : cluster.instance_class == null ? true : can(regex(local.aurora_instance_classes, cluster.instance_class))])
    error_message = "instance_class is one that Aurora offers, as in db.t4g.medium or db.r7g.large; got ${join(", ", [for name, cluster in var.aurora_clusters : "${cluster.instance_class} (${name})" if cluster.instance_class != null && !can(regex(local.aurora_instance_classes, cluster.instance_class))])}."
  }

  validation {
    condition = alltrue([
      for cluster in values(var.aurora_clusters) : cluster.serverless == null ? true : (
        cluster.serverless.min_capacity >= 0 && cluster.serverless.max_capacity >= 1 && cluster.serverless.max_capacity <= 256 &&
        cluster.serverless.min_capacity <= cluster.serverless.max_capacity &&
        cluster.serverless.min_capacity * 2 == floor(cluster.serverless.min_capacity * 2) &&
        cluster.serverless.max_capacity * 2 == floor(cluster.serverless.max_capacity * 2)
      )
    ])
    error_message = "serverless capacity goes by half ACU, min_capacity from 0 to max_capacity, which lies between 1 and 256."
  }

  validation {
    condition = alltrue([
      for cluster in values(var.aurora_clusters) : try(cluster.serverless.seconds_until_auto_pause, null) == null ? true : (
        cluster.serverless.min_capacity == 0 && cluster.serverless.seconds_until_auto_pause >= 300 && cluster.serverless.seconds_until_auto_pause <= 86400
      )
    ])
    error_message = "seconds_until_auto_pause lies between 300 and 86400, and only a cluster with min_capacity 0 pauses."
  }

  validation {
    condition     = alltrue([for cluster in values(var.aurora_clusters) : cluster.instances == null ? true : cluster.instances >= 1 && cluster.instances <= 16])
    error_message = "A cluster has 1 to 16 instances."
  }

  validation {
    condition = alltrue([
      for cluster in values(var.aurora_clusters) : cluster.reader_autoscaling == null ? true : (
        cluster.reader_autoscaling.min <= cluster.reader_autoscaling.max && cluster.reader_autoscaling.max <= 15 &&
        coalesce(cluster.instances, 2) >= 2
      )
    ])
    error_message = "reader_autoscaling goes from min to max, at most 15, and needs a cluster of at least 2 instances."
  }

  validation {
    condition = alltrue([
      for cluster in values(var.aurora_clusters) : cluster.backtrack_hours == null ? true : (
        cluster.engine == "aurora-mysql" && cluster.global == null && cluster.backtrack_hours >= 1 && cluster.backtrack_hours <= 72
      )
    ])
    error_message = "backtrack_hours lies between 1 and 72 and is for aurora-mysql outside a global database only."
  }

  validation {
    condition     = alltrue([for cluster in values(var.aurora_clusters) : cluster.global == null ? true : !can(regex("^db\\.t", cluster.instance_class))])
    error_message = "A global database takes no burstable instance_class."
  }

  validation {
    condition     = alltrue([for cluster in values(var.aurora_clusters) : cluster.global == null]) || var.replica_network != null
    error_message = "A global cluster needs replica_network, where its copy lies; look at ${join(", ", [for name, cluster in var.aurora_clusters : name if cluster.global != null])}."
  }

  validation {
    condition     = alltrue([for cluster in values(var.aurora_clusters) : cluster.backup_retention_days == null ? true : cluster.backup_retention_days >= 1 && cluster.backup_retention_days <= 35])
    error_message = "backup_retention_days lies between 1 and 35."
  }

  validation {
    condition = alltrue([
      for cluster in values(var.aurora_clusters) : cluster.log_exports == null ? true : length(setsubtract(cluster.log_exports, cluster.engine == "aurora-postgresql"
        ? ["postgresql", "iam-db-auth-error", "instance"]
        : ["audit", "error", "general", "slowquery", "iam-db-auth-error", "instance"]
      )) == 0
    ])
    error_message = "log_exports are postgresql, iam-db-auth-error and instance for aurora-postgresql; audit, error, general, slowquery, iam-db-auth-error and instance for aurora-mysql."
  }

  validation {
    condition = alltrue(flatten([
      for database in values(var.aurora_clusters) : [for user in try(database.proxy.users, []) : can(regex("^[a-z][a-z0-9_-]{0,30}$", user)) && user != database.username]
    ]))
    error_message = "proxy.users are database users, other ones than the master: a letter, then at most 30 lower-case letters, digits, hyphens and underscores; got ${join(", ", flatten([for database in values(var.aurora_clusters) : tolist(try(database.proxy.users, []))]))}."
  }

  validation {
    condition     = length(var.aurora_clusters) == 0 || var.vpc_id != null
    error_message = "aurora_clusters need the network layer."
  }
}

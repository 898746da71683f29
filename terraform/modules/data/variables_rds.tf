# Patterns of what RDS offers; see the validations.
locals {
  database_engine_versions = "^(postgres 1[3-8]|mysql 8\\.[04])(\\.[0-9]{1,2})?$"
  # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html
  database_instance_classes = {
    postgres = "^db\\.(t3|t4g|m5|m5d|m6g|m6gd|m6i|m6id|m6idn|m6in|m7g|m7gd|m7i|m8g|m8gd|m8i|r5|r5b|r5d|r6g|r6gd|r6i|r6id|r6idn|r6in|r7g|r7gd|r7i|r8g|r8gd|r8i|x2g|x2idn|x2iedn|c6gd)\\.(micro|small|medium|large|xlarge|[0-9]{1,2}xlarge)(\\.tpc[12]\\.mem[0-9]x)?$"
    mysql    = "^db\\.(t3|t4g|m5|m5d|m6g|m6gd|m6i|m6id|m6idn|m6in|m7g|m7gd|m7i|m8g|m8gd|m8i|r5|r5b|r5d|r6g|r6gd|r6i|r6id|r6idn|r6in|r7g|r7gd|r7i|r8g|r8gd|r8i|x2g|x2idn|x2iedn|x2iezn|c6gd)\\.(micro|small|medium|large|xlarge|[0-9]{1,2}xlarge)$"
  }
}

variable "databases" {
  description = <<-EOT
    RDS instances by name, PostgreSQL or MySQL. An instance lies in the isolated subnets, is encrypted, speaks TLS only,
    takes IAM authentication, and admits members of its client security group.
      engine_version: with or without the minor version, as in 17 or 17.4, 8.4 or 8.4.6.
      extended_support: whether a version past its standard support may run, for a fee by vCPU and hour.
      allocated_storage_gib, max_allocated_storage_gib: it grows from the one to the other by itself.
      username: the master user. Its password is AWS's to manage, in Secrets Manager; with read_replicas, which AWS
        does not allow then, the module generates it, and a greater password_version makes a new one.
      parameters: by name; apply_method immediate, or pending-reboot for those that need a restart. TLS stays forced.
      log_exports: default: postgresql and upgrade, or error and slowquery.
      multi_az, deletion_protection, backup_retention_days: default: the layer's.
      read_replicas: by name; instance_class: default: the primary's.
      advanced_insights: Database Insights in its advanced mode, with 15 months of history.
      proxy: RDS Proxy in front of it; {} takes it with its defaults. users: who may come through it besides the master, as
        services do by their names: each has a password of its own in a secret that only the proxy reads (a greater
        password_version makes new ones), and clients sign in to the proxy with IAM. The users themselves are made by
        hand, with these passwords: see the README.
      tags: further tags of the instance, which a backup plan may select.
  EOT
  type = map(object({
    engine                      = string
    engine_version              = string
    instance_class              = string
    extended_support            = optional(bool, false)
    allow_major_version_upgrade = optional(bool, false)
    apply_immediately           = optional(bool, false)
    allocated_storage_gib       = optional(number, 20)
    max_allocated_storage_gib   = optional(number, 100)
    storage_type                = optional(string, "gp3")
    iops                        = optional(number)
    storage_throughput_mibps    = optional(number)
    database_name               = optional(string)
    username                    = optional(string, "dbadmin")
    password_version            = optional(number, 1)
    port                        = optional(number)
    parameters = optional(map(object({
      value        = string
      apply_method = optional(string, "immediate")
    })), {})
    log_exports           = optional(set(string))
    multi_az              = optional(bool)
    deletion_protection   = optional(bool)
    backup_retention_days = optional(number)
    backup_window         = optional(string, "01:00-02:00")
    maintenance_window    = optional(string, "sun:02:30-sun:03:30")
    ca_certificate        = optional(string, "rds-ca-rsa2048-g1")
    performance_insights  = optional(bool, true)
    advanced_insights     = optional(bool, false)
    read_replicas = optional(map(object({
      instance_class    = optional(string)
      availability_zone = optional(string)
    })), {})
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
    condition     = alltrue([for name in keys(var.databases) : can(regex("^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$", name)) && !strcontains(name, "--")])
    error_message = "A database's name has at most 30 lower-case letters, digits and single hyphens, and begins with a letter; got ${join(", ", keys(var.databases))}."
  }

  validation {
    condition     = alltrue([for database in values(var.databases) : contains(["postgres", "mysql"], database.engine)])
    error_message = "A database's engine is postgres or mysql; got ${join(", ", [for name, database in var.databases : "${database.engine} (${name})" if !contains(["postgres", "mysql"], database.engine)])}. Aurora's belong to aurora_clusters."
  }

  validation {
    condition     = alltrue([for database in values(var.databases) : can(regex(local.database_engine_versions, "${database.engine} ${database.engine_version}"))])
    error_message = "engine_version is 13 to 18 for postgres and 8.0 or 8.4 for mysql, with or without a minor version; got ${join(", ", [for name, database in var.databases : join(" ", [database.engine, database.engine_version, "(${name})"]) if !can(regex(local.database_engine_versions, join(" ", [database.engine, database.engine_version])))])}."
  }

  validation {
    condition = alltrue([
      for database in values(var.databases) : database.extended_support || !(
        (database.engine == "mysql" && startswith(database.engine_version, "8.0")) ||
        (database.engine == "postgres" && startswith(database.engine_version, "13"))
      )
    ])
    error_message = "MySQL 8.0 and PostgreSQL 13 are past their standard support: take a newer engine_version, or say extended_support: true and pay for it; look at ${join(", ", [for name, database in var.databases : "${name} (${database.engine_version})" if contains(["mysql 8.0", "postgres 13"], join(" ", [database.engine, join(".", slice(split(".", "${database.engine_version}."), 0, database.engine == "mysql" ? 2 : 1))])) && !database.extended_support])}."
  }

  validation {
    condition = alltrue(flatten([
      for database in values(var.databases) : [
        for class in compact(concat([database.instance_class], [for replica in values(database.read_replicas) : replica.instance_class])) :
        can(regex(local.database_instance_classes[database.engine], class))
      ] if contains(["postgres", "mysql"], database.engine)
    ]))
    error_message = "instance_class is one that RDS offers for the engine, as in db.t4g.medium or db.r7g.large; got ${join(", ", flatten([for name, database in var.databases : [for class in compact(concat([database.instance_class], [for replica in values(database.read_replicas) : replica.instance_class])) : "${class} (${name})" if !can(regex(local.database_instance_classes[database.engine], class))]]))}."
  }

  validation {
    condition = alltrue([
      for database in values(var.databases) :
      database.engine != "mysql" || !database.performance_insights || !can(regex("^db\\.(t3|t4g)\\.(micro|small)$", database.instance_class))
    ])
    error_message = "Performance Insights for MySQL needs at least a medium instance_class; look at ${join(", ", [for name, database in var.databases : "${name} (${database.instance_class})" if database.engine == "mysql"])}, or say performance_insights: false."
  }

  validation {
    condition     = alltrue([for database in values(var.databases) : database.performance_insights || !database.advanced_insights])
    error_message = "advanced_insights needs performance_insights."
  }

  validation {
    condition     = alltrue([for database in values(var.databases) : contains(["gp3", "io2", "io1"], database.storage_type)])
    error_message = "storage_type is gp3, io2 or io1."
  }

  validation {
    condition     = alltrue([for database in values(var.databases) : startswith(database.storage_type, "gp") || database.iops != null])
    error_message = "storage_type io1 and io2 need iops."
  }

  validation {
    condition = alltrue([
      for database in values(var.databases) :
      database.allocated_storage_gib >= (startswith(database.storage_type, "io") ? 100 : 20) && database.allocated_storage_gib <= 65536 &&
      database.max_allocated_storage_gib >= database.allocated_storage_gib * 1.1
    ])
    error_message = "allocated_storage_gib is at least 20 (100 for io1 and io2) and at most 65536; max_allocated_storage_gib is at least 10 % more."
  }

  validation {
    condition     = alltrue([for database in values(var.databases) : database.backup_retention_days == null ? true : database.backup_retention_days >= 1 && database.backup_retention_days <= 35])
    error_message = "backup_retention_days lies between 1 and 35."
  }

  validation {
    condition = alltrue([
      for database in values(var.databases) : database.log_exports == null ? true : length(setsubtract(database.log_exports, database.engine == "postgres"
        ? ["postgresql", "upgrade", "iam-db-auth-error"]
        : ["audit", "error", "general", "slowquery", "iam-db-auth-error"]
      )) == 0
    ])
    error_message = "log_exports are postgresql, upgrade and iam-db-auth-error for postgres; audit, error, general, slowquery and iam-db-auth-error for mysql."
  }

  validation {
    condition     = alltrue([for database in values(var.databases) : length(database.read_replicas) <= 15])
    error_message = "A database has at most 15 read_replicas."
  }

  validation {
    condition     = alltrue([for database in values(var.databases) : !contains(["admin", "rdsadmin", "postgres", "root", "mysql"], database.username)])
    error_message = "username is a name of your own; admin, rdsadmin, root, mysql and postgres are taken or too easily guessed."
  }

  validation {
    condition = alltrue(flatten([
      for database in values(var.databases) : [for parameter in values(database.parameters) : contains(["immediate", "pending-reboot"], parameter.apply_method)]
    ]))
    error_message = "apply_method is immediate or pending-reboot."
  }

  validation {
    condition = alltrue(flatten([
      for database in values(var.databases) : [for user in try(database.proxy.users, []) : can(regex("^[a-z][a-z0-9_-]{0,30}$", user)) && user != database.username]
    ]))
    error_message = "proxy.users are database users, other ones than the master: a letter, then at most 30 lower-case letters, digits, hyphens and underscores; got ${join(", ", flatten([for database in values(var.databases) : tolist(try(database.proxy.users, []))]))}."
  }

  validation {
    condition     = length(var.databases) == 0 || var.vpc_id != null
    error_message = "databases need the network layer."
  }
}

variable "backup" {
  description = <<-EOT
    AWS Backup over everything in this environment that a selection takes. Null: none, beside what services do themselves.
      rules: by name; schedule: as in cron(0 2 * * ? *), in UTC; delete_after_days; cold_storage_after_days: at least 90 days
        before deletion; continuous: restore to any second, at most 35 days back.
      arns, tags: what is backed up: resources with one of these ARNs (* stands for anything) that carry all of these tags.
        Default: every resource of this environment, by its tags Project and Environment.
      lock: nobody deletes a recovery point before min_retention_days. With changeable_for_days, after which the lock can't
        be taken off by anybody, AWS included.
      replica: copies of recovery points in the replica region, kept for replica_delete_after_days.
      notification_topic_arn: told of jobs that failed.
      restore_testing: restores into a scratch resource on a schedule, by type of resource, and deletes it.
  EOT
  type = object({
    rules = optional(map(object({
      schedule                = string
      delete_after_days       = optional(number, 35)
      cold_storage_after_days = optional(number)
      continuous              = optional(bool, false)
      start_window_minutes    = optional(number, 60)
      completion_window_hours = optional(number, 6)
      replica                 = optional(bool, true)
      })), {
      daily = { schedule = "cron(0 3 * * ? *)" }
    })
    tags = optional(map(string))
    arns = optional(set(string), ["*"])
    lock = optional(object({
      min_retention_days  = number
      max_retention_days  = optional(number)
      changeable_for_days = optional(number)
    }))
    replica                   = optional(bool, false)
    replica_delete_after_days = optional(number, 35)
    notification_topic_arn    = optional(string)
    restore_testing = optional(object({
      schedule                = optional(string, "cron(0 6 ? * SUN *)")
      resource_types          = optional(set(string), ["DynamoDB"])
      validation_window_hours = optional(number, 4)
    }))
  })
  default = null

  validation {
    condition     = var.backup == null ? true : length(var.backup.rules) > 0
    error_message = "backup has at least one of rules."
  }

  validation {
    condition = var.backup == null ? true : alltrue([
      for rule in values(var.backup.rules) : can(regex("^(cron|rate)\\(.+\\)$", rule.schedule)) && rule.delete_after_days >= 1 &&
      (rule.cold_storage_after_days == null ? true : rule.delete_after_days >= rule.cold_storage_after_days + 90) &&
      (!rule.continuous || (rule.delete_after_days <= 35 && rule.cold_storage_after_days == null))
    ])
    error_message = "A rule of backup has a schedule as in cron(0 3 * * ? *), deletes at least 90 days after cold storage, and, when continuous, within 35 days and without cold storage; look at ${var.backup == null ? "" : join(", ", keys(var.backup.rules))}."
  }

  validation {
    condition = try(var.backup.lock, null) == null ? true : alltrue([
      for rule in values(var.backup.rules) :
      rule.delete_after_days >= var.backup.lock.min_retention_days && rule.delete_after_days <= coalesce(var.backup.lock.max_retention_days, 36500)
    ])
    error_message = "With lock, every rule's delete_after_days lies between min_retention_days and max_retention_days."
  }

  validation {
    condition     = try(var.backup.lock.changeable_for_days, null) == null ? true : var.backup.lock.changeable_for_days >= 3
    error_message = "changeable_for_days is at least 3."
  }

  validation {
    condition     = try(var.backup.replica, false) == false || (var.replica_region != null && var.replica_region != var.region)
    error_message = "backup.replica needs the environment's replica_region, another one than ${var.region}."
  }

  validation {
    condition = try(var.backup.restore_testing, null) == null ? true : alltrue([
      for type in var.backup.restore_testing.resource_types : contains(["Aurora", "DynamoDB", "RDS", "S3", "EBS", "EFS"], type)
    ])
    error_message = "restore_testing.resource_types are Aurora, DynamoDB, EBS, EFS, RDS and S3."
  }
}

variable "project" {
  description = "Project, as in the tag Project of everything."
  type        = string
  default     = null
}

variable "environment" {
  description = "Environment, as in the tag Environment of everything."
  type        = string
  default     = null
}

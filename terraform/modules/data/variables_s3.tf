variable "buckets" {
  description = <<-EOT
    Buckets by name. A bucket is versioned, encrypted with the layer's key, private, owned by its account, reached over
    TLS only, and its access is logged.
      force_destroy: whether destroying the bucket destroys its objects; default: the opposite of deletion_protection.
      lifecycle_rules: by name; days count from an object's creation.
      cors_rules: for browsers that upload or read directly.
      policy_statements: further statements of the bucket policy, each a JSON text.
      replica: a copy in the environment's replica region, under a key of that region; replica_storage_class: its class.
      notifications: to EventBridge, and to queues, topics and functions by name (their own policies let S3 in).
      object_lock: objects can't be deleted or overwritten for so many days. COMPLIANCE binds everybody; GOVERNANCE not
        those with s3:BypassGovernanceRetention.
      archive_after: days without access after which objects in the INTELLIGENT_TIERING class move to archive tiers.
  EOT
  type = map(object({
    versioning    = optional(bool, true)
    force_destroy = optional(bool)
    lifecycle_rules = optional(map(object({
      enabled                                = optional(bool, true)
      prefix                                 = optional(string, "")
      expiration_days                        = optional(number)
      noncurrent_version_expiration_days     = optional(number)
      abort_incomplete_multipart_upload_days = optional(number)
      transitions = optional(list(object({
        days          = number
        storage_class = string
      })), [])
    })), {})
    cors_rules = optional(list(object({
      allowed_methods = list(string)
      allowed_origins = list(string)
      allowed_headers = optional(list(string), [])
      expose_headers  = optional(list(string), [])
      max_age_seconds = optional(number, 3000)
    })), [])
    policy_statements     = optional(list(string), [])
    replica               = optional(bool, false)
    replica_storage_class = optional(string, "STANDARD_IA")
    notifications = optional(object({
      eventbridge = optional(bool, false)
      queues = optional(map(object({
        arn    = string
        events = optional(list(string), ["s3:ObjectCreated:*"])
        prefix = optional(string)
        suffix = optional(string)
      })), {})
      topics = optional(map(object({
        arn    = string
        events = optional(list(string), ["s3:ObjectCreated:*"])
        prefix = optional(string)
        suffix = optional(string)
      })), {})
      functions = optional(map(object({
        arn    = string
        events = optional(list(string), ["s3:ObjectCreated:*"])
        prefix = optional(string)
        suffix = optional(string)
      })), {})
    }))
    object_lock = optional(object({
      mode = string
      days = number
    }))
    archive_after = optional(object({
      archive_days      = optional(number)
      deep_archive_days = optional(number)
    }))
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.buckets) : can(regex("^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$", name))])
    error_message = "A bucket's name has at most 24 lower-case letters, digits and hyphens; got ${join(", ", keys(var.buckets))}."
  }

  validation {
    condition     = length(setintersection(keys(var.buckets), ["access-logs", "copy-access-logs"])) == 0
    error_message = "access-logs and copy-access-logs are the names of the buckets that access logs go to."
  }

  validation {
    condition     = alltrue([for name in keys(var.buckets) : length("${var.name_prefix}-data-${name}-${var.account_id}") <= 63])
    error_message = "A bucket's full name, ${var.name_prefix}-data-<name>-${var.account_id}, has at most 63 characters."
  }

  validation {
    condition     = alltrue([for bucket in values(var.buckets) : !contains(keys(bucket.lifecycle_rules), "abort-incomplete-uploads")])
    error_message = "abort-incomplete-uploads is the name of the rule that every bucket has."
  }

  validation {
    condition     = alltrue(flatten([for bucket in values(var.buckets) : [for text in bucket.policy_statements : can(jsondecode(text).Effect)]]))
    error_message = "policy_statements are JSON texts, each one statement with an Effect."
  }

  validation {
    condition = alltrue(flatten([
      for bucket in values(var.buckets) : [
        for rule in values(bucket.lifecycle_rules) : anytrue([
          rule.expiration_days != null,
          rule.noncurrent_version_expiration_days != null,
          rule.abort_incomplete_multipart_upload_days != null,
          length(rule.transitions) > 0,
        ])
      ]
    ]))
    error_message = "A lifecycle rule does something: give it expiration_days, noncurrent_version_expiration_days, abort_incomplete_multipart_upload_days or transitions."
  }

  validation {
    condition = alltrue(flatten([
      for bucket in values(var.buckets) : [
        for rule in values(bucket.lifecycle_rules) : [
          for transition in rule.transitions : contains(
            ["STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"],
            transition.storage_class,
          )
        ]
      ]
    ]))
    error_message = "storage_class is STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER or DEEP_ARCHIVE."
  }

  validation {
    condition     = alltrue([for bucket in values(var.buckets) : bucket.versioning || (!bucket.replica && bucket.object_lock == null)])
    error_message = "replica and object_lock need versioning; look at ${join(", ", [for name, bucket in var.buckets : name if !bucket.versioning])}."
  }

  validation {
    condition     = !anytrue([for bucket in values(var.buckets) : bucket.replica]) || (var.replica_region != null && var.replica_region != var.region)
    error_message = "replica needs the environment's replica_region, another one than ${var.region}."
  }

  validation {
    condition     = alltrue([for name, bucket in var.buckets : !bucket.replica || length("${var.name_prefix}-data-${name}-copy-${var.account_id}") <= 63])
    error_message = "A replica's full name, ${var.name_prefix}-data-<name>-copy-${var.account_id}, has at most 63 characters."
  }

  validation {
    condition     = alltrue([for bucket in values(var.buckets) : bucket.object_lock == null ? true : contains(["GOVERNANCE", "COMPLIANCE"], bucket.object_lock.mode) && bucket.object_lock.days >= 1])
    error_message = "object_lock has a mode, GOVERNANCE or COMPLIANCE, and at least 1 day."
  }

  validation {
    condition = alltrue([
      for bucket in values(var.buckets) : bucket.archive_after == null ? true : (
        (bucket.archive_after.archive_days != null || bucket.archive_after.deep_archive_days != null) &&
        coalesce(bucket.archive_after.archive_days, 90) >= 90 && coalesce(bucket.archive_after.archive_days, 90) <= 730 &&
        coalesce(bucket.archive_after.deep_archive_days, 180) >= 180 && coalesce(bucket.archive_after.deep_archive_days, 180) <= 730
      )
    ])
    error_message = "archive_after has archive_days from 90 to 730, deep_archive_days from 180 to 730, or both."
  }
}

variable "account_public_access_block" {
  description = "Whether no bucket of the whole account may be public, whoever made it."
  type        = bool
  default     = false
  nullable    = false
}

variable "buckets" {
  description = <<-EOT
    Buckets by name. A bucket is versioned, encrypted with the layer's key, private, owned by its account, reached over
    TLS only, and its access is logged.
      force_destroy: whether destroying the bucket destroys its objects; default: the opposite of deletion_protection.
      lifecycle_rules: by name; days count from an object's creation.
      cors_rules: for browsers that upload or read directly.
      policy_statements: further statements of the bucket policy, each a JSON text.
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
    policy_statements = optional(list(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.buckets) : can(regex("^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$", name))])
    error_message = "A bucket's name has at most 24 lower-case letters, digits and hyphens; got ${join(", ", keys(var.buckets))}."
  }

  validation {
    condition     = !contains(keys(var.buckets), "access-logs")
    error_message = "access-logs is the name of the bucket that access logs go to."
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
}

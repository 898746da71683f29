variable "secrets" {
  description = <<-EOT
    Secrets by name. What they hold never comes into a state: it is taken from secret_values, or put there by
    somebody else.
      value_version: write the value of secret_values; raise it to write the value again.
      rotation: the function that changes the secret, and how often: every so many days (30), or by a schedule such as
        "cron(0 4 1 * ? *)", in a window such as "3h"; immediately: also when it is set up.
      readers: ARNs of roles that may read it, besides what their own policies allow in this account. Those of another
        account need the KMS key, too (security: kms_keys.secrets.users).
      replica_regions: regions that keep a copy; replica_kms_key_arns: the key there, by region. Without one, AWS's own.
      recovery_window_in_days: how long a deleted secret can be brought back, 7 to 30; 0 deletes at once.
  EOT
  type = map(object({
    description             = optional(string, "")
    value_version           = optional(number)
    recovery_window_in_days = optional(number, 30)
    replica_regions         = optional(set(string), [])
    replica_kms_key_arns    = optional(map(string), {})
    readers                 = optional(set(string), [])
    rotation = optional(object({
      function_arn = string
      days         = optional(number)
      schedule     = optional(string)
      window       = optional(string)
      immediately  = optional(bool, false)
    }))
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.secrets) : can(regex("^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$", name))])
    error_message = "A secret's name has letters, digits, hyphens and underscores; got ${join(", ", keys(var.secrets))}."
  }

  validation {
    condition = alltrue([
      for secret in values(var.secrets) : secret.recovery_window_in_days == 0 || (secret.recovery_window_in_days >= 7 && secret.recovery_window_in_days <= 30)
    ])
    error_message = "recovery_window_in_days lies between 7 and 30, or is 0."
  }

  validation {
    condition     = alltrue([for secret in values(var.secrets) : !contains(secret.replica_regions, var.region)])
    error_message = "replica_regions are other regions than the environment's own."
  }

  validation {
    condition     = alltrue([for secret in values(var.secrets) : length(setsubtract(keys(secret.replica_kms_key_arns), secret.replica_regions)) == 0])
    error_message = "replica_kms_key_arns has keys of regions that are in replica_regions."
  }

  validation {
    condition     = alltrue([for secret in values(var.secrets) : try(secret.rotation.days, null) == null ? true : secret.rotation.days >= 1 && secret.rotation.days <= 1000])
    error_message = "rotation.days lies between 1 and 1000."
  }

  validation {
    condition = alltrue([
      for secret in values(var.secrets) : try(secret.rotation.schedule, null) == null ? true : secret.rotation.days == null && can(regex("^(rate|cron)\\(.+\\)$", secret.rotation.schedule))
    ])
    error_message = "rotation has either days or a schedule, rate(…) or cron(…)."
  }

  validation {
    condition     = alltrue([for secret in values(var.secrets) : secret.rotation == null ? true : can(regex("^arn:[^:]+:lambda:[^:]+:[0-9]{12}:function:", secret.rotation.function_arn))])
    error_message = "rotation.function_arn is the ARN of a Lambda function."
  }

  validation {
    condition     = alltrue(flatten([for secret in values(var.secrets) : [for arn in secret.readers : can(regex("^arn:[^:]+:iam::[0-9]{12}:(root|(role|user)/[^*]+)$", arn))]]))
    error_message = "readers are ARNs of roles (arn:aws:iam::123456789012:role/name); got ${join(", ", flatten([for secret in values(var.secrets) : tolist(secret.readers)]))}."
  }

  validation {
    condition     = alltrue([for secret in values(var.secrets) : secret.value_version == null ? true : secret.value_version >= 1])
    error_message = "value_version is a number from 1."
  }
}

variable "secret_values" {
  description = "Values of secrets that have a value_version, by name; never kept by Terraform."
  type        = map(string)
  default     = {}
  nullable    = false
  sensitive   = true
  ephemeral   = true
}

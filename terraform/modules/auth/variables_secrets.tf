variable "secrets" {
  description = <<-EOT
    Secrets by name. What they hold never comes into a state: it is taken from secret_values, or put there by
    somebody else.
      value_version: write the value of secret_values; raise it to write the value again.
      rotation: the function that changes the secret, and how often (days).
      readers: ARNs of roles that may read it, besides what their own policies allow in this account.
      replica_regions: regions that keep a copy.
      recovery_window_in_days: how long a deleted secret can be brought back, 7 to 30; 0 deletes at once.
  EOT
  type = map(object({
    description             = optional(string, "")
    value_version           = optional(number)
    recovery_window_in_days = optional(number, 30)
    replica_regions         = optional(set(string), [])
    readers                 = optional(set(string), [])
    rotation = optional(object({
      function_arn = string
      days         = optional(number, 30)
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
    condition     = alltrue([for secret in values(var.secrets) : secret.rotation == null ? true : secret.rotation.days >= 1 && secret.rotation.days <= 1000])
    error_message = "rotation.days lies between 1 and 1000."
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

variable "boundary" {
  description = <<-EOT
    What no role of the platform can ever do, whatever its own policies say.
      allowed_regions: regions that roles may act in, besides global services; empty: any.
      denied_actions: further actions, such as "ec2:DeleteVpc".
  EOT
  type = object({
    allowed_regions = optional(set(string), [])
    denied_actions  = optional(set(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for region in var.boundary.allowed_regions : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", region))])
    error_message = "boundary.allowed_regions are regions such as eu-west-1; got ${join(", ", var.boundary.allowed_regions)}."
  }

  validation {
    condition     = length(var.boundary.allowed_regions) == 0 || contains(var.boundary.allowed_regions, var.region)
    error_message = "boundary.allowed_regions contains the environment's own region."
  }

  validation {
    condition     = alltrue([for action in var.boundary.denied_actions : can(regex("^[a-z0-9-]+:[A-Za-z0-9*]+$", action))])
    error_message = "boundary.denied_actions are actions such as ec2:DeleteVpc; got ${join(", ", var.boundary.denied_actions)}."
  }
}

variable "access_analyzer" {
  description = <<-EOT
    IAM Access Analyzer: what is shared with other accounts or the public. Null: none.
      unused_access_days: also find access that was not used for so many days (billed by role and user). Null: don't.
  EOT
  type = object({
    unused_access_days = optional(number)
  })
  default = {}

  validation {
    condition     = try(var.access_analyzer.unused_access_days, null) == null ? true : var.access_analyzer.unused_access_days >= 1 && var.access_analyzer.unused_access_days <= 365
    error_message = "access_analyzer.unused_access_days lies between 1 and 365."
  }
}

variable "account_password_policy" {
  description = "Password policy of IAM users. One a region's account has: set it in one environment of an account only."
  type = object({
    minimum_length     = optional(number, 16)
    max_age_days       = optional(number, 90)
    reuse_prevention   = optional(number, 24)
    users_may_change   = optional(bool, true)
    expiry_locks_users = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.account_password_policy == null ? true : var.account_password_policy.minimum_length >= 14 && var.account_password_policy.minimum_length <= 128
    error_message = "account_password_policy.minimum_length lies between 14 and 128."
  }
}

variable "github" {
  description = <<-EOT
    Lets GitHub Actions of one repository plan and apply this environment, without stored keys. Null: no such roles.
      repository: ORG/REPO.
      create_provider: whether this environment makes the account's OIDC provider (once an account).
      environment, plan_environment: GitHub environments whose jobs may apply and plan; default: the environment's name.
      state_bucket: the bucket of the states, which planning reads and locks.
  EOT
  type = object({
    repository        = string
    create_provider   = optional(bool, true)
    environment       = optional(string)
    plan_environment  = optional(string)
    state_bucket      = optional(string)
    max_session_hours = optional(number, 2)
  })
  default = null

  validation {
    condition     = var.github == null ? true : can(regex("^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", var.github.repository))
    error_message = "github.repository is ORG/REPO, without wildcards; got \"${try(var.github.repository, "")}\"."
  }

  validation {
    condition     = var.github == null ? true : var.github.max_session_hours >= 1 && var.github.max_session_hours <= 12
    error_message = "github.max_session_hours lies between 1 and 12."
  }

  validation {
    condition     = var.github == null ? true : alltrue([for name in compact([var.github.environment, var.github.plan_environment]) : can(regex("^[A-Za-z0-9_.-]+$", name))])
    error_message = "GitHub environments have no spaces, colons or wildcards here: they become part of a trust policy."
  }
}

variable "boundary" {
  description = <<-EOT
    What no role of the platform can ever do, whatever its own policies say.
      allowed_regions: regions that roles may act in, besides global services; empty: any. A web ACL or a certificate
        for CloudFront lies in us-east-1, replicas in the replica region: name those, too.
      deployer_roles: names, without <name_prefix>-, of the roles that deploy: only they may write IAM, for roles of
        the platform below the boundary.
      assumable_roles: ARNs of roles outside the platform that its roles may assume.
      denied_actions: further actions, such as "ec2:DeleteVpc".
  EOT
  type = object({
    allowed_regions = optional(set(string), [])
    denied_actions  = optional(set(string), [])
    deployer_roles  = optional(set(string), ["auth-deploy-apply", "cicd-*"])
    assumable_roles = optional(set(string), [])
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

  validation {
    condition     = length(var.boundary.deployer_roles) > 0 && alltrue([for role in var.boundary.deployer_roles : can(regex("^(auth-deploy|cicd)-[A-Za-z0-9_*-]+$", role))])
    error_message = "boundary.deployer_roles are names of this layer's or the cicd layer's roles, such as auth-deploy-apply or cicd-*; got ${join(", ", var.boundary.deployer_roles)}."
  }

  validation {
    condition     = alltrue([for arn in var.boundary.assumable_roles : can(regex("^arn:[^:]+:iam::[0-9]{12}:role/[^*]+$", arn))])
    error_message = "boundary.assumable_roles are ARNs of roles without wildcards; got ${join(", ", var.boundary.assumable_roles)}."
  }
}

variable "access_analyzer" {
  description = <<-EOT
    IAM Access Analyzer: what is shared with other accounts or the public. Null: none.
      unused_access_days: also find access that was not used for so many days (billed by role and user). Null: don't.
      external: false when the account has an analyzer of its own in this region; AWS allows one.
      archive_rules: findings of external access that are known and meant, by name: criterion, as in "resource" or
        "principal.AWS" → values that it equals.
  EOT
  type = object({
    external           = optional(bool, true)
    unused_access_days = optional(number)
    archive_rules      = optional(map(map(list(string))), {})
  })
  default = {}

  validation {
    condition     = try(var.access_analyzer.unused_access_days, null) == null ? true : var.access_analyzer.unused_access_days >= 1 && var.access_analyzer.unused_access_days <= 365
    error_message = "access_analyzer.unused_access_days lies between 1 and 365."
  }

  validation {
    condition     = try(length(var.access_analyzer.archive_rules), 0) == 0 || try(var.access_analyzer.external, false)
    error_message = "access_analyzer.archive_rules are those of the analyzer of external access (external: true)."
  }

  validation {
    condition     = var.access_analyzer == null ? true : alltrue([for rule in values(var.access_analyzer.archive_rules) : length(rule) > 0])
    error_message = "An archive rule has at least one criterion."
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

variable "deploy" {
  description = <<-EOT
    The roles that plan and apply this environment, which are there as soon as somebody may assume them.
      builds: whether the cicd layer's projects plan and apply may. (GitHub Actions: see github.)
      state_bucket: the bucket of the states, which planning reads and locks.
      state_kms_key_arn: the key of that bucket; null when AWS keeps it.
      readable_objects: ARNs of further objects that planning reads, as in "arn:aws:s3:::builds/*".
      max_session_hours: how long GitHub Actions have a role; a build, which comes by a role itself, has it for an hour at a
        time, and renews it.
  EOT
  type = object({
    builds            = optional(bool, false)
    state_bucket      = optional(string)
    state_kms_key_arn = optional(string)
    readable_objects  = optional(set(string), [])
    max_session_hours = optional(number, 2)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.deploy.max_session_hours >= 1 && var.deploy.max_session_hours <= 12
    error_message = "deploy.max_session_hours lies between 1 and 12."
  }

  validation {
    condition     = alltrue([for arn in var.deploy.readable_objects : can(regex("^arn:[^:]+:s3:::[^/]+/", arn))])
    error_message = "deploy.readable_objects are ARNs of objects, as in arn:aws:s3:::builds/*; got ${join(", ", var.deploy.readable_objects)}."
  }

  validation {
    condition     = var.deploy.state_kms_key_arn == null ? true : can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/", var.deploy.state_kms_key_arn))
    error_message = "deploy.state_kms_key_arn is the ARN of a KMS key; got \"${coalesce(var.deploy.state_kms_key_arn, "null")}\"."
  }
}

variable "github" {
  description = <<-EOT
    Lets GitHub Actions of one repository plan and apply this environment, without stored keys. Null: no such roles.
      repository: ORG/REPO.
      create_provider: whether this environment makes the account's OIDC provider (once an account).
      environment, plan_environment: GitHub environments whose jobs may apply and plan; default: the environment's name.
  EOT
  type = object({
    repository       = string
    create_provider  = optional(bool, true)
    environment      = optional(string)
    plan_environment = optional(string)
  })
  default = null

  validation {
    condition     = var.github == null ? true : can(regex("^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", var.github.repository))
    error_message = "github.repository is ORG/REPO, without wildcards; got \"${try(var.github.repository, "")}\"."
  }

  validation {
    condition     = var.github == null ? true : alltrue([for name in compact([var.github.environment, var.github.plan_environment]) : can(regex("^[A-Za-z0-9_.-]+$", name))])
    error_message = "GitHub environments have no spaces, colons or wildcards here: they become part of a trust policy."
  }
}

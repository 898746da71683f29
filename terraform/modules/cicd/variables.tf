variable "name_prefix" {
  description = "Prefix of every name: <project>-<environment>."
  type        = string
  nullable    = false
}

variable "region" {
  description = "AWS region of the layer."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "AWS account of the environment, 12 digits."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id has 12 digits; got \"${var.account_id}\"."
  }
}

variable "kms_key_arn" {
  description = "KMS key of artifacts, templates and builds' output."
  type        = string
  nullable    = false
}

variable "logs_kms_key_arn" {
  description = "KMS key of the builds' log groups."
  type        = string
  nullable    = false
}

variable "messaging_kms_key_arn" {
  description = "KMS key of the topic that tells of pipelines, builds, deployments and stacks."
  type        = string
  nullable    = false
}

variable "secrets_kms_key_arn" {
  description = "KMS key of the secrets that builds name."
  type        = string
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of every role. Null: none."
  type        = string
  default     = null
}

variable "access_log_bucket_name" {
  description = "Bucket that the access logs of this layer's buckets go to. Null: access is not logged. Known when planning."
  type        = string
  default     = null
}

variable "vpc_id" {
  description = "VPC of builds with in_vpc."
  type        = string
  default     = null
}

variable "private_subnet_ids" {
  description = "Subnets of builds with in_vpc."
  type        = list(string)
  default     = null
}

variable "deletion_protection" {
  description = "Whether buckets with objects in them refuse to be destroyed."
  type        = bool
  default     = true
  nullable    = false
}

variable "artifact_retention_in_days" {
  description = "How long pipelines' artifacts and builds' caches are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.artifact_retention_in_days >= 1 && floor(var.artifact_retention_in_days) == var.artifact_retention_in_days
    error_message = "artifact_retention_in_days is a whole number of days, at least 1; got ${var.artifact_retention_in_days}."
  }
}

variable "connections" {
  description = <<-EOT
    CodeConnections connections by name. Somebody has to complete each one in the console once: until then its
    status is PENDING and pipelines can't read from it.
      provider_type: GitHub, GitLab, Bitbucket, GitHubEnterpriseServer, GitLabSelfManaged
      host_arn: host of the last two, which replace provider_type
  EOT
  type = map(object({
    provider_type = optional(string, "GitHub")
    host_arn      = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.connections) : length("${var.name_prefix}-${name}") <= 32])
    error_message = "CodeConnections takes names of at most 32 characters, ${var.name_prefix}-<name> here; got ${join(", ", keys(var.connections))}."
  }

  validation {
    condition = alltrue([
      for connection in values(var.connections) :
      contains(["GitHub", "GitLab", "Bitbucket", "GitHubEnterpriseServer", "GitLabSelfManaged"], connection.provider_type)
    ])
    error_message = "provider_type is GitHub, GitLab, Bitbucket, GitHubEnterpriseServer or GitLabSelfManaged."
  }

  validation {
    condition = alltrue([
      for connection in values(var.connections) :
      contains(["GitHubEnterpriseServer", "GitLabSelfManaged"], connection.provider_type) == (connection.host_arn != null)
    ])
    error_message = "host_arn is for GitHubEnterpriseServer and GitLabSelfManaged, which need it."
  }
}

variable "notifications" {
  description = <<-EOT
    Who is told what of pipelines, builds, deployments and stacks, through one topic.
      emails: addresses that subscribe (each has to confirm)
      pipeline_states, build_states, deployment_states, stack_states: which states are told
  EOT
  type = object({
    emails            = optional(set(string), [])
    pipeline_states   = optional(list(string), ["FAILED", "CANCELED", "STOPPED"])
    build_states      = optional(list(string), ["FAILED"])
    deployment_states = optional(list(string), ["FAILURE", "STOP"])
    stack_states      = optional(list(string), ["CREATE_FAILED", "DELETE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_FAILED", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED"])
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for address in var.notifications.emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", address))])
    error_message = "notifications.emails takes e-mail addresses; got ${join(", ", var.notifications.emails)}."
  }
}

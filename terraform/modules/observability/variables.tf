variable "name_prefix" {
  description = "Prefix of every name: <project>-<environment>."
  type        = string
  nullable    = false
}

variable "region" {
  description = "AWS region of the environment."
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

variable "logs_kms_key_arn" {
  description = "KMS key of log groups, of the trail, of traces, and of everything that logs are delivered into."
  type        = string
  nullable    = false
}

variable "messaging_kms_key_arn" {
  description = "KMS key of the alarm topic."
  type        = string
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the layer's roles. Null: none."
  type        = string
  default     = null
}

variable "access_log_bucket" {
  description = "Bucket that takes the access logs of this layer's buckets. Null: access is not logged. Known when planning."
  type        = string
  default     = null
}

variable "deletion_protection" {
  description = "Whether destroying a bucket of this layer that is not empty fails, instead of destroying what is in it."
  type        = bool
  default     = true
  nullable    = false
}

variable "services" {
  description = "The environment's services; each gets alarms and a dashboard that fit what runs it."
  type = map(object({
    runtime         = string
    description     = optional(string, "")
    timeout_seconds = optional(number, 30)
    routes = optional(list(object({
      via = optional(string, "http_api")
    })), [])
    scaling = optional(object({
      min = optional(number, 1)
    }), {})
    alarms = optional(object({
      error_percent  = optional(number)
      latency_p99_ms = optional(number)
      cpu_percent    = optional(number)
      memory_percent = optional(number)
    }), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for service in values(var.services) : contains(["lambda", "ecs", "eks"], service.runtime)])
    error_message = "A service's runtime is lambda, ecs or eks; got ${join(", ", [for name, service in var.services : "${name}: ${service.runtime}"])}."
  }
}

variable "name_prefix" {
  description = "Prefix of every name: <project>-<environment>."
  type        = string
  nullable    = false
}

variable "environment_name" {
  description = "Name of the environment; pipelines assume roles as the GitHub environment of this name."
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
  description = "KMS key of the secrets."
  type        = string
  nullable    = false
}

variable "web_acl_enabled" {
  description = "Whether the security layer has a web ACL that a user pool may have; known when planning."
  type        = bool
  default     = false
  nullable    = false
}

variable "web_acl_arn" {
  description = "Web ACL in front of the user pool; null without one."
  type        = string
  default     = null
}

variable "shield_response_team_access" {
  description = "Whether Shield's response team gets a role; known when planning."
  type        = bool
  default     = false
  nullable    = false
}

variable "name_prefix" {
  description = "Prefix of every name: <project>-<environment>."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "AWS account of the environment, 12 digits."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "KMS key that encrypts buckets and tables."
  type        = string
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether tables refuse to be deleted and buckets to be emptied, where an entry says nothing of its own."
  type        = bool
  default     = true
  nullable    = false
}

variable "access_log_retention_in_days" {
  description = "How long the buckets' access logs are kept."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = var.access_log_retention_in_days >= 1
    error_message = "access_log_retention_in_days is at least 1."
  }
}

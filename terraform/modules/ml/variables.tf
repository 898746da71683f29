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
  description = "KMS key of models, volumes, features and results."
  type        = string
  nullable    = false
}

variable "logs_kms_key_arn" {
  description = "KMS key of the log groups."
  type        = string
  nullable    = false
}

variable "messaging_kms_key_arn" {
  description = "KMS key of topics and queues."
  type        = string
  nullable    = false
}

variable "data_kms_key_arn" {
  description = "KMS key of the data layer's buckets, which workflows read from."
  type        = string
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "Boundary of every role. Null: none."
  type        = string
  default     = null
}

variable "vpc_id" {
  description = "VPC of what runs in one. Null: no network layer."
  type        = string
  default     = null
}

variable "vpc_cidr" {
  description = "IPv4 range of the VPC."
  type        = string
  default     = null
}

variable "private_subnet_ids" {
  description = "Subnets of what runs in the VPC."
  type        = list(string)
  default     = null
}

variable "access_log_bucket_name" {
  description = "Bucket that keeps the access logs of this layer's buckets. Null: none are kept."
  type        = string
  default     = null
}

variable "bucket_names" {
  description = "Full name of each bucket of the data layer."
  type        = map(string)
  default     = null
}

variable "bucket_arns" {
  description = "ARN of each bucket of the data layer."
  type        = map(string)
  default     = null
}

variable "deletion_protection" {
  description = "Whether results are kept from being destroyed with the layer."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_retention_in_days" {
  description = "How long the workflows' logs are kept."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_in_days)
    error_message = "log_retention_in_days is one of CloudWatch's periods (7, 30, 90, 365, 731 …); got ${var.log_retention_in_days}."
  }
}

variable "files_root" {
  description = "Folder that files (training data, artifact_file) start from. Null: the project's folder, three above this module."
  type        = string
  default     = null
}

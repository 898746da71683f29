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
  description = "KMS key of images, functions' settings, volumes and Kubernetes secrets."
  type        = string
  nullable    = false
}

variable "logs_kms_key_arn" {
  description = "KMS key of the log groups."
  type        = string
  nullable    = false
}

variable "messaging_kms_key_arn" {
  description = "KMS key of the dead-letter queues."
  type        = string
  nullable    = false
}

variable "used_kms_key_arns" {
  description = "Keys by purpose (data, messaging, secrets) of what services may use."
  type        = map(string)
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "Boundary of every role. Null: none."
  type        = string
  default     = null
}

variable "vpc_id" {
  description = "VPC of the containers, and of functions that ask for it."
  type        = string
  nullable    = false
}

variable "vpc_cidr" {
  description = "IPv4 range of the VPC."
  type        = string
  nullable    = false
}

variable "private_subnet_ids" {
  description = "Subnets of the containers and functions."
  type        = list(string)
  nullable    = false
}

variable "log_retention_in_days" {
  description = "How long the services' logs are kept."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_in_days)
    error_message = "log_retention_in_days is one of CloudWatch's periods (7, 30, 90, 365, 731 …); got ${var.log_retention_in_days}."
  }
}

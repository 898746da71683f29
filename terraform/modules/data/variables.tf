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

variable "region" {
  description = "AWS region of the environment."
  type        = string
  nullable    = false
}

variable "replica_region" {
  description = "AWS region of the copies that entries ask for."
  type        = string
  default     = null
}

variable "vpc_id" {
  description = "VPC of databases and caches. Null: there are none."
  type        = string
  default     = null
}

variable "isolated_subnet_ids" {
  description = "Subnets of databases and caches, without a way out."
  type        = list(string)
  default     = []
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the layer's roles. Null: none."
  type        = string
  default     = null
}

variable "secrets_kms_key_arn" {
  description = "KMS key that encrypts the databases' master passwords."
  type        = string
  nullable    = false
}

variable "logs_kms_key_arn" {
  description = "KMS key that encrypts log groups."
  type        = string
  nullable    = false
}

variable "backup_kms_key_arn" {
  description = "KMS key that encrypts the recovery points of AWS Backup."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "KMS key that encrypts buckets, tables, databases and caches."
  type        = string
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether databases and tables refuse to be deleted and buckets to be emptied, where an entry says nothing of its own."
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

variable "multi_az" {
  description = "Whether databases and caches have a standby in another zone, where an entry says nothing of its own."
  type        = bool
  default     = true
  nullable    = false
}

variable "backup_retention_days" {
  description = "How long automated backups of databases are kept, 1 to 35 days, where an entry says nothing of its own."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = var.backup_retention_days >= 1 && var.backup_retention_days <= 35
    error_message = "backup_retention_days lies between 1 and 35."
  }
}

variable "log_retention_in_days" {
  description = "How long the logs of databases and caches are kept."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_in_days)
    error_message = "log_retention_in_days is one that CloudWatch Logs takes (30, 90, 365, 731, …); got ${var.log_retention_in_days}."
  }
}

variable "replica_network" {
  description = "Where copies that need a network lie in the replica region, such as the second cluster of a global database."
  type = object({
    vpc_id     = string
    subnet_ids = list(string)
  })
  default = null
}

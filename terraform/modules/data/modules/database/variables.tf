variable "key" {
  description = "Key of the database in the environment file."
  type        = string
}

variable "name" {
  description = "Full name of the instance."
  type        = string
}

variable "database" {
  description = "An entry of the layer's variable databases."
  type        = any
}

variable "vpc_id" {
  description = "VPC of the instance."
  type        = string
}

variable "subnet_group_name" {
  description = "DB subnet group of the isolated subnets."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key of storage, snapshots and Performance Insights."
  type        = string
}

variable "secrets_kms_key_arn" {
  description = "KMS key of the master user's secret."
  type        = string
}

variable "logs_kms_key_arn" {
  description = "KMS key of the log groups."
  type        = string
}

variable "log_retention_in_days" {
  description = "How long the exported logs are kept."
  type        = number
}

variable "monitoring_role_arn" {
  description = "Role of enhanced monitoring."
  type        = string
}

variable "deletion_protection" {
  description = "Whether the instance refuses to be deleted, and leaves a snapshot when it is."
  type        = bool
}

variable "multi_az" {
  description = "Whether a standby waits in another zone."
  type        = bool
}

variable "backup_retention_days" {
  description = "How long automated backups are kept."
  type        = number
}

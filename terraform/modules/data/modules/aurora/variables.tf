variable "key" {
  description = "Key of the cluster in the environment file."
  type        = string
}

variable "name" {
  description = "Full name of the cluster."
  type        = string
}

variable "cluster" {
  description = "An entry of the layer's variable aurora_clusters."
  type        = any
}

variable "vpc_id" {
  description = "VPC of the cluster."
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
  description = "whether the cluster refuses to be deleted, and leaves a snapshot when it is."
  type        = bool
}

variable "backup_retention_days" {
  description = "How long automated backups are kept."
  type        = number
}

variable "instances" {
  description = "How many instances the cluster has."
  type        = number
}

variable "role" {
  description = "Part of the cluster in a global database: none, primary or secondary."
  type        = string
  default     = "none"
}

variable "global_cluster_identifier" {
  description = "Global database that the cluster belongs to."
  type        = string
  default     = null
}

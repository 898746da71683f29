variable "name" {
  description = "Full name of the database; the proxy has the same."
  type        = string
}

variable "region" {
  description = "AWS region."
  type        = string
}

variable "account_id" {
  description = "AWS account."
  type        = string
}

variable "proxy" {
  description = "The attribute proxy of a database's entry."
  type        = any
}

variable "engine_family" {
  description = "POSTGRESQL or MYSQL."
  type        = string
}

variable "cluster" {
  description = "Whether the database is an Aurora cluster."
  type        = bool
}

variable "database_identifier" {
  description = "Identifier of the instance or cluster."
  type        = string
}

variable "database_security_group_id" {
  description = "Security group of the database."
  type        = string
}

variable "client_security_group_id" {
  description = "Security group of those who may connect."
  type        = string
}

variable "port" {
  description = "TCP port."
  type        = number
}

variable "secret_arn" {
  description = "ARN of the master user's secret."
  type        = string
}

variable "secrets_kms_key_arn" {
  description = "KMS key of the secret."
  type        = string
}

variable "logs_kms_key_arn" {
  description = "KMS key of the log group."
  type        = string
}

variable "log_retention_in_days" {
  description = "How long the proxy's log is kept."
  type        = number
}

variable "vpc_id" {
  description = "VPC of the proxy."
  type        = string
}

variable "subnet_ids" {
  description = "Isolated subnets."
  type        = list(string)
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the proxy's role."
  type        = string
}

variable "secret_recovery_window_in_days" {
  description = "How long a deleted secret can be brought back: 0, or 7 to 30 days."
  type        = number
}

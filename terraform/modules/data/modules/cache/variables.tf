variable "name" {
  description = "Full name of the cache."
  type        = string
}

variable "cache" {
  description = "An entry of the layer's variable caches."
  type        = any
}

variable "vpc_id" {
  description = "VPC of the cache."
  type        = string
}

variable "subnet_ids" {
  description = "Isolated subnets, for serverless caches."
  type        = list(string)
}

variable "subnet_group_name" {
  description = "Cache subnet group of the isolated subnets."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key of data and snapshots."
  type        = string
}

variable "logs_kms_key_arn" {
  description = "KMS key of the log groups."
  type        = string
}

variable "log_retention_in_days" {
  description = "How long logs are kept."
  type        = number
}

variable "multi_az" {
  description = "Whether shards have a replica in another zone where the entry does not say."
  type        = bool
}

variable "snapshot_retention_days" {
  description = "How long daily snapshots are kept; 0: none."
  type        = number
}

variable "deletion_protection" {
  description = "Whether deleting it leaves a snapshot."
  type        = bool
}

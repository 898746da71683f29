variable "name" {
  description = "Full name of the table."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key of the table."
  type        = string
}

variable "deletion_protection" {
  description = "Whether the table refuses to be deleted."
  type        = bool
}

variable "replica_region" {
  description = "Region of the copy that the entry may ask for."
  type        = string
  default     = null
}

variable "replica_kms_key_arn" {
  description = "KMS key of that copy."
  type        = string
  default     = null
}

variable "table" {
  description = "An entry of the layer's variable tables."
  type        = any
}

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

variable "table" {
  description = "An entry of the layer's variable tables."
  type        = any
}

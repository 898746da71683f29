variable "name" {
  description = "Full, globally unique name of the bucket."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key of the objects."
  type        = string
}

variable "versioning" {
  description = "Whether old versions of objects are kept."
  type        = bool
}

variable "force_destroy" {
  description = "Whether destroying the bucket destroys its objects."
  type        = bool
}

variable "access_log_bucket" {
  description = "Bucket that access logs go to."
  type        = string
}

variable "access_log_prefix" {
  description = "Prefix of this bucket's access logs."
  type        = string
}

variable "lifecycle_rules" {
  description = "Lifecycle rules by name; see the layer's variable buckets."
  type        = any
}

variable "cors_rules" {
  description = "CORS rules; see the layer's variable buckets."
  type        = any
}

variable "policy_statements" {
  description = "Further statements of the bucket policy, each a JSON text."
  type        = list(string)
}

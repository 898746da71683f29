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
  default     = true
  nullable    = false
}

variable "force_destroy" {
  description = "Whether destroying the bucket destroys its objects."
  type        = bool
  default     = false
  nullable    = false
}

variable "access_log_bucket" {
  description = "Bucket that access logs go to. Null: access is not logged. Known when planning."
  type        = string
  default     = null
}

variable "access_log_prefix" {
  description = "Prefix of this bucket's access logs."
  type        = string
  default     = ""
  nullable    = false
}

variable "lifecycle_rules" {
  description = "Lifecycle rules by name; days count from an object's creation."
  type = map(object({
    enabled                                = optional(bool, true)
    prefix                                 = optional(string, "")
    expiration_days                        = optional(number)
    noncurrent_version_expiration_days     = optional(number)
    abort_incomplete_multipart_upload_days = optional(number)
    transitions = optional(list(object({
      days          = number
      storage_class = string
    })), [])
  }))
  default  = {}
  nullable = false
}

variable "cors_rules" {
  description = "Rules for browsers that upload or read directly."
  type = list(object({
    allowed_methods = list(string)
    allowed_origins = list(string)
    allowed_headers = optional(list(string), [])
    expose_headers  = optional(list(string), [])
    max_age_seconds = optional(number, 3000)
  }))
  default  = []
  nullable = false
}

variable "policy_statements" {
  description = "Further statements of the bucket policy, each a JSON text."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "name" {
  description = "Full name of the bucket."
  type        = string
}

variable "account_id" {
  description = "AWS account whose buckets may log."
  type        = string
}

variable "source_prefix" {
  description = "What the names of the buckets that may log begin with."
  type        = string
}

variable "retention_in_days" {
  description = "How long access logs are kept."
  type        = number
}

variable "force_destroy" {
  description = "Whether destroying the bucket destroys its logs."
  type        = bool
}

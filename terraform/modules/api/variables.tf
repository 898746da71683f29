variable "name_prefix" {
  description = "Prefix of every name: <project>-<environment>."
  type        = string
  nullable    = false
}

variable "region" {
  description = "AWS region of the APIs and load balancers."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "AWS account of the environment, 12 digits."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id has 12 digits; got \"${var.account_id}\"."
  }
}

variable "logs_kms_key_arn" {
  description = "KMS key that encrypts the access logs in CloudWatch."
  type        = string
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of every role. Null: no boundary."
  type        = string
  default     = null
}

variable "vpc_id" {
  description = "VPC of the load balancers and of the service mesh. Null: an environment without a network."
  type        = string
  default     = null
}

variable "vpc_cidr" {
  description = "IPv4 range of the VPC."
  type        = string
  default     = null
}

variable "public_subnet_ids" {
  description = "Subnets of internet-facing load balancers, one a zone."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "private_subnet_ids" {
  description = "Subnets of internal load balancers and VPC links, one a zone."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "user_pool_arn" {
  description = "Cognito user pool that the REST API's authorizer asks. Null: an environment without one."
  type        = string
  default     = null
}

variable "user_pool_issuer" {
  description = "Issuer of the Cognito user pool's tokens, an https URL. Null: an environment without one."
  type        = string
  default     = null
}

variable "user_pool_client_ids" {
  description = "Client ids of the Cognito user pool, by the client's name."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "web_acl_enabled" {
  description = "Whether the security layer has a regional web ACL. Known when planning."
  type        = bool
  default     = false
  nullable    = false
}

variable "regional_web_acl_arn" {
  description = "WAF web ACL that guards the load balancer and the REST API."
  type        = string
  default     = null
}

variable "shield_enabled" {
  description = "Whether the account has subscribed to Shield Advanced. Known when planning."
  type        = bool
  default     = false
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether load balancers refuse to be deleted, and log buckets and zones keep what they hold."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_retention_in_days" {
  description = "How long access logs are kept in CloudWatch: one of the periods that CloudWatch Logs offers, 0 for ever."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition = contains(
      [0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      var.log_retention_in_days,
    )
    error_message = "CloudWatch Logs keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, … 365, 731, … days, or 0 for ever; got ${var.log_retention_in_days}."
  }
}

variable "name" {
  description = "Full name of the project."
  type        = string
}

variable "log_group_name" {
  description = "Name of the log group that its builds write to."
  type        = string
}

variable "settings" {
  description = "The project as the layer's variable projects describes it."
  type = object({
    description = string
    buildspec   = string
    source = object({
      type     = string
      location = string
      version  = string
    })
    image                  = string
    architecture           = string
    compute_type           = string
    privileged             = bool
    environment            = map(string)
    secrets                = map(string)
    parameters             = map(string)
    timeout_minutes        = number
    queued_timeout_minutes = number
    concurrent_builds      = number
    cache                  = string
    in_vpc                 = bool
    assume_role_arns       = set(string)
    managed_policy_arns    = set(string)
    policy_statements      = list(string)
  })
}

variable "uses_connection" {
  description = "Whether the source is read through connection_arn."
  type        = bool
}

variable "connection_arn" {
  description = "Connection that the source is read through."
  type        = string
  default     = null
}

variable "push_images_of" {
  description = "Services whose repository, in repository_arns, the builds push to."
  type        = set(string)
}

variable "publishes" {
  description = "Services whose function the builds give new versions."
  type        = set(string)
}

variable "prepares" {
  description = "Services whose task definition the builds read."
  type        = set(string)
}

variable "function_prefix" {
  description = "What the names of services' functions begin with."
  type        = string
}

variable "repository_arns" {
  description = "ARN of each service's ECR repository."
  type        = map(string)
}

variable "bucket" {
  description = "Bucket of artifacts and caches: its name and ARN."
  type = object({
    name = string
    arn  = string
  })
}

variable "kms_key_arn" {
  description = "KMS key of artifacts and builds' output."
  type        = string
}

variable "logs_kms_key_arn" {
  description = "KMS key of the log group."
  type        = string
}

variable "secrets_kms_key_arn" {
  description = "KMS key of the secrets that the project names."
  type        = string
}

variable "log_retention_in_days" {
  description = "How long logs are kept."
  type        = number
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the role."
  type        = string
}

variable "vpc" {
  description = "Where builds with in_vpc run."
  type = object({
    id                 = string
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null
}

variable "account" {
  description = "Partition, region and account id of the project."
  type = object({
    partition = string
    region    = string
    id        = string
  })
}

variable "name" {
  description = "Full name of the role."
  type        = string

  validation {
    condition     = length(var.name) <= 64
    error_message = "A role's name has at most 64 characters; ${var.name} has ${length(var.name)}."
  }
}

variable "description" {
  description = "What it is for."
  type        = string
}

variable "account" {
  description = "Where it is: partition, region and id of the account."
  type        = object({ partition = string, region = string, id = string })
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the role. Null: none."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the layer."
  type        = string
}

variable "other_kms_key_arns" {
  description = "Keys of what else it reads and writes: buckets of the data layer."
  type        = list(string)
  default     = []
}

variable "read" {
  description = "ARN patterns of the objects that it may read."
  type        = list(string)
  default     = []
}

variable "write" {
  description = "ARN patterns of the objects that it may write."
  type        = list(string)
  default     = []
}

variable "images" {
  description = "URIs of the images that it may pull; those that are not in ECR need no permission."
  type        = list(string)
  default     = []
}

variable "log_groups" {
  description = "Names (or patterns of names) of the log groups that it may write to."
  type        = list(string)
  default     = []
}

variable "create_log_groups" {
  description = "Whether it may create them, too: where SageMaker has one for the whole account."
  type        = bool
  default     = false
}

variable "vpc" {
  description = "Subnets and security groups of the network interfaces that SageMaker makes with this role. Null: none."
  type        = object({ subnet_ids = list(string), security_group_ids = list(string) })
  default     = null
}

variable "policy_documents" {
  description = "Further policies, as JSON."
  type        = list(string)
  default     = []
}

variable "managed_policy_arns" {
  description = "Policies to attach."
  type        = set(string)
  default     = []
}

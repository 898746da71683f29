variable "name_prefix" {
  description = "Prefix of every name: <project>-<environment>."
  type        = string
  nullable    = false
}

variable "region" {
  description = "AWS region of the keys; part of the conditions in their policies."
  type        = string
  nullable    = false
}

variable "replica_region" {
  description = "Region of the keys' replicas. Null or the same as region: there are none."
  type        = string
  default     = null
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

variable "key_administrators" {
  description = "ARNs of IAM roles that may administer every key, but not use it. Empty: administrators by IAM policy."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.key_administrators : can(regex("^arn:[^:]+:iam::[0-9]{12}:(role|user)/", arn))])
    error_message = "key_administrators takes ARNs of IAM roles or users (arn:aws:iam::123456789012:role/name)."
  }
}

variable "kms_keys" {
  description = <<-EOT
    Keys by purpose. The default purposes are those that the platform's layers need; an entry of the
    same name changes that purpose's settings, another name adds a key.
      via_services: AWS services through which principals of this account may use the key (kms:ViaService),
        as in "s3" or "dynamodb"; IAM decides who.
      service_principals: AWS services that use the key on their own behalf, for this account only.
      users: ARNs of IAM roles that may use the key directly.
      auto_scaling: whether Auto Scaling may start instances whose volumes are encrypted with the key.
      replica: a multi-Region key with a replica in the environment's replica_region, for data that is copied there. A key
        is born multi-Region or not: to change it replaces the key, and what it encrypted has to be encrypted anew.
  EOT
  type = map(object({
    description             = optional(string)
    deletion_window_in_days = optional(number)
    rotation_period_in_days = optional(number, 365)
    via_services            = optional(set(string), [])
    service_principals      = optional(set(string), [])
    cloudwatch_logs         = optional(bool, false)
    auto_scaling            = optional(bool, false)
    users                   = optional(set(string), [])
    replica                 = optional(bool, false)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = !anytrue([for key in values(var.kms_keys) : key.replica]) || (var.replica_region != null && var.replica_region != var.region)
    error_message = "kms_keys: replica needs the environment's replica_region, another region than ${var.region}."
  }

  validation {
    condition     = alltrue([for purpose in keys(var.kms_keys) : can(regex("^[a-z][a-z0-9-]{0,30}$", purpose))])
    error_message = "A purpose is a lower-case word such as \"data\"; got ${join(", ", keys(var.kms_keys))}."
  }

  validation {
    condition = alltrue([
      for key in values(var.kms_keys) :
      key.deletion_window_in_days == null ? true : key.deletion_window_in_days >= 7 && key.deletion_window_in_days <= 30
    ])
    error_message = "deletion_window_in_days lies between 7 and 30."
  }

  validation {
    condition = alltrue([
      for key in values(var.kms_keys) : key.rotation_period_in_days >= 90 && key.rotation_period_in_days <= 2560
    ])
    error_message = "rotation_period_in_days lies between 90 and 2560."
  }

  validation {
    condition = alltrue([
      for service in flatten([for key in values(var.kms_keys) : concat(tolist(key.via_services), tolist(key.service_principals))]) :
      can(regex("^[a-z0-9-]+$", service))
    ])
    error_message = "Services are named by their first label, as in \"s3\" or \"secretsmanager\", not \"s3.amazonaws.com\"."
  }
}

variable "deletion_window_in_days" {
  description = "How long a key that is scheduled for deletion can be brought back, 7 to 30 days."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.deletion_window_in_days >= 7 && var.deletion_window_in_days <= 30
    error_message = "deletion_window_in_days lies between 7 and 30."
  }
}

variable "kms_grants" {
  description = <<-EOT
    Grants by name: a principal (ARN of a role) that may use a purpose's key for some operations, as long as the grant exists.
      operations: as in Decrypt, GenerateDataKey. encryption_context_equals or encryption_context_subset narrow the use.
  EOT
  type = map(object({
    purpose                   = string
    grantee_principal         = string
    retiring_principal        = optional(string)
    operations                = set(string)
    encryption_context_equals = optional(map(string))
    encryption_context_subset = optional(map(string))
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for grant in values(var.kms_grants) : contains(local.purposes, grant.purpose)])
    error_message = "kms_grants: purpose is one of ${join(", ", local.purposes)}."
  }

  validation {
    condition     = alltrue([for grant in values(var.kms_grants) : can(regex("^arn:[^:]+:iam::[0-9]{12}:(role|user)/", grant.grantee_principal))])
    error_message = "kms_grants: grantee_principal is the ARN of an IAM role or user."
  }

  validation {
    condition = alltrue(flatten([
      for grant in values(var.kms_grants) : [
        for operation in grant.operations : contains(["CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo", "RetireGrant"], operation)
      ]
    ]))
    error_message = "kms_grants: operations are those of a symmetric key, as in Decrypt, Encrypt, GenerateDataKey, ReEncryptFrom, ReEncryptTo, DescribeKey, CreateGrant or RetireGrant."
  }

  validation {
    condition     = alltrue([for grant in values(var.kms_grants) : grant.encryption_context_equals == null || grant.encryption_context_subset == null])
    error_message = "kms_grants: a grant has encryption_context_equals or encryption_context_subset, not both."
  }
}

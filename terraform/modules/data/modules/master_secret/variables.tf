variable "name" {
  description = "Full name of the database; the secret is <name>-master."
  type        = string
}

variable "username" {
  description = "Name of the master user."
  type        = string
}

variable "password_version" {
  description = "A greater number makes a new password."
  type        = number
}

variable "kms_key_arn" {
  description = "KMS key of the secret."
  type        = string
}

variable "recovery_window_in_days" {
  description = "How long a deleted secret can be brought back: 0, or 7 to 30 days."
  type        = number
}

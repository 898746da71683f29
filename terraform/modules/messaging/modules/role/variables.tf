variable "name" {
  description = "Name of the role."
  type        = string
}

variable "description" {
  description = "What the role lets whom do."
  type        = string
}

variable "service" {
  description = "AWS service that takes the role, as in \"states\"."
  type        = string
}

variable "source_arns" {
  description = "What the service takes the role for, as ARN patterns."
  type        = list(string)
}

variable "account_id" {
  description = "AWS account."
  type        = string
}

variable "region" {
  description = "AWS region."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "Permission boundary of the role."
  type        = string
  default     = null
}

variable "kms_key_arn" {
  description = "Key of queues, topics and buses; its use is granted through the services that the grants name."
  type        = string
}

variable "data_kms_key_arn" {
  description = "Key of tables and streams. Null: none is granted."
  type        = string
  default     = null
}

variable "encryption_context" {
  description = "Encryption contexts that the role uses kms_key_arn with by itself: key of the context → ARN patterns."
  type        = map(list(string))
  default     = {}
}

variable "grants" {
  description = "What the role may do, as lists of ARNs."
  type = object({
    send_queues             = optional(list(string), [])
    receive_queues          = optional(list(string), [])
    publish_topics          = optional(list(string), [])
    invoke_functions        = optional(list(string), [])
    start_state_machines    = optional(list(string), [])
    run_express_machines    = optional(list(string), [])
    put_events              = optional(list(string), [])
    invoke_api_destinations = optional(list(string), [])
    read_tables             = optional(list(string), [])
    write_tables            = optional(list(string), [])
    read_table_streams      = optional(list(string), [])
    read_streams            = optional(list(string), [])
    put_streams             = optional(list(string), [])
    write_log_groups        = optional(list(string), [])
  })
  default = {}
}

variable "policy_documents" {
  description = "Further policies, as JSON texts, that join the role's own."
  type        = list(string)
  default     = []
}

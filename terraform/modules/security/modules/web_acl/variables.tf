variable "name" {
  description = "Name of the web ACL, and prefix of what belongs to it."
  type        = string
}

variable "scope" {
  description = "REGIONAL, or CLOUDFRONT with a provider of us-east-1."
  type        = string
}

variable "default_action" {
  description = "What happens to a request that no rule ends: allow or block."
  type        = string
}

variable "ip_sets" {
  description = "Addresses by name; action is allow, block or count."
  type        = map(object({ action = string, addresses = set(string) }))
}

variable "allowed_countries" {
  description = "Countries that requests may come from; empty: from anywhere."
  type        = set(string)
}

variable "blocked_countries" {
  description = "Countries that requests may not come from."
  type        = set(string)
}

variable "rate_limits" {
  description = "Rate limits by name, as in the layer's web_acls."
  type = map(object({
    limit          = number
    window_seconds = number
    action         = string
    aggregate_by   = string
    path_prefix    = string
  }))
}

variable "managed_rule_groups" {
  description = "Managed rule groups by name, as in the layer's web_acls, with the platform's own already joined."
  type = map(object({
    vendor                       = string
    version                      = string
    priority                     = number
    count_only                   = bool
    rule_overrides               = map(string)
    bot_control_inspection_level = string
    account_takeover = object({
      login_path     = string
      username_field = string
      password_field = string
    })
  }))
}

variable "body_inspection_kb" {
  description = "How much of a body is inspected, by resource type."
  type        = map(string)
}

variable "log_retention_in_days" {
  description = "How long log events are kept."
  type        = number
}

variable "logged_actions" {
  description = "Actions whose requests are logged; empty: all."
  type        = set(string)
}

variable "redacted_headers" {
  description = "Headers that the log does not show."
  type        = set(string)
}

variable "redact_query_string" {
  description = "Whether the log hides query strings."
  type        = bool
}

variable "logs_kms_key_arn" {
  description = "KMS key of the log group, in the web ACL's region."
  type        = string
}

variable "region" {
  description = "Region of the web ACL."
  type        = string
}

variable "account_id" {
  description = "AWS account."
  type        = string
}

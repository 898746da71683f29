variable "traces" {
  description = <<-EOT
    X-Ray. Null: left as it is.
      encryption: whether traces are encrypted with the logs key. It is one setting of account and region.
      service_groups: whether each service gets a group of its traces.
      groups: further groups by name: filter_expression, insights, and whether EventBridge is told of them.
      sampling_rules: by name, at most 32 characters with the name prefix; the lowest priority (1 to 9999) counts.
        reservoir: traces a second before rate (0 to 1, the share of the rest) counts.
  EOT
  type = object({
    encryption     = optional(bool, true)
    service_groups = optional(bool, true)
    groups = optional(map(object({
      filter_expression = string
      insights          = optional(bool, true)
      notifications     = optional(bool, true)
    })), {})
    sampling_rules = optional(map(object({
      priority     = number
      reservoir    = optional(number, 1)
      rate         = number
      service_name = optional(string, "*")
      service_type = optional(string, "*")
      host         = optional(string, "*")
      method       = optional(string, "*")
      path         = optional(string, "*")
      resource_arn = optional(string, "*")
      attributes   = optional(map(string), {})
    })), {})
  })
  default = null

  validation {
    condition     = var.traces == null ? true : alltrue([for rule in values(var.traces.sampling_rules) : rule.rate >= 0 && rule.rate <= 1])
    error_message = "The rate of a sampling rule lies between 0 and 1; got ${join(", ", try([for name, rule in var.traces.sampling_rules : "${name}: ${rule.rate}"], []))}."
  }

  validation {
    condition     = var.traces == null ? true : alltrue([for rule in values(var.traces.sampling_rules) : rule.priority >= 1 && rule.priority <= 9999])
    error_message = "The priority of a sampling rule lies between 1 and 9999; got ${join(", ", try([for name, rule in var.traces.sampling_rules : "${name}: ${rule.priority}"], []))}."
  }

  validation {
    condition     = var.traces == null ? true : alltrue([for name in concat(keys(var.traces.groups), keys(var.traces.sampling_rules)) : length("${var.name_prefix}-${name}") <= 32])
    error_message = "Names of groups and sampling rules have at most 32 characters together with the prefix ${var.name_prefix}-; got ${join(", ", try(concat(keys(var.traces.groups), keys(var.traces.sampling_rules)), []))}."
  }

  validation {
    condition     = var.traces == null ? true : alltrue([for group in values(var.traces.groups) : group.insights || !group.notifications])
    error_message = "notifications of a group are about its insights: they need insights: true."
  }
}

variable "shield" {
  description = <<-EOT
    Shield Advanced. Null: only Shield Standard, which costs nothing and is always on.
      subscription_acknowledged: must be true. A subscription costs USD 3,000 a month, for at least a year, and can't be
        cancelled before; it covers all accounts of an organization that share a payer.
      create_subscription: false where the account is subscribed already.
      auto_renew: whether a further year begins by itself.
      protections: by name; resource_arn is a distribution, a hosted zone, an Elastic IP, an accelerator or a load balancer
        (those of the api layer are protected there). health_check_arns are of Route 53: they make detection
        quicker, and proactive engagement needs them. automatic_response (block or count) writes WAF rules during an attack
        on a distribution or Application Load Balancer that has a web ACL.
      protection_groups: by name; pattern ALL, BY_RESOURCE_TYPE (with resource_type) or ARBITRARY (with the protections
        that are members), aggregation SUM, MEAN or MAX.
      response_team_access: lets AWS's response team read and change the protections during an attack, with a role that the
        auth layer makes, below its boundary.
      proactive_engagement: AWS calls these contacts when a health check fails during an attack; needs Business or Enterprise Support.
  EOT
  type = object({
    subscription_acknowledged = optional(bool, false)
    create_subscription       = optional(bool, true)
    auto_renew                = optional(bool, true)
    protections = optional(map(object({
      resource_arn       = string
      health_check_arns  = optional(set(string), [])
      automatic_response = optional(string)
    })), {})
    protection_groups = optional(map(object({
      pattern       = optional(string, "ALL")
      aggregation   = optional(string, "MAX")
      resource_type = optional(string)
      members       = optional(list(string), [])
    })), {})
    response_team_access = optional(bool, false)
    proactive_engagement = optional(object({
      enabled = optional(bool, true)
      contacts = list(object({
        email_address = string
        phone_number  = string
        notes         = optional(string)
      }))
    }))
  })
  default = null

  validation {
    condition     = try(var.shield.subscription_acknowledged, true)
    error_message = "shield.subscription_acknowledged must be true: Shield Advanced costs USD 3,000 a month for at least a year and can't be cancelled before. Set layers.security.variables.shield.subscription_acknowledged: true, or leave shield out."
  }

  validation {
    condition = alltrue([
      for protection in values(try(var.shield.protections, {})) :
      can(regex("^arn:[^:]+:(cloudfront::[0-9]{12}:distribution/|route53:::hostedzone/|ec2:[^:]+:[0-9]{12}:eip-allocation/|globalaccelerator::[0-9]{12}:accelerator/|elasticloadbalancing:[^:]+:[0-9]{12}:loadbalancer/)", protection.resource_arn))
    ])
    error_message = "shield.protections: resource_arn is the ARN of a CloudFront distribution, Route 53 hosted zone, Elastic IP (eip-allocation), Global Accelerator or load balancer."
  }

  validation {
    condition = alltrue([
      for protection in values(try(var.shield.protections, {})) :
      protection.automatic_response == null ? true : contains(["block", "count"], protection.automatic_response)
    ])
    error_message = "shield.protections: automatic_response is block or count."
  }

  validation {
    condition = alltrue([
      for group in values(try(var.shield.protection_groups, {})) :
      contains(["ALL", "BY_RESOURCE_TYPE", "ARBITRARY"], group.pattern) && contains(["SUM", "MEAN", "MAX"], group.aggregation)
    ])
    error_message = "shield.protection_groups: pattern is ALL, BY_RESOURCE_TYPE or ARBITRARY, aggregation SUM, MEAN or MAX."
  }

  validation {
    condition = alltrue([
      for group in values(try(var.shield.protection_groups, {})) :
      (group.pattern == "BY_RESOURCE_TYPE") == (group.resource_type != null) && (group.pattern == "ARBITRARY") == (length(group.members) > 0)
    ])
    error_message = "shield.protection_groups: resource_type goes with BY_RESOURCE_TYPE, members with ARBITRARY, and neither with ALL."
  }

  validation {
    condition = alltrue(flatten([
      for group in values(try(var.shield.protection_groups, {})) : [
        for member in group.members : contains(keys(var.shield.protections), member)
      ]
    ]))
    error_message = "shield.protection_groups: members are names of shield.protections."
  }

  validation {
    condition     = try(length(var.shield.proactive_engagement.contacts) >= 1 && length(var.shield.proactive_engagement.contacts) <= 10, true)
    error_message = "shield.proactive_engagement has one to ten contacts."
  }

  validation {
    condition     = try(!var.shield.proactive_engagement.enabled || var.shield.response_team_access, true)
    error_message = "shield.proactive_engagement needs shield.response_team_access: true, for the team that calls must be able to look."
  }
}

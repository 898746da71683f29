variable "web_acls" {
  description = <<-EOT
    Web ACLs: "regional", which the api layer puts before its load balancer and REST API, "user_pool", which the auth
    layer puts before its user pool, and "cloudfront", made in us-east-1. Leave one out and it is not made.
      default_action: allow (rules block) or block (only what ip_sets allow).
      ip_sets: CIDR ranges, IPv4 and IPv6, by name. "allow" ends the evaluation: no other rule sees the request.
      allowed_countries, blocked_countries: ISO 3166 codes of two letters. With allowed_countries all others are blocked.
      rate_limits: requests of one address within window_seconds (60, 120, 300 or 600), beyond which action
        follows: block (429), count, captcha or challenge. aggregate_by is ip, or forwarded_ip (X-Forwarded-For)
        behind a proxy. path_prefix narrows the limit.
      managed_rule_groups: by name, laid over the platform's own (IP reputation, common, known bad inputs, SQL).
        rule_overrides gives a rule of the group another action: allow, block, count, captcha or challenge.
        count_only watches the whole group without blocking; enabled: false leaves it out. Lower priority is
        evaluated earlier. bot_control_inspection_level (COMMON, TARGETED) belongs to AWSManagedRulesBotControlRuleSet,
        account_takeover (a login of JSON, fields as JSON pointers) to AWSManagedRulesATPRuleSet; AWS charges for both by request.
      body_inspection_kb: KB_16, KB_32, KB_48 or KB_64 by api_gateway, cloudfront or cognito_user_pool; AWS inspects 16 KB.
      logging: redacted_headers and redact_query_string hide fields; logged_actions keeps these only, as in [BLOCK, COUNT].
  EOT
  type = map(object({
    default_action = optional(string, "allow")
    ip_sets = optional(map(object({
      action    = string
      addresses = set(string)
    })), {})
    allowed_countries = optional(set(string), [])
    blocked_countries = optional(set(string), [])
    rate_limits = optional(map(object({
      limit          = number
      window_seconds = optional(number, 300)
      action         = optional(string, "block")
      aggregate_by   = optional(string, "ip")
      path_prefix    = optional(string)
    })), { per-address = { limit = 2000 } })
    managed_rule_groups = optional(map(object({
      enabled                      = optional(bool, true)
      vendor                       = optional(string, "AWS")
      version                      = optional(string)
      priority                     = optional(number)
      count_only                   = optional(bool, false)
      rule_overrides               = optional(map(string), {})
      bot_control_inspection_level = optional(string)
      account_takeover = optional(object({
        login_path     = string
        username_field = optional(string, "/username")
        password_field = optional(string, "/password")
      }))
    })), {})
    body_inspection_kb = optional(map(string), {})
    logging = optional(object({
      retention_in_days   = optional(number, 365)
      redacted_headers    = optional(set(string), ["authorization", "cookie", "x-api-key"])
      redact_query_string = optional(bool, false)
      logged_actions      = optional(set(string), [])
    }), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for scope in keys(var.web_acls) : contains(["regional", "user_pool", "cloudfront"], scope)])
    error_message = "web_acls has the entries regional, user_pool and cloudfront; got ${join(", ", keys(var.web_acls))}."
  }

  validation {
    condition     = length(setintersection(keys(try(var.web_acls.user_pool.managed_rule_groups, {})), ["AWSManagedRulesACFPRuleSet", "AWSManagedRulesATPRuleSet"])) == 0
    error_message = "web_acls: AWS refuses a user pool the groups AWSManagedRulesATPRuleSet and AWSManagedRulesACFPRuleSet; have them in regional or cloudfront."
  }

  validation {
    condition     = alltrue([for acl in values(var.web_acls) : contains(["allow", "block"], acl.default_action)])
    error_message = "web_acls: default_action is allow or block."
  }

  validation {
    condition = alltrue(flatten([
      for acl in values(var.web_acls) : [
        for name in concat(keys(acl.ip_sets), keys(acl.rate_limits), keys(acl.managed_rule_groups)) : can(regex("^[a-zA-Z0-9_-]{1,60}$", name))
      ]
    ]))
    error_message = "web_acls: names of ip_sets, rate_limits and managed_rule_groups have letters, digits, hyphens and underscores."
  }

  validation {
    condition = alltrue(flatten([
      for acl in values(var.web_acls) : [
        for set in values(acl.ip_sets) : contains(["allow", "block", "count"], set.action) && length(set.addresses) > 0
      ]
    ]))
    error_message = "web_acls: an IP set has addresses, and the action allow, block or count."
  }

  validation {
    condition = alltrue(flatten([
      for acl in values(var.web_acls) : [
        for set in values(acl.ip_sets) : [
          for address in set.addresses : can(cidrhost(address, 0)) && !endswith(address, "/0")
        ]
      ]
    ]))
    error_message = "web_acls: addresses are CIDR ranges such as 203.0.113.0/24 or 2001:db8::/48, one address with /32 or /128; WAF takes no /0."
  }

  validation {
    condition = alltrue(flatten([
      for acl in values(var.web_acls) : [
        for country in setunion(acl.allowed_countries, acl.blocked_countries) : can(regex("^[A-Z]{2}$", country))
      ]
    ]))
    error_message = "web_acls: countries are ISO 3166 codes of two capital letters, as in DE."
  }

  validation {
    condition = alltrue(flatten([
      for acl in values(var.web_acls) : [
        for limit in values(acl.rate_limits) :
        limit.limit >= 10 && limit.limit <= 2000000000 && contains([60, 120, 300, 600], limit.window_seconds)
      ]
    ]))
    error_message = "web_acls: a rate limit lies between 10 and 2,000,000,000 requests in 60, 120, 300 or 600 seconds."
  }

  validation {
    condition = alltrue(flatten([
      for acl in values(var.web_acls) : [
        for limit in values(acl.rate_limits) :
        contains(["block", "count", "captcha", "challenge"], limit.action) && contains(["ip", "forwarded_ip"], limit.aggregate_by)
      ]
    ]))
    error_message = "web_acls: a rate limit's action is block, count, captcha or challenge; aggregate_by is ip or forwarded_ip."
  }

  validation {
    condition = alltrue(flatten([
      for acl in values(var.web_acls) : [
        for limit in values(acl.rate_limits) : limit.path_prefix == null ? true : startswith(limit.path_prefix, "/")
      ]
    ]))
    error_message = "web_acls: path_prefix begins with a slash."
  }

  validation {
    condition = alltrue(flatten([
      for acl in values(var.web_acls) : [
        for group in values(acl.managed_rule_groups) : [
          for action in values(group.rule_overrides) : contains(["allow", "block", "count", "captcha", "challenge"], action)
        ]
      ]
    ]))
    error_message = "web_acls: rule_overrides gives rules the action allow, block, count, captcha or challenge."
  }

  validation {
    condition = alltrue(flatten([
      for acl in values(var.web_acls) : [
        for name, group in acl.managed_rule_groups : [
          group.bot_control_inspection_level == null ? true : contains(["COMMON", "TARGETED"], group.bot_control_inspection_level),
          !group.enabled || (name == "AWSManagedRulesBotControlRuleSet") == (group.bot_control_inspection_level != null),
          !group.enabled || (name == "AWSManagedRulesATPRuleSet") == (group.account_takeover != null),
        ]
      ]
    ]))
    error_message = "web_acls: AWSManagedRulesBotControlRuleSet needs bot_control_inspection_level (COMMON or TARGETED), AWSManagedRulesATPRuleSet account_takeover, and no other group takes them."
  }

  validation {
    condition = alltrue(flatten([
      for acl in values(var.web_acls) : [
        for where, size in acl.body_inspection_kb :
        contains(["api_gateway", "cloudfront", "cognito_user_pool"], where) && contains(["KB_16", "KB_32", "KB_48", "KB_64"], size)
      ]
    ]))
    error_message = "web_acls: body_inspection_kb gives api_gateway, cloudfront or cognito_user_pool one of KB_16, KB_32, KB_48, KB_64."
  }

  validation {
    condition = alltrue(flatten([
      for acl in values(var.web_acls) : [
        for action in acl.logging.logged_actions : contains(["ALLOW", "BLOCK", "COUNT", "CAPTCHA", "CHALLENGE", "EXCLUDED_AS_COUNT"], action)
      ]
    ]))
    error_message = "web_acls: logged_actions are ALLOW, BLOCK, COUNT, CAPTCHA, CHALLENGE, EXCLUDED_AS_COUNT."
  }
}

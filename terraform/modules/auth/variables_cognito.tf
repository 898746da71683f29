variable "user_pool" {
  description = <<-EOT
    The user pool. Null: none.
      mfa: "required", "optional" (each user decides) or "off"; by an authenticator app.
      sms: text messages as a further way, off unless given ({}); region: another one, where SNS sends them.
      self_sign_up: whether people may create their own accounts.
      password: length, and how many old passwords can't come back (needs threat_protection).
      threat_protection: "enforced", "audit" or "off"; anything but off needs the feature plan Plus, billed by the user.
      trusted_cidrs, blocked_cidrs: ranges that threat protection never, or always, refuses.
      account_takeover: what happens to a risky sign-in of each level ("allow", "mfa_if_configured", "mfa", "block").
      email: an SES identity that sends (source_arn, from), replies, configuration set; without it Cognito sends at most 50 mails a day.
      custom_attributes: by name; they can't be changed or removed later.
      deletion_protection: whether the pool, and every account in it, is safe from deletion.
  EOT
  type = object({
    mfa          = optional(string, "required")
    self_sign_up = optional(bool, false)
    sms = optional(object({
      region = optional(string)
    }))
    threat_protection = optional(string, "enforced")
    trusted_cidrs     = optional(set(string), [])
    blocked_cidrs     = optional(set(string), [])
    password = optional(object({
      minimum_length           = optional(number, 14)
      history_size             = optional(number, 12)
      temporary_validity_days  = optional(number, 3)
      require_character_groups = optional(bool, true)
    }), {})
    account_takeover = optional(object({
      low        = optional(string, "allow")
      medium     = optional(string, "mfa")
      high       = optional(string, "block")
      source_arn = string
      from       = optional(string)
    }))
    email = optional(object({
      source_arn        = string
      from              = string
      reply_to          = optional(string)
      configuration_set = optional(string)
    }))
    custom_attributes = optional(map(object({
      type       = optional(string, "String")
      mutable    = optional(bool, true)
      max_length = optional(number, 256)
    })), {})
    deletion_protection = optional(bool, true)
  })
  default = null

  validation {
    condition     = var.user_pool == null ? true : contains(["required", "optional", "off"], var.user_pool.mfa)
    error_message = "user_pool.mfa is required, optional or off; got \"${try(var.user_pool.mfa, "")}\"."
  }

  validation {
    condition     = var.user_pool == null ? true : contains(["enforced", "audit", "off"], var.user_pool.threat_protection)
    error_message = "user_pool.threat_protection is enforced, audit or off; got \"${try(var.user_pool.threat_protection, "")}\"."
  }

  validation {
    condition = var.user_pool == null ? true : (
      var.user_pool.password.minimum_length >= 12 && var.user_pool.password.minimum_length <= 99
    )
    error_message = "user_pool.password.minimum_length lies between 12 and 99."
  }

  validation {
    condition     = try(var.user_pool.sms, null) == null ? true : var.user_pool.mfa != "off"
    error_message = "user_pool.sms is a way of the second factor: mfa is required or optional."
  }

  validation {
    condition     = var.user_pool == null ? true : var.user_pool.password.temporary_validity_days >= 1 && var.user_pool.password.temporary_validity_days <= 365
    error_message = "user_pool.password.temporary_validity_days lies between 1 and 365."
  }

  validation {
    condition = var.user_pool == null ? true : (
      var.user_pool.password.history_size >= 0 && var.user_pool.password.history_size <= 24
    )
    error_message = "user_pool.password.history_size lies between 0 and 24."
  }

  validation {
    condition = try(var.user_pool.account_takeover, null) == null ? true : alltrue([
      for level in [var.user_pool.account_takeover.low, var.user_pool.account_takeover.medium, var.user_pool.account_takeover.high] :
      contains(["allow", "mfa_if_configured", "mfa", "block"], level)
    ])
    error_message = "user_pool.account_takeover's levels are allow, mfa_if_configured, mfa or block."
  }

  validation {
    condition = try(var.user_pool.account_takeover, null) == null ? true : (
      var.user_pool.threat_protection == "enforced"
    )
    error_message = "user_pool.account_takeover needs threat_protection: enforced."
  }

  validation {
    condition = var.user_pool == null ? true : alltrue([
      for cidr in concat(tolist(var.user_pool.trusted_cidrs), tolist(var.user_pool.blocked_cidrs)) : can(cidrhost(cidr, 0))
    ])
    error_message = "user_pool.trusted_cidrs and blocked_cidrs are ranges such as 192.0.2.0/24."
  }

  validation {
    condition = var.user_pool == null ? true : alltrue([
      for attribute in values(var.user_pool.custom_attributes) : contains(["String", "Number", "Boolean", "DateTime"], attribute.type)
    ])
    error_message = "A custom attribute's type is String, Number, Boolean or DateTime."
  }
}

variable "user_pool_domain" {
  description = <<-EOT
    Where the sign-in pages are: a prefix below amazoncognito.com, or a domain of your own with a certificate in us-east-1.
    Null: no pages, and no OAuth endpoints.
  EOT
  type = object({
    domain          = string
    certificate_arn = optional(string)
  })
  default = null

  validation {
    condition = try(var.user_pool_domain.certificate_arn, null) != null || var.user_pool_domain == null ? true : (
      can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.user_pool_domain.domain)) &&
      !can(regex("aws|amazon|cognito", var.user_pool_domain.domain))
    )
    error_message = "A prefix has lower-case letters, digits and hyphens, without the words aws, amazon or cognito; a domain of your own needs certificate_arn. Got \"${try(var.user_pool_domain.domain, "")}\"."
  }

  validation {
    condition     = try(var.user_pool_domain.certificate_arn, null) == null ? true : can(regex("^arn:[^:]+:acm:us-east-1:", var.user_pool_domain.certificate_arn))
    error_message = "The certificate of a domain of your own lies in us-east-1."
  }

  validation {
    condition     = var.user_pool_domain == null ? true : var.user_pool != null
    error_message = "user_pool_domain needs user_pool."
  }
}

variable "resource_servers" {
  description = "APIs that tokens are for, by name: scope → what it allows. A client asks for <name>/<scope>."
  type        = map(map(string))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for scopes in values(var.resource_servers) : length(scopes) > 0])
    error_message = "A resource server has at least one scope."
  }

  validation {
    condition     = length(var.resource_servers) == 0 || var.user_pool != null
    error_message = "resource_servers need user_pool."
  }
}

variable "clients" {
  description = <<-EOT
    Applications that people or machines sign in with, by name.
      kind: "browser" (no secret, code flow with PKCE), "server" (code flow with a secret) or "machine" (client credentials).
      callback_urls, logout_urls: HTTPS, or http://localhost; not for machines.
      scopes: of OpenID ("openid", "email", "profile"), or <resource server>/<scope>.
      identity_providers: COGNITO, or names of identity_providers.
      access_token_minutes, id_token_minutes (5 to 1440), refresh_token_hours (1 to 87600).
  EOT
  type = map(object({
    kind                 = optional(string, "browser")
    callback_urls        = optional(list(string), [])
    logout_urls          = optional(list(string), [])
    scopes               = optional(set(string), ["openid", "email", "profile"])
    identity_providers   = optional(set(string), ["COGNITO"])
    access_token_minutes = optional(number, 15)
    id_token_minutes     = optional(number, 15)
    refresh_token_hours  = optional(number, 12)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for client in values(var.clients) : contains(["browser", "server", "machine"], client.kind)])
    error_message = "A client's kind is browser, server or machine; got ${join(", ", [for client in values(var.clients) : client.kind])}."
  }

  validation {
    condition     = alltrue([for client in values(var.clients) : client.kind == "machine" ? length(client.callback_urls) == 0 : length(client.callback_urls) > 0])
    error_message = "Clients of people need callback_urls; machines have none."
  }

  validation {
    condition = alltrue(flatten([
      for client in values(var.clients) : [
        for url in concat(client.callback_urls, client.logout_urls) : can(regex("^(https://|http://localhost([:/]|$)|[a-z][a-z0-9+.-]*://)", url)) && !can(regex("^http://[^l]", url))
      ]
    ]))
    error_message = "callback_urls and logout_urls use https (http only for localhost)."
  }

  validation {
    condition = alltrue(flatten([
      for client in values(var.clients) : [
        for scope in client.scopes :
        contains(["openid", "email", "profile", "phone", "aws.cognito.signin.user.admin"], scope) ? client.kind != "machine" : (
          length(split("/", scope)) == 2 && contains(keys(try(var.resource_servers[split("/", scope)[0]], {})), split("/", scope)[1])
        )
      ]
    ]))
    error_message = "A scope is openid, email, profile or phone (not for machines), or <resource server>/<scope> of resource_servers."
  }

  validation {
    condition = alltrue(flatten([
      for client in values(var.clients) : [for name in client.identity_providers : name == "COGNITO" || contains(keys(var.identity_providers), name)]
    ]))
    error_message = "identity_providers of a client are COGNITO or names of identity_providers."
  }

  validation {
    condition = alltrue([
      for client in values(var.clients) : alltrue([for minutes in [client.access_token_minutes, client.id_token_minutes] : minutes >= 5 && minutes <= 1440]) && client.refresh_token_hours >= 1 && client.refresh_token_hours <= 87600
    ])
    error_message = "Access and ID tokens live 5 to 1440 minutes, refresh tokens 1 to 87600 hours."
  }

  validation {
    condition     = length(var.clients) == 0 || var.user_pool != null
    error_message = "clients need user_pool."
  }
}

variable "groups" {
  description = "Groups of users by name: description, precedence (the lowest wins), and whether members get a role of their own (identity_pool.group_policies)."
  type = map(object({
    description = optional(string, "")
    precedence  = optional(number, 10)
    role        = optional(bool, false)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(var.groups) == 0 || var.user_pool != null
    error_message = "groups need user_pool."
  }
}

variable "identity_providers" {
  description = <<-EOT
    Other places where people sign in, by name: exactly one of oidc and saml, and how their claims become attributes.
    An OIDC provider's client secret is given in oidc_client_secrets.
  EOT
  type = map(object({
    attribute_mapping = optional(map(string), { email = "email" })
    oidc = optional(object({
      issuer    = string
      client_id = string
      scopes    = optional(string, "openid email profile")
    }))
    saml = optional(object({
      metadata_url            = string
      encrypted_assertions    = optional(bool, true)
      idp_initiated           = optional(bool, false)
      sign_requests_algorithm = optional(string, "rsa-sha256")
    }))
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for provider in values(var.identity_providers) : (provider.oidc == null) != (provider.saml == null)])
    error_message = "An identity provider has either oidc or saml."
  }

  validation {
    condition = alltrue([
      for provider in values(var.identity_providers) :
      can(regex("^https://", provider.oidc != null ? provider.oidc.issuer : provider.saml.metadata_url))
    ])
    error_message = "An identity provider's issuer or metadata_url starts with https://."
  }

  validation {
    condition     = alltrue([for name, provider in var.identity_providers : provider.oidc == null ? true : contains(keys(nonsensitive(var.oidc_client_secrets)), name)])
    error_message = "Each OIDC identity provider needs its client secret in oidc_client_secrets."
  }

  validation {
    condition     = length(var.identity_providers) == 0 || var.user_pool != null
    error_message = "identity_providers need user_pool."
  }
}

variable "oidc_client_secrets" {
  description = <<-EOT
    Client secret of each OIDC identity provider, by its name. Cognito takes it as one of the provider's details, which
    Terraform keeps in the state: the state is the place that has to be safe.
  EOT
  type        = map(string)
  default     = {}
  nullable    = false
  sensitive   = true
}

variable "identity_pool" {
  description = <<-EOT
    AWS credentials for signed-in users. Null: none.
      clients: names of clients whose users get them.
      policy_statements: what any signed-in user may do, each statement a JSON text.
      group_policies: the same for members of a group that has a role, by the group's name.
      rules: how claims choose the role of a group, the first that fits: claim, match ("equals", "contains", "starts_with",
        "not_equals"), value, group. None: the token's own groups choose.
      allowed_without_rule: whether a signed-in user to whom no group's role applies gets the common one.
  EOT
  type = object({
    clients           = set(string)
    policy_statements = optional(list(string), [])
    group_policies    = optional(map(list(string)), {})
    rules = optional(list(object({
      claim = string
      match = optional(string, "equals")
      value = string
      group = string
    })), [])
    allowed_without_rule = optional(bool, true)
  })
  default = null

  validation {
    condition     = var.identity_pool == null ? true : length(var.identity_pool.clients) > 0 && alltrue([for name in var.identity_pool.clients : contains(keys(var.clients), name)])
    error_message = "identity_pool.clients names clients of this layer."
  }

  validation {
    condition     = var.identity_pool == null ? true : alltrue([for name in keys(var.identity_pool.group_policies) : contains(keys(var.groups), name)])
    error_message = "identity_pool.group_policies names groups of this layer."
  }

  validation {
    condition     = alltrue([for name, group in var.groups : !group.role || contains(keys(try(var.identity_pool.group_policies, {})), name)])
    error_message = "A group with a role needs its policy in identity_pool.group_policies."
  }

  validation {
    condition = var.identity_pool == null ? true : alltrue([
      for text in concat(var.identity_pool.policy_statements, flatten(values(var.identity_pool.group_policies))) : can(jsondecode(text).Effect)
    ])
    error_message = "Policy statements are JSON texts, each one statement with an Effect."
  }

  validation {
    condition = var.identity_pool == null ? true : alltrue([
      for rule in var.identity_pool.rules : contains(["equals", "contains", "starts_with", "not_equals"], rule.match) && contains(keys(var.identity_pool.group_policies), rule.group)
    ])
    error_message = "A rule of identity_pool matches equals, contains, starts_with or not_equals, and names a group that has a role."
  }

  validation {
    condition     = var.identity_pool == null ? true : length(var.identity_pool.rules) <= 25
    error_message = "identity_pool has at most 25 rules."
  }
}

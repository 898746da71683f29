variable "http_api" {
  description = <<-EOT
    The HTTP API, the front door of routes with `via: http_api`. Null: none.
      cors: which web pages may call it from a browser.
      throttling: requests a second (rate_limit) and at once (burst_limit) for each route.
      route_throttling: the same for single routes, by "METHOD /path".
      jwt: who signs the tokens and whom they are for. Left out: the user pool of the auth layer; `clients` names those of
        its clients that may call (empty: all).
      domain: its own name; `certificate` and `zone` are keys of `certificates` and `zones`, or their ARN and id are given.
      execute_api_endpoint: whether it answers under amazonaws.com too; null: only when it has no domain.
  EOT
  type = object({
    description          = optional(string, "Front door of the services")
    detailed_metrics     = optional(bool, true)
    execute_api_endpoint = optional(bool)
    cors = optional(object({
      allow_origins     = set(string)
      allow_methods     = optional(set(string), ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
      allow_headers     = optional(set(string), ["authorization", "content-type"])
      expose_headers    = optional(set(string), [])
      allow_credentials = optional(bool, false)
      max_age_seconds   = optional(number, 600)
    }))
    throttling = optional(object({
      rate_limit  = optional(number, 1000)
      burst_limit = optional(number, 500)
    }), {})
    route_throttling = optional(map(object({
      rate_limit  = number
      burst_limit = number
    })), {})
    jwt = optional(object({
      issuer   = optional(string)
      audience = optional(set(string))
      clients  = optional(set(string), [])
    }), {})
    domain = optional(object({
      name            = string
      certificate     = optional(string)
      certificate_arn = optional(string)
      zone            = optional(string)
      zone_id         = optional(string)
      base_path       = optional(string, "")
    }))
  })
  default = null

  validation {
    condition = var.http_api != null || alltrue(flatten([
      for service in values(var.services) : [for route in service.routes : route.via != "http_api"]
    ]))
    error_message = "These services have routes via http_api, so the api layer needs the variable http_api (http_api: {} will do): ${join(", ", [for name, service in var.services : name if anytrue([for route in service.routes : route.via == "http_api"])])}."
  }

  validation {
    condition = var.http_api == null ? true : alltrue([
      for key in keys(var.http_api.route_throttling) : contains(flatten([
        for service in values(var.services) : [for route in service.routes : "${route.method} ${route.path}" if route.via == "http_api"]
      ]), key)
    ])
    error_message = "http_api.route_throttling names routes of services as \"METHOD /path\"; not found: ${var.http_api == null ? "" : join(", ", [for key in keys(var.http_api.route_throttling) : key if !contains(flatten([for service in values(var.services) : [for route in service.routes : "${route.method} ${route.path}" if route.via == "http_api"]]), key)])}."
  }

  validation {
    condition     = try(var.http_api.cors.allow_credentials, false) != true || !contains(try(var.http_api.cors.allow_origins, []), "*")
    error_message = "http_api.cors: a browser refuses credentials together with the origin \"*\"; name the origins."
  }

  validation {
    condition     = try(var.http_api.jwt.issuer, null) == null ? true : startswith(var.http_api.jwt.issuer, "https://") && length(coalesce(var.http_api.jwt.audience, [])) > 0
    error_message = "http_api.jwt: an issuer of your own is an https URL, and audience says whom its tokens are for."
  }

  validation {
    condition     = try(var.http_api.domain, null) == null ? true : length([for given in [var.http_api.domain.certificate, var.http_api.domain.certificate_arn] : given if given != null]) == 1
    error_message = "http_api.domain needs a certificate: `certificate` names one of certificates, or `certificate_arn` gives one; not both."
  }

  validation {
    condition     = try(var.http_api.domain.certificate, null) == null ? true : contains(keys(var.certificates), var.http_api.domain.certificate)
    error_message = "http_api.domain.certificate names an entry of certificates; there are: ${join(", ", keys(var.certificates))}."
  }

  validation {
    condition     = try(var.http_api.domain.zone, null) == null ? true : contains(keys(var.zones), var.http_api.domain.zone)
    error_message = "http_api.domain.zone names an entry of zones; there are: ${join(", ", keys(var.zones))}."
  }
}

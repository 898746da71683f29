variable "rest_api" {
  description = <<-EOT
    The REST API, the front door of routes with `via: rest_api`: API keys, quotas, request checks and a firewall. Null: none.
      endpoint_type: REGIONAL, or PRIVATE with vpc_endpoint_ids (interface endpoints of execute-api).
      openapi: an OpenAPI 3 text with API Gateway's extensions, instead of what would follow from the services' routes.
      stage_name: the stage, and the first part of its paths under amazonaws.com.
      api_key_required: whether callers of the services' routes need a key of a usage plan.
      usage_plans: how much a group of callers may ask: quota of `limit` requests a DAY, WEEK or MONTH; rate_limit requests a
        second, burst_limit at once. A key is made for each name in api_keys.
      throttling, method_throttling: for everybody together; single methods by "METHOD /path".
      cors: which web pages may call it from a browser.
      cache: a cache of answers, `size_gb` 0.5 to 237, ttl_seconds 0 to 3600; billed by the hour.
      cloudwatch_role: whether this environment sets the role with which API Gateway writes logs. It is one for the account and
        region: true in one environment of them.
      domain: its own name; `certificate` and `zone` are keys of `certificates` and `zones`, or their ARN and id are given.
      execute_api_endpoint: whether it answers under amazonaws.com too; null: only when it has no domain.
  EOT
  type = object({
    description              = optional(string, "Front door of the services, with keys and quotas")
    endpoint_type            = optional(string, "REGIONAL")
    vpc_endpoint_ids         = optional(set(string), [])
    openapi                  = optional(string)
    stage_name               = optional(string, "live")
    api_key_required         = optional(bool, false)
    logging_level            = optional(string, "ERROR")
    tracing                  = optional(bool, true)
    minimum_compression_size = optional(number)
    execute_api_endpoint     = optional(bool)
    cloudwatch_role          = optional(bool, true)
    usage_plans = optional(map(object({
      description = optional(string, "")
      rate_limit  = optional(number, 50)
      burst_limit = optional(number, 100)
      quota = optional(object({
        limit  = number
        period = optional(string, "DAY")
      }))
      api_keys = optional(set(string), [])
    })), {})
    throttling = optional(object({
      rate_limit  = optional(number, 1000)
      burst_limit = optional(number, 500)
    }), {})
    method_throttling = optional(map(object({
      rate_limit  = number
      burst_limit = number
    })), {})
    cors = optional(object({
      allow_origin  = string
      allow_headers = optional(set(string), ["authorization", "content-type", "x-api-key"])
    }))
    cache = optional(object({
      size_gb     = optional(string, "0.5")
      ttl_seconds = optional(number, 300)
    }))
    domain = optional(object({
      name            = string
      certificate     = optional(string)
      certificate_arn = optional(string)
      zone            = optional(string)
      zone_id         = optional(string)
      base_path       = optional(string)
    }))
  })
  default = null

  validation {
    condition = var.rest_api != null || alltrue(flatten([
      for service in values(var.services) : [for route in service.routes : route.via != "rest_api"]
    ]))
    error_message = "These services have routes via rest_api, so the api layer needs the variable rest_api (rest_api: {} will do): ${join(", ", [for name, service in var.services : name if anytrue([for route in service.routes : route.via == "rest_api"])])}."
  }

  validation {
    condition = var.rest_api == null ? true : var.rest_api.openapi != null || anytrue(flatten([
      for service in values(var.services) : [for route in service.routes : route.via == "rest_api"]
    ]))
    error_message = "A REST API without a method can't be deployed: give a service a route via rest_api, or rest_api.openapi."
  }

  validation {
    condition     = var.rest_api == null ? true : contains(["REGIONAL", "PRIVATE"], var.rest_api.endpoint_type) && (var.rest_api.endpoint_type == "PRIVATE") == (length(var.rest_api.vpc_endpoint_ids) > 0)
    error_message = "rest_api.endpoint_type is REGIONAL, or PRIVATE with vpc_endpoint_ids; got \"${try(var.rest_api.endpoint_type, "")}\" with ${try(length(var.rest_api.vpc_endpoint_ids), 0)} endpoints."
  }

  validation {
    condition     = try(var.rest_api.openapi, null) == null ? true : try(startswith(jsondecode(var.rest_api.openapi).openapi, "3."), startswith(yamldecode(var.rest_api.openapi).openapi, "3."), false)
    error_message = "rest_api.openapi is an OpenAPI 3 document in JSON or YAML."
  }

  validation {
    condition     = contains(["OFF", "ERROR", "INFO"], try(var.rest_api.logging_level, "ERROR"))
    error_message = "rest_api.logging_level is OFF, ERROR or INFO; got \"${try(var.rest_api.logging_level, "")}\"."
  }

  validation {
    condition     = can(regex("^[A-Za-z0-9_]{1,128}$", try(var.rest_api.stage_name, "live")))
    error_message = "rest_api.stage_name is made of letters, digits and _; got \"${try(var.rest_api.stage_name, "")}\"."
  }

  validation {
    condition     = alltrue([for plan in values(try(var.rest_api.usage_plans, {})) : plan.quota == null ? true : contains(["DAY", "WEEK", "MONTH"], plan.quota.period) && plan.quota.limit >= 1])
    error_message = "rest_api.usage_plans.<name>.quota has a limit of one request or more a DAY, WEEK or MONTH."
  }

  validation {
    condition = var.rest_api == null ? true : var.rest_api.openapi != null || alltrue([
      for key in keys(var.rest_api.method_throttling) : contains(flatten([
        for service in values(var.services) : [for route in service.routes : "${route.method} ${route.path}" if route.via == "rest_api"]
      ]), key)
    ])
    error_message = "rest_api.method_throttling names routes of services as \"METHOD /path\"; not all of these are: ${join(", ", keys(try(var.rest_api.method_throttling, {})))}."
  }

  validation {
    condition     = try(var.rest_api.cache, null) == null ? true : contains(["0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"], var.rest_api.cache.size_gb) && var.rest_api.cache.ttl_seconds >= 0 && var.rest_api.cache.ttl_seconds <= 3600
    error_message = "rest_api.cache: size_gb is 0.5, 1.6, 6.1, 13.5, 28.4, 58.2, 118 or 237; ttl_seconds lies between 0 and 3600."
  }

  validation {
    condition     = try(var.rest_api.domain, null) == null ? true : length([for given in [var.rest_api.domain.certificate, var.rest_api.domain.certificate_arn] : given if given != null]) == 1
    error_message = "rest_api.domain needs a certificate: `certificate` names one of certificates, or `certificate_arn` gives one; not both."
  }

  validation {
    condition     = try(var.rest_api.domain.certificate, null) == null ? true : contains(keys(var.certificates), var.rest_api.domain.certificate)
    error_message = "rest_api.domain.certificate names an entry of certificates; there are: ${join(", ", keys(var.certificates))}."
  }

  validation {
    condition     = try(var.rest_api.domain.zone, null) == null ? true : contains(keys(var.zones), var.rest_api.domain.zone)
    error_message = "rest_api.domain.zone names an entry of zones; there are: ${join(", ", keys(var.zones))}."
  }

  validation {
    condition     = try(var.rest_api.domain, null) == null || try(var.rest_api.endpoint_type, "REGIONAL") == "REGIONAL"
    error_message = "rest_api.domain needs endpoint_type REGIONAL; a private API is reached under its endpoint's names."
  }

  # Its VPC links lead to network load balancers only.
  validation {
    condition = var.rest_api == null || var.nlb != null || alltrue(flatten([
      for service in values(var.services) : [for route in service.routes : route.via != "rest_api" || service.runtime == "lambda"]
    ]))
    error_message = "A REST API reaches containers through a network load balancer in front of alb, so the api layer needs the variable nlb (nlb: {} will do) for: ${join(", ", [for name, service in var.services : "services.${name}" if service.runtime != "lambda" && anytrue([for route in service.routes : route.via == "rest_api"])])}."
  }
}

variable "zones" {
  description = <<-EOT
    Route 53 hosted zones, by a key of your own.
      private: answers inside the VPC only.
  EOT
  type = map(object({
    name    = string
    private = optional(bool, false)
    comment = optional(string, "")
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for zone in values(var.zones) : can(regex("^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?[.])+[a-z0-9-]{2,63}$", zone.name))])
    error_message = "zones.<key>.name is a domain in lower case without a final dot, as in shop.example; got ${join(", ", [for zone in values(var.zones) : "\"${zone.name}\""])}."
  }
}

variable "certificates" {
  description = <<-EOT
    ACM certificates, by a key of your own; AWS renews them.
      zone or zone_id: key of `zones`, or id of a public zone that is made elsewhere, that proves whose domain it is.
  EOT
  type = map(object({
    domain_name               = string
    subject_alternative_names = optional(set(string), [])
    zone                      = optional(string)
    zone_id                   = optional(string)
    key_algorithm             = optional(string, "RSA_2048")
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for certificate in values(var.certificates) : (certificate.zone == null) != (certificate.zone_id == null)])
    error_message = "A certificate is proven in one zone: `zone` (a key of zones) or `zone_id`; not so: ${join(", ", [for key, certificate in var.certificates : "certificates.${key}" if(certificate.zone == null) == (certificate.zone_id == null)])}."
  }

  validation {
    condition     = alltrue([for certificate in values(var.certificates) : certificate.zone == null ? true : try(!var.zones[certificate.zone].private, false)])
    error_message = "certificates.<key>.zone names a public entry of zones; there are: ${join(", ", [for key, zone in var.zones : key if !zone.private])}."
  }

  validation {
    condition     = alltrue([for certificate in values(var.certificates) : contains(["RSA_2048", "EC_prime256v1", "EC_secp384r1"], certificate.key_algorithm)])
    error_message = "certificates.<key>.key_algorithm is RSA_2048, EC_prime256v1 or EC_secp384r1."
  }
}

variable "records" {
  description = <<-EOT
    Route 53 records, by a key of your own, beside those that domains and certificates need.
      zone and name: key of `zones` and name inside it ("" for the zone itself); or zone_id and the whole name.
      target: alb, nlb, http_api or rest_api, or `alias` names something else of AWS; otherwise `values` and ttl_seconds.
      health_check: key of `health_checks`.
      weight, failover (PRIMARY, SECONDARY), latency_region: one of several records of a name; they need a set_identifier.
  EOT
  type = map(object({
    zone        = optional(string)
    zone_id     = optional(string)
    name        = optional(string, "")
    type        = optional(string, "A")
    target      = optional(string)
    values      = optional(list(string), [])
    ttl_seconds = optional(number, 300)
    alias = optional(object({
      name                   = string
      zone_id                = string
      evaluate_target_health = optional(bool, false)
    }))
    health_check   = optional(string)
    set_identifier = optional(string)
    weight         = optional(number)
    failover       = optional(string)
    latency_region = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for record in values(var.records) : (record.zone == null) != (record.zone_id == null)])
    error_message = "A record lies in one zone: `zone` (a key of zones) or `zone_id`; not so: ${join(", ", [for key, record in var.records : "records.${key}" if(record.zone == null) == (record.zone_id == null)])}."
  }

  validation {
    condition     = alltrue([for record in values(var.records) : record.zone == null ? true : contains(keys(var.zones), record.zone)])
    error_message = "records.<key>.zone names an entry of zones; there are: ${join(", ", keys(var.zones))}."
  }

  validation {
    condition     = alltrue([for record in values(var.records) : record.target == null ? true : contains(["alb", "nlb", "http_api", "rest_api"], record.target)])
    error_message = "records.<key>.target is alb, nlb, http_api or rest_api; got ${join(", ", [for key, record in var.records : "\"${record.target}\" for ${key}" if record.target != null])}."
  }

  validation {
    condition     = alltrue([for record in values(var.records) : (record.target == null ? 0 : 1) + (record.alias == null ? 0 : 1) + (length(record.values) > 0 ? 1 : 0) == 1])
    error_message = "A record has one of target, alias and values; not so: ${join(", ", [for key, record in var.records : "records.${key}" if(record.target == null ? 0 : 1) + (record.alias == null ? 0 : 1) + (length(record.values) > 0 ? 1 : 0) != 1])}."
  }

  validation {
    condition = alltrue([
      for record in values(var.records) : record.target == null ? true : lookup({
        alb      = var.alb != null
        nlb      = var.nlb != null
        http_api = try(var.http_api.domain, null) != null
        rest_api = try(var.rest_api.domain, null) != null
      }, record.target, true)
    ])
    error_message = "records.<key>.target names what the environment has: alb and nlb when they are set, http_api and rest_api when they have a domain; got ${join(", ", [for key, record in var.records : "${record.target} for ${key}" if record.target != null])}."
  }

  validation {
    condition     = alltrue([for record in values(var.records) : record.health_check == null ? true : contains(keys(var.health_checks), record.health_check)])
    error_message = "records.<key>.health_check names an entry of health_checks; there are: ${join(", ", keys(var.health_checks))}."
  }

  validation {
    condition = alltrue([
      for record in values(var.records) :
      (record.weight == null ? 0 : 1) + (record.failover == null ? 0 : 1) + (record.latency_region == null ? 0 : 1) == (record.set_identifier == null ? 0 : 1)
    ])
    error_message = "A record that is one of several has a set_identifier and one of weight, failover and latency_region; another has none of them."
  }
}

variable "health_checks" {
  description = <<-EOT
    Route 53 health checks of what the internet reaches, by a key of your own.
      type: HTTPS, HTTP, HTTPS_STR_MATCH, HTTP_STR_MATCH or TCP; search_string: what a *_STR_MATCH looks for.
      request_interval_seconds: 10 or 30.
  EOT
  type = map(object({
    fqdn                     = string
    type                     = optional(string, "HTTPS")
    port                     = optional(number, 443)
    path                     = optional(string, "/healthz")
    search_string            = optional(string)
    failure_threshold        = optional(number, 3)
    request_interval_seconds = optional(number, 30)
    measure_latency          = optional(bool, false)
    regions                  = optional(set(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for check in values(var.health_checks) : contains(["HTTPS", "HTTP", "HTTPS_STR_MATCH", "HTTP_STR_MATCH", "TCP"], check.type)])
    error_message = "health_checks.<key>.type is HTTPS, HTTP, HTTPS_STR_MATCH, HTTP_STR_MATCH or TCP."
  }

  validation {
    condition     = alltrue([for check in values(var.health_checks) : endswith(check.type, "_STR_MATCH") == (check.search_string != null)])
    error_message = "health_checks.<key>.search_string belongs to the types HTTPS_STR_MATCH and HTTP_STR_MATCH."
  }

  validation {
    condition     = alltrue([for check in values(var.health_checks) : contains([10, 30], check.request_interval_seconds) && check.failure_threshold >= 1 && check.failure_threshold <= 10])
    error_message = "health_checks.<key>: request_interval_seconds is 10 or 30, failure_threshold lies between 1 and 10."
  }

  validation {
    condition     = alltrue([for check in values(var.health_checks) : length(check.regions) == 0 || length(check.regions) >= 3])
    error_message = "health_checks.<key>.regions names at least three regions, or none for all."
  }
}

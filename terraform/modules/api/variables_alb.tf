variable "alb" {
  description = <<-EOT
    The application load balancer in front of container services. Null: none.
      internal: reachable from inside the VPC only; the HTTP API comes in through its VPC link. An internet-facing one
        needs a certificate.
      certificate: key of `certificates`, or certificate_arn. With one it speaks HTTPS and redirects HTTP; without, HTTP only.
      server_name: name on the certificate that the HTTP API expects; null: the certificate's own domain name.
      additional_certificate_arns: for further host names (SNI).
      allowed_cidrs: who may connect; null: the VPC, or everybody when internet-facing.
      hosts: host names that a service answers to, by service; services that are left out answer to any.
      rule_priorities: 1 to 50000, by "service /path", where two rules would get the same by themselves.
      test_listener_port: where the new version of a service is tried before traffic is shifted to it.
      deregistration_delay_seconds: how long a target that leaves may finish its requests.
      connection_logs: who connected and with which TLS, beside the access logs.
      access_log_retention_in_days: how long logs are kept in S3.
  EOT
  type = object({
    internal                     = optional(bool, true)
    certificate                  = optional(string)
    certificate_arn              = optional(string)
    server_name                  = optional(string)
    additional_certificate_arns  = optional(set(string), [])
    ssl_policy                   = optional(string, "ELBSecurityPolicy-TLS13-1-2-Res-2021-06")
    allowed_cidrs                = optional(set(string))
    hosts                        = optional(map(set(string)), {})
    rule_priorities              = optional(map(number), {})
    test_listener_port           = optional(number, 9443)
    idle_timeout_seconds         = optional(number, 60)
    deregistration_delay_seconds = optional(number, 60)
    connection_logs              = optional(bool, false)
    access_log_retention_in_days = optional(number, 365)
  })
  default = null

  validation {
    condition     = var.alb != null || alltrue([for service in values(var.services) : service.runtime == "lambda" || length(service.routes) == 0])
    error_message = "Containers are reached through the load balancer, so the api layer needs the variable alb (alb: {} will do) for the routes of: ${join(", ", [for name, service in var.services : "services.${name}" if service.runtime != "lambda" && length(service.routes) > 0])}."
  }

  validation {
    condition     = try(var.alb.internal, true) || try(var.alb.certificate, null) != null || try(var.alb.certificate_arn, null) != null
    error_message = "An internet-facing load balancer (alb.internal: false) needs alb.certificate or alb.certificate_arn."
  }

  validation {
    condition     = try(var.alb.certificate, null) == null || try(var.alb.certificate_arn, null) == null
    error_message = "alb.certificate and alb.certificate_arn exclude each other."
  }

  validation {
    condition     = try(var.alb.certificate, null) == null ? true : contains(keys(var.certificates), var.alb.certificate)
    error_message = "alb.certificate names an entry of certificates; there are: ${join(", ", keys(var.certificates))}."
  }

  # Whoever can reach the load balancer itself goes around the API's authorizer.
  validation {
    condition = try(var.alb.internal, true) ? true : alltrue(flatten([
      for service in values(var.services) : [
        for route in service.routes : route.via == "alb" || route.authorization == "none" || service.runtime == "lambda"
      ]
    ]))
    error_message = "On an internet-facing load balancer (alb.internal: false) anybody could go around the authorization of: ${join(", ", flatten([for name, service in var.services : [for route in service.routes : "${name} ${route.method} ${route.path}" if service.runtime != "lambda" && route.via != "alb" && route.authorization != "none"]]))}."
  }

  validation {
    condition     = var.alb == null ? true : can(regex("^ELBSecurityPolicy-(TLS13-1-[23]-|FS-1-2-Res-|TLS-1-2-)", var.alb.ssl_policy))
    error_message = "alb.ssl_policy accepts TLS 1.2 and newer only, as ELBSecurityPolicy-TLS13-1-2-Res-2021-06 does; got \"${try(var.alb.ssl_policy, "")}\"."
  }

  validation {
    condition     = alltrue([for cidr in coalesce(try(var.alb.allowed_cidrs, null), []) : can(cidrhost(cidr, 0))])
    error_message = "alb.allowed_cidrs are IPv4 ranges, as in 10.0.0.0/8; got ${join(", ", coalesce(try(var.alb.allowed_cidrs, null), []))}."
  }

  validation {
    condition     = length(setsubtract(try(keys(var.alb.hosts), []), [for name, service in var.services : name if service.runtime != "lambda" && length(service.routes) > 0])) == 0
    error_message = "alb.hosts names container services with routes; not so: ${join(", ", setsubtract(try(keys(var.alb.hosts), []), [for name, service in var.services : name if service.runtime != "lambda" && length(service.routes) > 0]))}."
  }

  validation {
    condition     = alltrue([for hosts in values(try(var.alb.hosts, {})) : length(hosts) >= 1 && length(hosts) <= 3])
    error_message = "alb.hosts takes one to three host names a service: a rule has room for five values, its path and method among them."
  }

  validation {
    condition     = alltrue([for priority in values(try(var.alb.rule_priorities, {})) : priority >= 1 && priority <= 50000 && floor(priority) == priority])
    error_message = "alb.rule_priorities are whole numbers from 1 to 50000."
  }

  validation {
    condition     = try(var.alb.idle_timeout_seconds, 60) >= 1 && try(var.alb.idle_timeout_seconds, 60) <= 4000 && try(var.alb.deregistration_delay_seconds, 60) >= 0 && try(var.alb.deregistration_delay_seconds, 60) <= 3600
    error_message = "alb.idle_timeout_seconds lies between 1 and 4000, alb.deregistration_delay_seconds between 0 and 3600."
  }

  validation {
    condition     = !contains([80, 443], try(var.alb.test_listener_port, 9443)) && try(var.alb.test_listener_port, 9443) >= 1 && try(var.alb.test_listener_port, 9443) <= 65535
    error_message = "alb.test_listener_port is a port other than 80 and 443."
  }
}

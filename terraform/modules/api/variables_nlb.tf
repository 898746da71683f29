variable "nlb" {
  description = <<-EOT
    The network load balancer: for protocols other than HTTP, fixed addresses, and the REST API's way to containers. Null: none.
      allowed_cidrs: who may connect; null: the VPC, or everybody when internet-facing.
      listeners: by a key of your own.
        protocol: TCP, or TLS with `certificate` (a key of `certificates`) or certificate_arn.
        target: "ip", a target group that a service registers its addresses in (output nlb_target_group_arns), or "alb".
        target_port: port of the targets; null: the listener's.
  EOT
  type = object({
    internal                     = optional(bool, true)
    cross_zone                   = optional(bool, true)
    allowed_cidrs                = optional(set(string))
    ssl_policy                   = optional(string, "ELBSecurityPolicy-TLS13-1-2-Res-2021-06")
    access_log_retention_in_days = optional(number, 365)
    listeners = optional(map(object({
      port                         = number
      protocol                     = optional(string, "TCP")
      certificate                  = optional(string)
      certificate_arn              = optional(string)
      target                       = optional(string, "ip")
      target_port                  = optional(number)
      deregistration_delay_seconds = optional(number, 60)
      preserve_client_ip           = optional(bool, true)
    })), {})
  })
  default = null

  validation {
    condition     = alltrue([for listener in values(try(var.nlb.listeners, {})) : contains(["TCP", "TLS"], listener.protocol) && contains(["ip", "alb"], listener.target)])
    error_message = "nlb.listeners.<key>: protocol is TCP or TLS, target is ip or alb."
  }

  validation {
    condition = alltrue([
      for listener in values(try(var.nlb.listeners, {})) :
      (listener.protocol == "TLS" ? 1 : 0) == (listener.certificate == null ? 0 : 1) + (listener.certificate_arn == null ? 0 : 1)
    ])
    error_message = "nlb.listeners.<key>: protocol TLS needs `certificate` or `certificate_arn`, TCP has neither."
  }

  validation {
    condition     = alltrue([for listener in values(try(var.nlb.listeners, {})) : listener.certificate == null ? true : contains(keys(var.certificates), listener.certificate)])
    error_message = "nlb.listeners.<key>.certificate names an entry of certificates; there are: ${join(", ", keys(var.certificates))}."
  }

  validation {
    condition     = alltrue([for listener in values(try(var.nlb.listeners, {})) : listener.target != "alb" || (listener.protocol == "TCP" && var.alb != null)])
    error_message = "nlb.listeners.<key>.target \"alb\" needs the variable alb and protocol TCP: TLS ends at the application load balancer."
  }

  validation {
    condition     = length(distinct([for listener in values(try(var.nlb.listeners, {})) : listener.port])) == length(try(var.nlb.listeners, {}))
    error_message = "nlb.listeners: every listener has its own port; got ${join(", ", [for key in try(keys(var.nlb.listeners), []) : "${key}: ${var.nlb.listeners[key].port}"])}."
  }

  validation {
    condition     = length(try(var.nlb.listeners, { any = true })) > 0 || anytrue(flatten([for service in values(var.services) : [for route in service.routes : route.via == "rest_api" && service.runtime != "lambda"]]))
    error_message = "A network load balancer serves listeners, or a REST API's routes to containers; nlb has neither."
  }
}

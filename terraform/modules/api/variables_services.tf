variable "services" {
  description = <<-EOT
    The environment's services, by name: what this layer reads of them.
      routes: how a service is reached. `via` names the front door: http_api, rest_api or alb. A Lambda service is reached
        through an API, a container service through any of them; behind an API it stands on the load balancer.
        `path` takes {parameters}, and {name+} at its end for everything below. `authorization` is jwt (a token of the
        user pool, with one of `scopes` when there are any), iam (a signed request) or none.
      port, health_check_path: where a container service answers, and where it says that it is well.
      deployment.strategy: traffic of a service that is not deployed "rolling" is shifted by the deployment; Terraform leaves
        the rules alone once they are made.
      uses.services: the services that it calls; they get a place in the service mesh.
  EOT
  type = map(object({
    runtime           = string
    port              = optional(number, 8080)
    health_check_path = optional(string, "/healthz")
    timeout_seconds   = optional(number)
    routes = optional(list(object({
      method        = optional(string, "ANY")
      path          = string
      authorization = optional(string, "jwt")
      scopes        = optional(list(string), [])
      via           = optional(string, "http_api")
    })), [])
    uses = optional(object({
      services = optional(list(string), [])
    }), {})
    deployment = optional(object({
      strategy = optional(string, "rolling")
    }), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for service in values(var.services) : contains(["lambda", "ecs", "eks"], service.runtime)])
    error_message = "services.<name>.runtime is lambda, ecs or eks; got ${join(", ", [for name, service in var.services : "\"${service.runtime}\" for ${name}" if !contains(["lambda", "ecs", "eks"], service.runtime)])}."
  }

  validation {
    condition = alltrue(flatten([
      for service in values(var.services) : [for route in service.routes : contains(["http_api", "rest_api", "alb"], route.via)]
    ]))
    error_message = "services.<name>.routes[].via is http_api, rest_api or alb; got ${join(", ", flatten([for name, service in var.services : [for route in service.routes : "\"${route.via}\" for ${name} ${route.method} ${route.path}" if !contains(["http_api", "rest_api", "alb"], route.via)]]))}."
  }

  validation {
    condition = alltrue(flatten([
      for service in values(var.services) : [for route in service.routes : contains(["jwt", "iam", "none"], route.authorization)]
    ]))
    error_message = "services.<name>.routes[].authorization is jwt, iam or none."
  }

  validation {
    condition = alltrue(flatten([
      for service in values(var.services) : [
        for route in service.routes : contains(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ANY"], route.method)
      ]
    ]))
    error_message = "services.<name>.routes[].method is GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS or ANY; got ${join(", ", distinct(flatten([for service in values(var.services) : [for route in service.routes : "\"${route.method}\""]])))}."
  }

  # "/", "/orders", "/orders/{id}", "/files/{path+}"
  validation {
    condition = alltrue(flatten([
      for service in values(var.services) : [
        for route in service.routes : can(regex("^(/|(/([A-Za-z0-9._~$@:-]+|[{][A-Za-z0-9._-]+[}]))*(/[{][A-Za-z0-9._-]+[+][}])?)$", route.path)) && route.path != ""
      ]
    ]))
    error_message = "services.<name>.routes[].path is made of words and {parameters}, {name+} only at its end, as in /orders/{id}; got ${join(", ", flatten([for name, service in var.services : [for route in service.routes : "\"${route.path}\" for ${name}" if !can(regex("^(/|(/([A-Za-z0-9._~$@:-]+|[{][A-Za-z0-9._-]+[}]))*(/[{][A-Za-z0-9._-]+[+][}])?)$", route.path))]]))}."
  }

  # Parameters are called what their service likes: /orders/{id} and /orders/{number} are one route.
  validation {
    condition = alltrue([for names in values({
      for claim in flatten([
        for name, service in var.services : [
          for route in service.routes : {
            by   = name
            door = format("%s %s via %s", route.method, replace(replace(route.path, "/\\x7b[^\\x7d]+[+]\\x7d/", "**"), "/\\x7b[^\\x7d]+\\x7d/", "*"), route.via)
          }
        ]
      ]) : claim.door => claim.by...
    }) : length(names) == 1])
    error_message = "A route belongs to one service; two of these claim the same: ${join(", ", [for name, service in var.services : "services.${name}.routes" if length(service.routes) > 0])}."
  }

  # The load balancer's rules know no order between two services on one path but their methods.
  validation {
    condition = alltrue([for names in values({
      for claim in flatten([
        for name, service in var.services : [
          for route in service.routes : [
            for method in route.method == "ANY" ? ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] : [route.method] : {
              by   = name
              door = format("%s %s", method, replace(route.path, "/\\x7b[^\\x7d]+\\x7d/", "*"))
            }
          ]
        ] if service.runtime != "lambda"
      ]) : claim.door => claim.by...
    }) : length(distinct(names)) == 1])
    error_message = "Container services stand behind one load balancer, where {parameters} are *, whatever they are reached through; two of these claim the same method and path: ${join(", ", [for name, service in var.services : "services.${name}.routes" if service.runtime != "lambda"])}."
  }

  validation {
    condition = alltrue([
      for service in values(var.services) : alltrue([for route in service.routes : route.via != "alb"]) || service.runtime != "lambda"
    ])
    error_message = "The load balancer serves containers; reach ${join(", ", [for name, service in var.services : "services.${name}" if service.runtime == "lambda" && anytrue([for route in service.routes : route.via == "alb"])])} via http_api or rest_api."
  }

  validation {
    condition = alltrue(flatten([
      for service in values(var.services) : [for route in service.routes : route.via != "alb" || route.authorization == "none"]
    ]))
    error_message = "The load balancer checks no tokens: a route via alb says authorization: none, and its service checks for itself; got ${join(", ", flatten([for name, service in var.services : [for route in service.routes : "${route.authorization} for ${name} ${route.method} ${route.path}" if route.via == "alb" && route.authorization != "none"]]))}."
  }

  validation {
    condition = alltrue(flatten([
      for service in values(var.services) : [for route in service.routes : route.authorization == "jwt" || length(route.scopes) == 0]
    ]))
    error_message = "services.<name>.routes[].scopes are scopes of tokens: they need authorization: jwt."
  }
}

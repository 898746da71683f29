variable "mesh" {
  description = <<-EOT
    How services call one another.
      kind:
        service_connect: a Cloud Map namespace, in which ECS services find one another through ECS Service Connect.
        vpc_lattice: a VPC Lattice service network, with a service for each service that another one calls. The layer compute
          registers tasks and functions; pods are the AWS Gateway API Controller's to register.
        appmesh: AWS App Mesh, which AWS ended on 2026-09-30; for accounts that still have it, and only together with
          acknowledge_end_of_support: true. The control plane only: no Envoy runs beside the tasks.
        none: no mesh.
      services: services that get a place in the mesh beside those that another one names in uses.services.
      vpc_lattice:
        auth_type: AWS_IAM (signed requests, and only from the services that name this one in uses.services) or NONE.
        allowed_cidrs: who in the VPC may reach the service network; null: the whole VPC.
        rules: by a key of your own; requests to a service that match go elsewhere than to its own targets. One of path_exact
          and path_prefix; headers by name and exact value; forward is the weight of each service, or status_code answers.
      appmesh:
        retries: how often a failed request is tried again.
        gateway_port: port of the virtual gateway, through which routes of container services enter the mesh.
  EOT
  type = object({
    kind                       = optional(string, "service_connect")
    acknowledge_end_of_support = optional(bool, false)
    services                   = optional(set(string), [])
    vpc_lattice = optional(object({
      auth_type     = optional(string, "AWS_IAM")
      allowed_cidrs = optional(set(string))
      rules = optional(map(object({
        service     = string
        priority    = number
        path_exact  = optional(string)
        path_prefix = optional(string)
        method      = optional(string)
        headers     = optional(map(string), {})
        forward     = optional(map(number), {})
        status_code = optional(number)
      })), {})
    }), {})
    appmesh = optional(object({
      retries      = optional(number, 2)
      gateway_port = optional(number, 8080)
    }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["service_connect", "vpc_lattice", "appmesh", "none"], var.mesh.kind)
    error_message = "mesh.kind is service_connect, vpc_lattice, appmesh or none; got \"${var.mesh.kind}\"."
  }

  validation {
    condition     = var.mesh.kind != "appmesh" || var.mesh.acknowledge_end_of_support
    error_message = "AWS ended App Mesh on 2026-09-30. Take mesh.kind: service_connect or vpc_lattice; where an account still has App Mesh, set mesh.acknowledge_end_of_support: true beside mesh.kind: appmesh."
  }

  validation {
    condition     = var.mesh.kind != "vpc_lattice" || var.vpc_id != null
    error_message = "mesh.kind: vpc_lattice needs a VPC: the environment has no layer network."
  }

  validation {
    condition     = length(setsubtract(var.mesh.services, keys(var.services))) == 0
    error_message = "mesh.services names services of the environment; not so: ${join(", ", setsubtract(var.mesh.services, keys(var.services)))}."
  }

  validation {
    condition     = contains(["AWS_IAM", "NONE"], var.mesh.vpc_lattice.auth_type)
    error_message = "mesh.vpc_lattice.auth_type is AWS_IAM or NONE; got \"${var.mesh.vpc_lattice.auth_type}\"."
  }

  validation {
    condition = alltrue([
      for rule in values(var.mesh.vpc_lattice.rules) : length(setsubtract(concat([rule.service], keys(rule.forward)), concat(
        tolist(var.mesh.services), flatten([for service in values(var.services) : service.uses.services])
      ))) == 0
    ])
    error_message = "mesh.vpc_lattice.rules name services that have a place in the mesh: those in mesh.services and in some service's uses.services."
  }

  validation {
    condition = alltrue(flatten([
      for rule in values(var.mesh.vpc_lattice.rules) : [
        (length(rule.forward) > 0) != (rule.status_code != null),
        rule.path_exact == null || rule.path_prefix == null,
        rule.path_exact != null || rule.path_prefix != null || rule.method != null || length(rule.headers) > 0,
      ]
    ]))
    error_message = "A rule of mesh.vpc_lattice.rules matches something (path_exact or path_prefix, method, headers), and either forwards or has a status_code; look at ${join(", ", keys(var.mesh.vpc_lattice.rules))}."
  }

  validation {
    condition     = alltrue([for rule in values(var.mesh.vpc_lattice.rules) : rule.priority >= 1 && rule.priority <= 100]) && length(distinct([for rule in values(var.mesh.vpc_lattice.rules) : "${rule.service} ${rule.priority}"])) == length(var.mesh.vpc_lattice.rules)
    error_message = "mesh.vpc_lattice.rules: priority lies between 1 and 100, and each service has it once."
  }
}

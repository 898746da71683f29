variable "services" {
  description = "The environment's services, by name: what this layer reads of them. See the environment file's reference."
  type = map(object({
    runtime        = string
    description    = optional(string, "")
    image          = optional(string)
    image_tag      = optional(string, "latest")
    handler        = optional(string)
    lambda_runtime = optional(string)
    package = optional(object({
      filename          = optional(string)
      source_code_hash  = optional(string)
      s3_bucket         = optional(string)
      s3_key            = optional(string)
      s3_object_version = optional(string)
    }))
    architecture      = optional(string, "arm64")
    cpu               = optional(number, 256)
    memory            = optional(number, 512)
    timeout_seconds   = optional(number, 30)
    port              = optional(number, 8080)
    health_check_path = optional(string, "/healthz")
    environment       = optional(map(string), {})
    routes = optional(list(object({
      method = optional(string, "ANY")
      path   = string
      via    = optional(string, "http_api")
    })), [])
    in_vpc       = optional(bool, false)
    function_url = optional(object({ authorization = optional(string, "iam") }))
    scaling = optional(object({
      min                     = optional(number, 1)
      max                     = optional(number, 4)
      cpu_percent             = optional(number)
      memory_percent          = optional(number)
      requests_per_target     = optional(number)
      provisioned_concurrency = optional(number)
      reserved_concurrency    = optional(number)
    }), {})
    uses = optional(object({
      tables         = optional(map(string), {})
      buckets        = optional(map(string), {})
      queues         = optional(map(string), {})
      topics         = optional(list(string), [])
      event_buses    = optional(list(string), [])
      state_machines = optional(list(string), [])
      secrets        = optional(list(string), [])
      databases      = optional(list(string), [])
      caches         = optional(list(string), [])
      services       = optional(list(string), [])
    }), {})
    triggers = optional(object({
      queues    = optional(map(object({ batch_size = optional(number, 10), maximum_concurrency = optional(number) })), {})
      tables    = optional(map(object({ batch_size = optional(number, 100), starting_position = optional(string, "LATEST") })), {})
      schedules = optional(map(object({ expression = string, timezone = optional(string) })), {})
      events    = optional(map(object({ bus = optional(string, "default"), pattern = string })), {})
    }), {})
    tracing    = optional(bool, true)
    deployment = optional(object({ strategy = optional(string, "rolling") }), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for service in values(var.services) : contains(["lambda", "ecs", "eks"], service.runtime)])
    error_message = "services.<name>.runtime is lambda, ecs or eks; got ${join(", ", distinct([for service in values(var.services) : service.runtime]))}."
  }

  # The longest name made of it is that of an IAM role, with 64 characters.
  validation {
    condition     = alltrue([for name in keys(var.services) : length("${var.name_prefix}-compute-${name}-execution") <= 64])
    error_message = "A service's name is too long beside ${var.name_prefix}: ${join(", ", [for name in keys(var.services) : name if length("${var.name_prefix}-compute-${name}-execution") > 64])}."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : service.runtime != "lambda" || (service.package == null) != (service.image == null)])
    error_message = "A lambda service has either a package or an image."
  }

  validation {
    condition = alltrue(flatten([
      for service in values(var.services) : [for name in service.uses.services : contains(keys(var.services), name)]
    ]))
    error_message = "services.<name>.uses.services names services of this environment: ${join(", ", keys(var.services))}."
  }

  # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html: load balancers only
  validation {
    condition = var.mesh_kind != "vpc_lattice" ? true : alltrue([
      for name, service in var.services : service.runtime != "ecs" || service.deployment.strategy == "rolling" || !contains(try(keys(var.lattice_target_group_arns), []), name)
    ])
    error_message = "CodeDeploy shifts no traffic in VPC Lattice: a container service that others call there has deployment.strategy rolling; look at ${join(", ", [for name, service in var.services : name if service.runtime == "ecs" && service.deployment.strategy != "rolling"])}."
  }

  validation {
    condition = var.mesh_kind != "vpc_lattice" ? true : alltrue([
      for service in values(var.services) : service.runtime != "lambda" || service.in_vpc || alltrue([
        for used in service.uses.services : try(var.services[used].runtime, "lambda") == "lambda"
      ])
    ])
    error_message = "A function reaches containers through VPC Lattice, which is in the VPC: it needs in_vpc: true; look at ${join(", ", [for name, service in var.services : name if service.runtime == "lambda" && !service.in_vpc && length(service.uses.services) > 0])}."
  }

  # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html: names are for tasks of
  # services that take part, which those that CodeDeploy deploys can't
  validation {
    condition = var.mesh_kind != "service_connect" ? true : alltrue(flatten([
      for caller in values(var.services) : [
        for used in caller.uses.services : try(var.services[used].runtime, "lambda") != "ecs" || (
          caller.runtime == "ecs" && caller.deployment.strategy == "rolling" && var.services[used].deployment.strategy == "rolling"
        )
      ]
    ]))
    error_message = "Through ECS Service Connect, containers (runtime ecs) with deployment.strategy rolling call each other and nobody else: take mesh.kind vpc_lattice, or call by a route; look at ${join(", ", [for name, service in var.services : name if anytrue([for used in service.uses.services : try(var.services[used].runtime, "lambda") == "ecs"])])}."
  }

  validation {
    condition = alltrue(flatten([
      for caller in values(var.services) : [
        for used in caller.uses.services : try(var.services[used].runtime, "lambda") != "eks" || caller.runtime == "eks"
      ]
    ]))
    error_message = "Only pods find pods by name: give a service with the runtime eks a route, and call that; look at ${join(", ", [for name, service in var.services : name if service.runtime != "eks" && anytrue([for used in service.uses.services : try(var.services[used].runtime, "lambda") == "eks"])])}."
  }
}

# What the other layers have, by the names that services use. Null when the layer is not in the environment.

variable "table_arns" {
  description = "ARN of each table."
  type        = map(string)
  default     = null
}

variable "table_names" {
  description = "Full name of each table."
  type        = map(string)
  default     = null
}

variable "table_stream_arns" {
  description = "ARN of the stream of each table that has one."
  type        = map(string)
  default     = null
}

variable "bucket_arns" {
  description = "ARN of each bucket."
  type        = map(string)
  default     = null
}

variable "bucket_names" {
  description = "Full name of each bucket."
  type        = map(string)
  default     = null
}

variable "queue_arns" {
  description = "ARN of each queue."
  type        = map(string)
  default     = null
}

variable "queue_urls" {
  description = "URL of each queue."
  type        = map(string)
  default     = null
}

variable "topic_arns" {
  description = "ARN of each topic."
  type        = map(string)
  default     = null
}

variable "event_bus_arns" {
  description = "ARN of each event bus, besides default."
  type        = map(string)
  default     = null
}

variable "event_bus_names" {
  description = "Full name of each event bus."
  type        = map(string)
  default     = null
}

variable "state_machine_arns" {
  description = "ARN of each state machine."
  type        = map(string)
  default     = null
}

variable "secret_arns" {
  description = "ARN of each secret."
  type        = map(string)
  default     = null
}

variable "database_endpoints" {
  description = "Host name of each database."
  type        = map(string)
  default     = null
}

variable "database_ports" {
  description = "TCP port of each database."
  type        = map(number)
  default     = null
}

variable "database_names" {
  description = "Name of the first database in each of the servers."
  type        = map(string)
  default     = null
}

variable "database_resource_ids" {
  description = "Resource id of each database, which IAM authentication names."
  type        = map(string)
  default     = null
}

variable "database_proxy_users" {
  description = "Users that come through the proxy of each database that has one; a service's user has its name. Known when planning."
  type        = map(list(string))
  default     = null
}

variable "database_proxy_endpoints" {
  description = "Host name of the proxy of each database that has one."
  type        = map(string)
  default     = null
}

variable "database_proxy_resource_ids" {
  description = "Id (prx-…) of each of these proxies, which IAM authentication names in place of the database's."
  type        = map(string)
  default     = null
}

variable "database_client_security_group_ids" {
  description = "Security group whose members each database admits."
  type        = map(string)
  default     = null
}

variable "cache_endpoints" {
  description = "Host name of each cache."
  type        = map(string)
  default     = null
}

variable "cache_ports" {
  description = "TCP port of each cache."
  type        = map(number)
  default     = null
}

variable "cache_user_names" {
  description = "User that services sign in to each cache as, through IAM; null where there is none (Memcached)."
  type        = map(string)
  default     = null
}

variable "cache_arns" {
  description = "ARN of each cache."
  type        = map(string)
  default     = null
}

variable "cache_client_security_group_ids" {
  description = "Security group whose members each cache admits."
  type        = map(string)
  default     = null
}

# The ways in, from the layer api.

variable "http_api_execution_arn" {
  description = "Execution ARN of the HTTP API that invokes functions."
  type        = string
  default     = null
}

variable "rest_api_execution_arn" {
  description = "Execution ARN of the REST API that invokes functions."
  type        = string
  default     = null
}

variable "target_group_arns" {
  description = "Target group of each container service with routes."
  type        = map(string)
  default     = null
}

variable "target_group_arn_suffixes" {
  description = "Last part of the ARN of each target group."
  type        = map(string)
  default     = null
}

variable "alb_arn_suffix" {
  description = "Last part of the load balancer's ARN."
  type        = string
  default     = null
}

variable "alb_security_group_id" {
  description = "Security group of the load balancer."
  type        = string
  default     = null
}

variable "mesh_kind" {
  description = "How services find each other: service_connect, vpc_lattice, or what needs nothing here. Known when planning."
  type        = string
  default     = null
}

variable "service_connect_namespace_arn" {
  description = "Cloud Map namespace of ECS Service Connect."
  type        = string
  default     = null
}

variable "lattice_target_group_arns" {
  description = "VPC Lattice target group of each service in the service network. Its keys are known when planning."
  type        = map(string)
  default     = null
}

variable "lattice_service_arns" {
  description = "ARN of each service in the service network."
  type        = map(string)
  default     = null
}

variable "lattice_service_urls" {
  description = "URL of each service in the service network."
  type        = map(string)
  default     = null
}

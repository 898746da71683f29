# What SageMaker calls its instance types: series, generation, attributes, size; see the validations here and of domains.
locals {
  # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html
  sagemaker_instance_types = "^ml\\.(c|dl|g|gr|inf|m|p|r|t|trn)[1-9][a-z]{0,5}(-[a-z0-9]{1,6})?\\.(micro|small|medium|large|[0-9]{0,2}xlarge)$"
}

variable "models" {
  description = <<-EOT
    SageMaker models by name.
      containers: one, or the steps of an inference pipeline in their order. Each with either
        image: URI of its image (a repository in ECR) or model_package_arn: a version in a model registry,
        artifact: what the model has learned, as s3:// address or as key below models/ in the layer's bucket, where it has
        to be before the model is made; artifact_file: a file of the project, which is put there first;
        compressed: whether that is a model.tar.gz (else a prefix), environment, hostname
      hosting: instances (isolated from the network, in the VPC) or serverless, which offers neither
      buckets: buckets of the data layer that it reads
  EOT
  type = map(object({
    containers = list(object({
      hostname          = optional(string)
      image             = optional(string)
      model_package_arn = optional(string)
      artifact          = optional(string)
      artifact_file     = optional(string)
      compressed        = optional(bool, true)
      environment       = optional(map(string), {})
    }))
    hosting = optional(string, "instances")
    buckets = optional(set(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.models) : can(regex("^[a-z][a-z0-9-]*$", name)) && length("${var.name_prefix}-ml-${name}-00000000") <= 63])
    error_message = "A model's name has lower-case letters, digits and hyphens, and ${var.name_prefix}-ml-<name>-<digest> at most 63 characters; got ${join(", ", keys(var.models))}."
  }

  validation {
    condition     = alltrue([for model in values(var.models) : length(model.containers) >= 1 && length(model.containers) <= 15])
    error_message = "A model has 1 to 15 containers; wrong in ${join(", ", [for name, model in var.models : name if length(model.containers) < 1 || length(model.containers) > 15])}."
  }

  validation {
    condition = alltrue(flatten([
      for model in values(var.models) : [for container in model.containers : (container.image == null) != (container.model_package_arn == null)]
    ]))
    error_message = "A container has either an image or a model_package_arn; wrong in ${join(", ", [for name, model in var.models : name if anytrue([for container in model.containers : (container.image == null) == (container.model_package_arn == null)])])}."
  }

  validation {
    condition = alltrue(flatten([
      for model in values(var.models) : [for container in model.containers : container.image == null ? true : can(regex("^[a-zA-Z0-9.-]+/[^ ]+$", container.image))]
    ]))
    error_message = "A container's image is the URI of an image: registry/repository:tag; got ${join(", ", flatten([for model in values(var.models) : [for container in model.containers : container.image == null ? "" : container.image]]))}."
  }

  validation {
    condition = alltrue(flatten([
      for model in values(var.models) : [
        for container in model.containers : container.artifact_file == null ? true : container.compressed && !startswith(coalesce(container.artifact, "s3://"), "s3://")
      ]
    ]))
    error_message = "An artifact_file is a model.tar.gz (compressed: true), and artifact the key below models/ that it is put under; wrong in ${join(", ", [for name, model in var.models : name if anytrue([for container in model.containers : container.artifact_file != null])])}."
  }

  validation {
    condition     = alltrue([for model in values(var.models) : contains(["instances", "serverless"], model.hosting)])
    error_message = "hosting is instances or serverless; got ${join(", ", distinct([for model in values(var.models) : model.hosting]))}."
  }

  validation {
    condition     = alltrue(flatten([for model in values(var.models) : [for bucket in model.buckets : contains(keys(coalesce(var.bucket_arns, {})), bucket)]]))
    error_message = "A model's buckets are buckets of the data layer, which has ${join(", ", keys(coalesce(var.bucket_arns, {})))}; got ${join(", ", flatten([for model in values(var.models) : tolist(model.buckets)]))}."
  }

  validation {
    condition     = alltrue([for model in values(var.models) : model.hosting == "instances" ? true : length(model.containers) == 1])
    error_message = "Serverless hosting knows no inference pipelines: one container for ${join(", ", [for name, model in var.models : name if model.hosting == "serverless" && length(model.containers) > 1])}."
  }
}

variable "endpoints" {
  description = <<-EOT
    SageMaker endpoints on instances, by name.
      variants: what shares the requests, by name
        model: an entry of models (hosting: instances); instance_type: ml.…; instances: how many to begin with;
        weight: its share of the requests, relative to the others'; a whole number
        volume_size_gb: 1 to 512, for instances without local storage; null is what the instance type comes with
        model_download_seconds, startup_seconds: 60 to 3600; routing: LEAST_OUTSTANDING_REQUESTS or RANDOM
        scaling: between min and max instances, so that each has invocations_per_instance a minute
      shadow_variants: one at most, beside one variant: it gets a copy of the requests, and its answers nobody
      data_capture: percent of the requests and answers that are kept in the layer's bucket. Null: none
      deployment: how a new configuration takes over. strategy canary, linear, all_at_once (a second fleet, blue/green)
        or rolling (batches); percent: size of the canary, step or batch; wait_seconds before the next step;
        termination_wait_seconds before the old fleet goes; timeout_seconds for all of it
      alarms: error_percent (answers 5xx) and latency_p99_ms (time in the model) of each variant; 0: no alarm.
        actions: ARNs of topics that are told. Alarms roll a deployment back, and so do those in rollback_alarms.
  EOT
  type = map(object({
    variants = map(object({
      model                  = string
      instance_type          = string
      instances              = optional(number, 1)
      weight                 = optional(number, 1)
      volume_size_gb         = optional(number)
      model_download_seconds = optional(number)
      startup_seconds        = optional(number)
      routing                = optional(string, "LEAST_OUTSTANDING_REQUESTS")
      scaling = optional(object({
        min                        = number
        max                        = number
        invocations_per_instance   = number
        scale_in_cooldown_seconds  = optional(number, 300)
        scale_out_cooldown_seconds = optional(number, 60)
      }))
    }))
    shadow_variants = optional(map(object({
      model                  = string
      instance_type          = string
      instances              = optional(number, 1)
      weight                 = optional(number, 1)
      volume_size_gb         = optional(number)
      model_download_seconds = optional(number)
      startup_seconds        = optional(number)
      routing                = optional(string, "LEAST_OUTSTANDING_REQUESTS")
    })), {})
    data_capture = optional(object({
      percent            = optional(number, 100)
      modes              = optional(set(string), ["Input", "Output"])
      json_content_types = optional(set(string), ["application/json"])
      csv_content_types  = optional(set(string), ["text/csv"])
    }))
    deployment = optional(object({
      strategy                 = optional(string, "canary")
      percent                  = optional(number, 10)
      wait_seconds             = optional(number, 300)
      termination_wait_seconds = optional(number, 300)
      timeout_seconds          = optional(number, 3600)
    }), {})
    alarms = optional(object({
      error_percent  = optional(number, 5)
      latency_p99_ms = optional(number, 0)
      actions        = optional(set(string), [])
    }), {})
    rollback_alarms = optional(set(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.endpoints) : can(regex("^[a-z][a-z0-9-]*$", name)) && length("${var.name_prefix}-ml-${name}-00000000") <= 63])
    error_message = "An endpoint's name has lower-case letters, digits and hyphens, and ${var.name_prefix}-ml-<name>-<digest> at most 63 characters; got ${join(", ", keys(var.endpoints))}."
  }

  validation {
    condition     = alltrue([for endpoint in values(var.endpoints) : length(endpoint.variants) >= 1 && length(endpoint.variants) <= 10])
    error_message = "An endpoint has 1 to 10 variants."
  }

  validation {
    condition     = alltrue([for endpoint in values(var.endpoints) : length(endpoint.shadow_variants) == 0 || (length(endpoint.shadow_variants) == 1 && length(endpoint.variants) == 1)])
    error_message = "One shadow variant can be beside one variant; wrong in ${join(", ", [for name, endpoint in var.endpoints : name if length(endpoint.shadow_variants) > 1 || (length(endpoint.shadow_variants) == 1 && length(endpoint.variants) > 1)])}."
  }

  validation {
    condition = alltrue(flatten([
      for endpoint in values(var.endpoints) : [
        for variant in concat(values(endpoint.variants), values(endpoint.shadow_variants)) : try(var.models[variant.model].hosting, "none") == "instances"
      ]
    ]))
    error_message = "A variant's model is an entry of models whose hosting is instances; there are: ${join(", ", [for name, model in var.models : name if model.hosting == "instances"])}."
  }

  validation {
    condition = alltrue(flatten([
      for endpoint in values(var.endpoints) : [
        for variant in concat(values(endpoint.variants), values(endpoint.shadow_variants)) : can(regex(local.sagemaker_instance_types, variant.instance_type))
      ]
    ]))
    error_message = "instance_type is one of SageMaker's, such as ml.m5.large; got ${join(", ", distinct(flatten([for endpoint in values(var.endpoints) : [for variant in concat(values(endpoint.variants), values(endpoint.shadow_variants)) : variant.instance_type]])))}."
  }

  validation {
    condition = alltrue(flatten([
      for endpoint in values(var.endpoints) : [
        for variant in concat(values(endpoint.variants), values(endpoint.shadow_variants)) : alltrue([
          variant.instances >= 1,
          variant.weight >= 0 && floor(variant.weight) == variant.weight,
          variant.volume_size_gb == null ? true : variant.volume_size_gb >= 1 && variant.volume_size_gb <= 512,
          variant.model_download_seconds == null ? true : variant.model_download_seconds >= 60 && variant.model_download_seconds <= 3600,
          variant.startup_seconds == null ? true : variant.startup_seconds >= 60 && variant.startup_seconds <= 3600,
          contains(["LEAST_OUTSTANDING_REQUESTS", "RANDOM"], variant.routing),
        ])
      ]
    ]))
    error_message = "A variant has 1 instance or more, a weight that is a whole number of 0 or more (shares are relative), volume_size_gb between 1 and 512, model_download_seconds and startup_seconds between 60 and 3600, and routing LEAST_OUTSTANDING_REQUESTS or RANDOM."
  }

  validation {
    condition = alltrue(flatten([
      for endpoint in values(var.endpoints) : [
        for variant in values(endpoint.variants) : variant.scaling == null ? true : alltrue([
          variant.scaling.min >= 1,
          variant.scaling.min <= variant.instances,
          variant.instances <= variant.scaling.max,
          variant.scaling.invocations_per_instance > 0,
        ])
      ]
    ]))
    error_message = "scaling goes from min (1 or more) to max instances, with instances between them, at more than 0 invocations_per_instance a minute."
  }

  validation {
    condition = alltrue([
      for endpoint in values(var.endpoints) : endpoint.data_capture == null ? true : alltrue([
        endpoint.data_capture.percent >= 0 && endpoint.data_capture.percent <= 100,
        length(endpoint.data_capture.modes) > 0,
        length(setsubtract(endpoint.data_capture.modes, ["Input", "Output"])) == 0,
      ])
    ])
    error_message = "data_capture keeps 0 to 100 percent, of the modes Input, Output or both."
  }

  validation {
    condition     = alltrue([for endpoint in values(var.endpoints) : contains(["canary", "linear", "all_at_once", "rolling"], endpoint.deployment.strategy)])
    error_message = "deployment.strategy is canary, linear, all_at_once or rolling; got ${join(", ", distinct([for endpoint in values(var.endpoints) : endpoint.deployment.strategy]))}."
  }

  # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html, API_RollingUpdatePolicy.html
  validation {
    condition = alltrue([
      for endpoint in values(var.endpoints) : alltrue([
        endpoint.deployment.percent >= lookup({ linear = 10, rolling = 5 }, endpoint.deployment.strategy, 1),
        endpoint.deployment.percent <= 50,
        endpoint.deployment.wait_seconds >= 0 && endpoint.deployment.wait_seconds <= 3600,
        endpoint.deployment.termination_wait_seconds >= 0 && endpoint.deployment.termination_wait_seconds <= 3600,
        endpoint.deployment.timeout_seconds >= 600 && endpoint.deployment.timeout_seconds <= 28800,
      ])
    ])
    error_message = "deployment: percent is at most 50 and at least 1 (linear 10, rolling 5), wait_seconds and termination_wait_seconds lie between 0 and 3600, timeout_seconds between 600 and 28800."
  }

  validation {
    condition = alltrue([
      for endpoint in values(var.endpoints) : alltrue([
        endpoint.alarms.error_percent >= 0 && endpoint.alarms.error_percent <= 100,
        endpoint.alarms.latency_p99_ms >= 0,
        length(endpoint.rollback_alarms) + 2 * length(endpoint.variants) <= 10,
      ])
    ])
    error_message = "alarms: error_percent lies between 0 and 100, latency_p99_ms is 0 or more; ten alarms at most roll an endpoint back, two a variant and those in rollback_alarms."
  }
}

variable "serverless_endpoints" {
  description = <<-EOT
    SageMaker endpoints that run only while they answer, by name.
      model: an entry of models (hosting: serverless)
      memory_mb: 1024 to 6144 in steps of 1024; max_concurrency: requests at a time, 1 to 200
      provisioned_concurrency: how many are kept warm; null is none
      scaling: keeps between min and max warm, so that they are busy to utilization_percent
      alarms: as of endpoints
  EOT
  type = map(object({
    model                   = string
    memory_mb               = optional(number, 2048)
    max_concurrency         = optional(number, 10)
    provisioned_concurrency = optional(number)
    scaling = optional(object({
      min                 = number
      max                 = number
      utilization_percent = optional(number, 70)
    }))
    alarms = optional(object({
      error_percent  = optional(number, 5)
      latency_p99_ms = optional(number, 0)
      actions        = optional(set(string), [])
    }), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.serverless_endpoints) : can(regex("^[a-z][a-z0-9-]*$", name)) && length("${var.name_prefix}-ml-${name}-00000000") <= 63])
    error_message = "A serverless endpoint's name has lower-case letters, digits and hyphens, and ${var.name_prefix}-ml-<name>-<digest> at most 63 characters; got ${join(", ", keys(var.serverless_endpoints))}."
  }

  validation {
    condition     = length(setintersection(keys(var.endpoints), keys(var.serverless_endpoints))) == 0
    error_message = "endpoints and serverless_endpoints share their names; twice: ${join(", ", setintersection(keys(var.endpoints), keys(var.serverless_endpoints)))}."
  }

  validation {
    condition     = alltrue([for endpoint in values(var.serverless_endpoints) : try(var.models[endpoint.model].hosting, "none") == "serverless"])
    error_message = "A serverless endpoint's model is an entry of models whose hosting is serverless; there are: ${join(", ", [for name, model in var.models : name if model.hosting == "serverless"])}."
  }

  validation {
    condition     = alltrue([for endpoint in values(var.serverless_endpoints) : contains([1024, 2048, 3072, 4096, 5120, 6144], endpoint.memory_mb)])
    error_message = "memory_mb is 1024, 2048, 3072, 4096, 5120 or 6144; got ${join(", ", distinct([for endpoint in values(var.serverless_endpoints) : tostring(endpoint.memory_mb)]))}."
  }

  validation {
    condition = alltrue([
      for endpoint in values(var.serverless_endpoints) : alltrue([
        endpoint.max_concurrency >= 1 && endpoint.max_concurrency <= 200,
        endpoint.provisioned_concurrency == null ? true : endpoint.provisioned_concurrency >= 1 && endpoint.provisioned_concurrency <= endpoint.max_concurrency,
      ])
    ])
    error_message = "max_concurrency lies between 1 and 200, provisioned_concurrency between 1 and max_concurrency."
  }

  validation {
    condition = alltrue([
      for endpoint in values(var.serverless_endpoints) : endpoint.scaling == null ? true : alltrue([
        endpoint.provisioned_concurrency != null,
        endpoint.scaling.min >= 1,
        endpoint.scaling.min <= endpoint.scaling.max,
        endpoint.scaling.max <= endpoint.max_concurrency,
        endpoint.scaling.utilization_percent >= 10 && endpoint.scaling.utilization_percent <= 90,
      ])
    ])
    error_message = "scaling needs provisioned_concurrency, goes from min (1 or more) to max (max_concurrency or less), at 10 to 90 utilization_percent."
  }
}

variable "data_capture_retention_days" {
  description = "How long captured requests and answers are kept."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.data_capture_retention_days >= 1
    error_message = "data_capture_retention_days is 1 or more; got ${var.data_capture_retention_days}."
  }
}

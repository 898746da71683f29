# What EC2 calls its instance types: series, generation, attributes, size; see the validations here and of eks.
locals {
  # https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
  ec2_instance_types = "^((a|c|d|dl|f|g|gr|h|hpc|i|im|inf|is|m|p|r|t|trn|vt|x|z)[1-9][a-z]{0,5}(-[a-z0-9]{1,6})?|u(7[a-z]{1,3})?-[0-9]{1,2}tb1?)\\.(nano|micro|small|medium|large|[0-9]{0,3}xlarge|metal(-[0-9]{1,3}xl)?)$"
}

variable "ecs" {
  description = <<-EOT
    The cluster of services with the runtime ecs, and what it runs on.
      spot_share: percent of tasks on Fargate Spot, which AWS may stop with two minutes' notice.
      container_insights: "enhanced", "enabled" or "disabled".
      execute_command: whether people may open a shell in a container (audited in a log group). What opens it writes into the
        container's root, so that services' roots are not read-only while this is true; for a while, and not in production.
      collector_image: image of the OpenTelemetry collector that traced services have beside them. Null: none.
      tmp_mib: size of /tmp, the one place a container can write to. It is in memory, within the task's.
      user: numeric user and group that containers run as.
      ec2: instances of one's own for the services that it names; the others stay on Fargate. Null: no instances.
  EOT
  type = object({
    spot_share         = optional(number, 0)
    container_insights = optional(string, "enhanced")
    execute_command    = optional(bool, false)
    collector_image    = optional(string, "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3")
    user               = optional(string, "10001:10001")
    tmp_mib            = optional(number, 64)
    ec2 = optional(object({
      instance_types = list(string)
      architecture   = optional(string, "arm64")
      min_size       = optional(number, 0)
      max_size       = number
      volume_gib     = optional(number, 50)
      services       = set(string)
    }))
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.ecs.spot_share >= 0 && var.ecs.spot_share <= 100
    error_message = "ecs.spot_share is a percentage; got ${var.ecs.spot_share}."
  }

  validation {
    condition     = contains(["enhanced", "enabled", "disabled"], var.ecs.container_insights)
    error_message = "ecs.container_insights is enhanced, enabled or disabled; got \"${var.ecs.container_insights}\"."
  }

  validation {
    condition     = can(regex("^[0-9]+(:[0-9]+)?$", var.ecs.user)) && !can(regex("^0+(:|$)", var.ecs.user))
    error_message = "ecs.user is a numeric user, not root, such as 10001:10001; got \"${var.ecs.user}\"."
  }

  validation {
    condition     = var.ecs.tmp_mib >= 1 && alltrue([for service in values(var.services) : service.runtime != "ecs" || var.ecs.tmp_mib < service.memory])
    error_message = "ecs.tmp_mib is at least 1, and less than the memory of each service with the runtime ecs; got ${var.ecs.tmp_mib}."
  }

  validation {
    condition     = var.ecs.ec2 == null ? true : length(var.ecs.ec2.instance_types) > 0 && alltrue([for type in var.ecs.ec2.instance_types : can(regex(local.ec2_instance_types, type))])
    error_message = "ecs.ec2.instance_types are types such as m7g.large; got ${join(", ", try(var.ecs.ec2.instance_types, []))}."
  }

  validation {
    condition     = var.ecs.ec2 == null ? true : var.ecs.ec2.min_size >= 0 && var.ecs.ec2.max_size >= max(1, var.ecs.ec2.min_size)
    error_message = "ecs.ec2.max_size is at least 1 and at least min_size."
  }

  validation {
    condition     = var.ecs.ec2 == null ? true : contains(["arm64", "x86_64"], var.ecs.ec2.architecture)
    error_message = "ecs.ec2.architecture is arm64 or x86_64; got \"${try(var.ecs.ec2.architecture, "")}\"."
  }

  validation {
    condition = var.ecs.ec2 == null ? true : alltrue([
      for name in var.ecs.ec2.services : try(var.services[name].runtime == "ecs" && var.services[name].architecture == var.ecs.ec2.architecture, false)
    ])
    error_message = "ecs.ec2.services are services with the runtime ecs and the instances' architecture; got ${join(", ", try(var.ecs.ec2.services, []))}."
  }
}

variable "collector" {
  description = <<-EOT
    What the OpenTelemetry collector (ADOT) beside services does. Null: its own default, which is to send traces to X-Ray.
      metrics: whether it also sends services' metrics, as embedded metric format.
      metric_log_retention_in_days: of the log group that they come through.
      memory_limit_mib: what the collector may take before it drops data.
      log_level: debug, info, warn or error.
  EOT
  type = object({
    metrics                      = optional(bool, true)
    metric_log_retention_in_days = optional(number, 30)
    memory_limit_mib             = optional(number, 100)
    log_level                    = optional(string, "warn")
  })
  default = {}

  validation {
    condition     = var.collector == null ? true : contains(["debug", "info", "warn", "error"], var.collector.log_level)
    error_message = "collector.log_level is debug, info, warn or error; got \"${try(var.collector.log_level, "")}\"."
  }

  validation {
    condition     = var.collector == null ? true : var.collector.memory_limit_mib >= 20
    error_message = "collector.memory_limit_mib is at least 20; got ${try(var.collector.memory_limit_mib, 0)}."
  }

  validation {
    condition     = var.collector == null ? true : contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.collector.metric_log_retention_in_days)
    error_message = "collector.metric_log_retention_in_days is one of CloudWatch's periods (7, 30, 90, 365, 731 …); got ${try(var.collector.metric_log_retention_in_days, 0)}."
  }
}

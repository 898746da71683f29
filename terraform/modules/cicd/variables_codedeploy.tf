variable "services" {
  description = "The environment's services, by name; those with a strategy of CodeDeploy's get an application and a deployment group."
  type = map(object({
    runtime = string
    routes  = optional(list(object({ path = string })), [])
    deployment = optional(object({
      strategy          = optional(string, "rolling")
      bake_minutes      = optional(number, 5)
      rollback_on_alarm = optional(bool, true)
    }), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.services) : length("${var.name_prefix}-cicd-${name}-deploy") <= 64])
    error_message = "A role's name, ${var.name_prefix}-cicd-<name>-deploy here, has at most 64 characters; too long with one of ${join(", ", keys(var.services))}."
  }

  validation {
    condition = alltrue([
      for service in values(var.services) : length(service.routes) > 0
      if service.runtime == "ecs" && contains(["blue_green", "canary", "linear"], service.deployment.strategy)
    ])
    error_message = "CodeDeploy moves an ECS service's traffic between two target groups: give the service routes, or take deployment.strategy rolling. It concerns ${join(", ", [for name, service in var.services : name if service.runtime == "ecs" && length(service.routes) == 0])}."
  }
}

variable "deployments" {
  description = <<-EOT
    What a service's own deployment settings leave open, by service.
      percentage: share of the traffic that moves in each step (canary, linear)
      configuration: a deployment configuration instead of the one that follows from the strategy: a name in
        deployment_configurations, or one of AWS's (CodeDeployDefault.…)
      ready_wait_minutes: ECS; how long the new version waits on the test listener to be let through by hand; it is
        stopped when nobody does. 0: it is let through at once.
      hook_function_arns: functions that a deployment may call to check the new version
      alarm_names: further alarms that stop and roll back a deployment
  EOT
  type = map(object({
    percentage         = optional(number, 10)
    configuration      = optional(string)
    ready_wait_minutes = optional(number, 0)
    hook_function_arns = optional(set(string), [])
    alarm_names        = optional(set(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.deployments) : contains(keys(var.services), name)])
    error_message = "deployments names a service that does not exist; there are: ${join(", ", keys(var.services))}."
  }

  validation {
    condition = alltrue([
      for deployment in values(var.deployments) :
      deployment.percentage >= 1 && deployment.percentage <= 99 && deployment.ready_wait_minutes >= 0 && deployment.ready_wait_minutes <= 2880
    ])
    error_message = "A deployment's percentage lies between 1 and 99, ready_wait_minutes between 0 and 2880."
  }

  validation {
    condition = alltrue([
      for deployment in values(var.deployments) : deployment.configuration == null ? true :
      startswith(deployment.configuration, "CodeDeployDefault.") || contains(keys(var.deployment_configurations), deployment.configuration)
    ])
    error_message = "configuration names an entry of deployment_configurations, or one of AWS's as in CodeDeployDefault.LambdaCanary10Percent5Minutes; there are: ${join(", ", keys(var.deployment_configurations))}."
  }
}

variable "deployment_configurations" {
  description = <<-EOT
    Deployment configurations of your own, by name.
      platform: Lambda or ECS; type: canary, linear or all_at_once
      percentage: share of each step; interval_minutes: time between steps
  EOT
  type = map(object({
    platform         = string
    type             = string
    percentage       = optional(number, 10)
    interval_minutes = optional(number, 5)
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for configuration in values(var.deployment_configurations) :
      contains(["Lambda", "ECS"], configuration.platform) && contains(["canary", "linear", "all_at_once"], configuration.type)
    ])
    error_message = "A deployment configuration's platform is Lambda or ECS, its type canary, linear or all_at_once."
  }

  validation {
    condition = alltrue([
      for configuration in values(var.deployment_configurations) :
      configuration.percentage >= 1 && configuration.percentage <= 99 && configuration.interval_minutes >= 1 && configuration.interval_minutes <= 2880
    ])
    error_message = "A deployment configuration's percentage lies between 1 and 99, interval_minutes between 1 and 2880."
  }
}

variable "ecs_cluster_name" {
  description = "ECS cluster of the services. Null: the compute layer's by convention."
  type        = string
  default     = null
}

variable "ecs_service_names" {
  description = "Name of each ECS service. Null: the compute layer's by convention."
  type        = map(string)
  default     = null
}

variable "task_role_arns" {
  description = "Role of each ECS service's tasks."
  type        = map(string)
  default     = null
}

variable "execution_role_arns" {
  description = "Role that starts each ECS service's tasks."
  type        = map(string)
  default     = null
}

variable "alb_listener_arn" {
  description = "Listener that serves the services."
  type        = string
  default     = null
}

variable "alb_test_listener_arn" {
  description = "Listener that shows a new version before it serves. Null: there is none."
  type        = string
  default     = null
}

variable "target_group_names" {
  description = "Blue target group of each ECS service."
  type        = map(string)
  default     = null
}

variable "green_target_group_names" {
  description = "Green target group of each ECS service."
  type        = map(string)
  default     = null
}

variable "service_alarm_names" {
  description = "Alarms of each service; they stop and roll back a deployment."
  type        = map(list(string))
  default     = null
}

# Deployments of services whose traffic moves by CodeDeploy: ECS blue/green, canary and linear, Lambda canary and linear.

locals {
  compute_prefix = "${var.name_prefix}-compute-"

  codedeploy_strategies = {
    ecs    = ["blue_green", "canary", "linear"]
    lambda = ["canary", "linear"]
  }

  # Settings of the services that CodeDeploy deploys.
  steered = {
    for name, service in var.services : name => {
      platform           = service.runtime == "ecs" ? "ECS" : "Lambda"
      strategy           = service.deployment.strategy
      bake_minutes       = service.deployment.bake_minutes
      rollback_on_alarm  = service.deployment.rollback_on_alarm
      percentage         = try(var.deployments[name].percentage, 10)
      wanted             = try(var.deployments[name].configuration, null)
      ready_wait_minutes = try(var.deployments[name].ready_wait_minutes, 0)
      hook_function_arns = try(var.deployments[name].hook_function_arns, toset([]))
      # Canary: bake the first step. Linear: reach the whole traffic within the bake time, a minute a step at least.
      interval_minutes = service.deployment.strategy == "canary" ? max(1, service.deployment.bake_minutes) : max(1, ceil(service.deployment.bake_minutes * try(var.deployments[name].percentage, 10) / 100))
    }
    if contains(lookup(local.codedeploy_strategies, service.runtime, []), service.deployment.strategy)
  }

  # The configuration that follows from strategy, share and interval; services that agree share it.
  generated_name = {
    for name, service in local.steered : name => "${lower(service.platform)}-${service.strategy}-${service.percentage}-percent-${service.interval_minutes}-minutes"
    if service.strategy != "blue_green" && service.wanted == null
  }

  configurations = merge(
    {
      for key in distinct(values(local.generated_name)) : key => one(distinct([
        for name, service in local.steered : {
          platform         = service.platform
          type             = service.strategy
          percentage       = service.percentage
          interval_minutes = service.interval_minutes
        } if lookup(local.generated_name, name, null) == key
      ]))
    },
    { for key, configuration in var.deployment_configurations : "custom-${key}" => configuration },
  )

  deployments = {
    for name, service in local.steered : name => merge(service, {
      configuration = (
        service.wanted == null ? (service.strategy == "blue_green" ? "CodeDeployDefault.ECSAllAtOnce" : "${local.prefix}-${local.generated_name[name]}") :
        startswith(service.wanted, "CodeDeployDefault.") ? service.wanted : "${local.prefix}-custom-${service.wanted}"
      )
      alarm_names = service.rollback_on_alarm ? toset(concat(
        try(tolist(var.service_alarm_names[name]), []),
        tolist(try(var.deployments[name].alarm_names, toset([]))),
      )) : toset([])
    })
  }
}

resource "aws_codedeploy_deployment_config" "this" {
  for_each = local.configurations

  deployment_config_name = "${local.prefix}-${each.key}"
  compute_platform       = each.value.platform

  traffic_routing_config {
    type = { canary = "TimeBasedCanary", linear = "TimeBasedLinear", all_at_once = "AllAtOnce" }[each.value.type]

    dynamic "time_based_canary" {
      for_each = each.value.type == "canary" ? [each.value] : []

      content {
        percentage = time_based_canary.value.percentage
        interval   = time_based_canary.value.interval_minutes
      }
    }

    dynamic "time_based_linear" {
      for_each = each.value.type == "linear" ? [each.value] : []

      content {
        percentage = time_based_linear.value.percentage
        interval   = time_based_linear.value.interval_minutes
      }
    }
  }

  # A configuration can't be deleted, or replaced, before its groups have taken another.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_codedeploy_app" "this" {
  for_each = local.deployments

  name             = "${local.prefix}-${each.key}"
  compute_platform = each.value.platform
}

resource "aws_codedeploy_deployment_group" "this" {
  for_each = local.deployments

  app_name               = aws_codedeploy_app.this[each.key].name
  deployment_group_name  = "${local.prefix}-${each.key}"
  deployment_config_name = each.value.configuration
  service_role_arn       = aws_iam_role.deployment[each.key].arn

  deployment_style {
    deployment_type   = "BLUE_GREEN"
    deployment_option = "WITH_TRAFFIC_CONTROL"
  }

  auto_rollback_configuration {
    enabled = true
    events  = each.value.rollback_on_alarm ? ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"] : ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"]
  }

  dynamic "alarm_configuration" {
    for_each = length(each.value.alarm_names) > 0 ? [each.value.alarm_names] : []

    content {
      enabled = true
      alarms  = alarm_configuration.value
    }
  }

  dynamic "blue_green_deployment_config" {
    for_each = each.value.platform == "ECS" ? [each.value] : []

    content {
      deployment_ready_option {
        action_on_timeout    = blue_green_deployment_config.value.ready_wait_minutes > 0 ? "STOP_DEPLOYMENT" : "CONTINUE_DEPLOYMENT"
        wait_time_in_minutes = blue_green_deployment_config.value.ready_wait_minutes
      }

      # The old version stays that long after all traffic has moved: going back takes seconds.
      terminate_blue_instances_on_deployment_success {
        action                           = "TERMINATE"
        termination_wait_time_in_minutes = blue_green_deployment_config.value.bake_minutes
      }
    }
  }

  dynamic "ecs_service" {
    for_each = each.value.platform == "ECS" ? [each.key] : []

    content {
      cluster_name = coalesce(var.ecs_cluster_name, "${var.name_prefix}-compute")
      service_name = try(var.ecs_service_names[ecs_service.value], "${local.compute_prefix}${ecs_service.value}")
    }
  }

  dynamic "load_balancer_info" {
    for_each = each.value.platform == "ECS" ? [each.key] : []

    content {
      target_group_pair_info {
        prod_traffic_route {
          listener_arns = [var.alb_listener_arn]
        }

        dynamic "test_traffic_route" {
          for_each = var.alb_test_listener_arn == null ? [] : [var.alb_test_listener_arn]

          content {
            listener_arns = [test_traffic_route.value]
          }
        }

        target_group {
          name = var.target_group_names[load_balancer_info.value]
        }

        target_group {
          name = var.green_target_group_names[load_balancer_info.value]
        }
      }
    }
  }

  lifecycle {
    precondition {
      condition     = each.value.platform == "Lambda" || (var.target_group_names != null && var.green_target_group_names != null && var.alb_listener_arn != null)
      error_message = "The service ${each.key} is deployed ${each.value.strategy}: that takes the api layer with its load balancer, and a blue and a green target group."
    }
  }

  depends_on = [aws_codedeploy_deployment_config.this, aws_iam_role_policy.deployment]
}

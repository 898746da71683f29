# The services: spread over the zones, replaced one after the other, put back when the new ones do not come up.

locals {
  rolling_services = { for name, service in local.ecs_services : name => service if !contains(local.shifted, name) }
  shifted_services = { for name, service in local.ecs_services : name => service if contains(local.shifted, name) }

  on_instances = var.ecs.ec2 == null ? [] : var.ecs.ec2.services

  # On Fargate the first task is on capacity that stays, the rest by share. A service can't mix Fargate and instances.
  fargate = concat(
    [{ provider = "FARGATE", weight = 100 - var.ecs.spot_share, base = 1 }],
    var.ecs.spot_share == 0 ? [] : [{ provider = "FARGATE_SPOT", weight = var.ecs.spot_share, base = 0 }],
  )
  instances  = [for provider in aws_ecs_capacity_provider.ec2 : { provider = provider.name, weight = 100, base = 0 }]
  strategies = { for name in keys(local.ecs_services) : name => contains(local.on_instances, name) ? local.instances : local.fargate }
}

resource "aws_ecs_service" "rolling" {
  for_each = local.rolling_services

  name                              = each.key
  cluster                           = aws_ecs_cluster.this[0].id
  task_definition                   = aws_ecs_task_definition.this[each.key].arn
  desired_count                     = each.value.scaling.min
  platform_version                  = contains(local.on_instances, each.key) ? null : "LATEST"
  enable_execute_command            = var.ecs.execute_command
  availability_zone_rebalancing     = "ENABLED"
  propagate_tags                    = "SERVICE"
  enable_ecs_managed_tags           = true
  health_check_grace_period_seconds = length(each.value.routes) > 0 || contains(keys(local.lattice_containers), each.key) ? 60 : null

  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  dynamic "capacity_provider_strategy" {
    for_each = local.strategies[each.key]

    content {
      capacity_provider = capacity_provider_strategy.value.provider
      weight            = capacity_provider_strategy.value.weight
      base              = capacity_provider_strategy.value.base
    }
  }

  network_configuration {
    subnets          = var.private_subnet_ids
    security_groups  = concat([aws_security_group.service[each.key].id], local.client_groups[each.key])
    assign_public_ip = false
  }

  dynamic "load_balancer" {
    for_each = length(each.value.routes) > 0 ? [var.target_group_arns[each.key]] : []

    content {
      target_group_arn = load_balancer.value
      container_name   = each.key
      container_port   = each.value.port
    }
  }

  dynamic "service_connect_configuration" {
    for_each = var.mesh_kind == "service_connect" ? [var.service_connect_namespace_arn] : []

    content {
      enabled   = true
      namespace = service_connect_configuration.value

      service {
        port_name      = "http"
        discovery_name = each.key

        client_alias {
          port     = each.value.port
          dns_name = each.key
        }
      }

      log_configuration {
        log_driver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.service[each.key].name
          awslogs-region        = var.region
          awslogs-stream-prefix = "service-connect"
        }
      }
    }
  }

  dynamic "vpc_lattice_configurations" {
    for_each = contains(keys(local.lattice_containers), each.key) ? [local.lattice_containers[each.key]] : []

    content {
      role_arn         = aws_iam_role.infrastructure[0].arn
      target_group_arn = vpc_lattice_configurations.value
      port_name        = "http"
    }
  }

  lifecycle {
    ignore_changes = [desired_count] # scaling sets it
  }

  depends_on = [
    aws_ecs_cluster_capacity_providers.this,
    aws_iam_role_policy.service,
    aws_iam_role_policy.execution,
    aws_iam_role_policy_attachment.infrastructure,
    aws_ssm_parameter.collector,
  ]
}

# CodeDeploy owns task definition and target group of these once they exist.
resource "aws_ecs_service" "shifted" {
  for_each = local.shifted_services

  name                              = each.key
  cluster                           = aws_ecs_cluster.this[0].id
  task_definition                   = aws_ecs_task_definition.this[each.key].arn
  desired_count                     = each.value.scaling.min
  platform_version                  = contains(local.on_instances, each.key) ? null : "LATEST"
  enable_execute_command            = var.ecs.execute_command
  propagate_tags                    = "SERVICE"
  enable_ecs_managed_tags           = true
  health_check_grace_period_seconds = length(each.value.routes) > 0 ? 60 : null

  deployment_controller {
    type = "CODE_DEPLOY"
  }

  dynamic "capacity_provider_strategy" {
    for_each = local.strategies[each.key]

    content {
      capacity_provider = capacity_provider_strategy.value.provider
      weight            = capacity_provider_strategy.value.weight
      base              = capacity_provider_strategy.value.base
    }
  }

  network_configuration {
    subnets          = var.private_subnet_ids
    security_groups  = concat([aws_security_group.service[each.key].id], local.client_groups[each.key])
    assign_public_ip = false
  }

  dynamic "load_balancer" {
    for_each = length(each.value.routes) > 0 ? [var.target_group_arns[each.key]] : []

    content {
      target_group_arn = load_balancer.value
      container_name   = each.key
      container_port   = each.value.port
    }
  }

  lifecycle {
    ignore_changes = [capacity_provider_strategy, desired_count, load_balancer, network_configuration, task_definition]
  }

  depends_on = [
    aws_ecs_cluster_capacity_providers.this,
    aws_iam_role_policy.service,
    aws_iam_role_policy.execution,
    aws_ssm_parameter.collector,
  ]
}

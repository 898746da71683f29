# The cluster, and the capacity that its services run on.

locals {
  ecs_enabled = length(local.ecs_services) > 0
}

resource "aws_cloudwatch_log_group" "execute_command" {
  count = local.ecs_enabled ? 1 : 0

  name              = "/${var.name_prefix}/compute/ecs-execute-command"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

resource "aws_ecs_cluster" "this" {
  count = local.ecs_enabled ? 1 : 0

  name = local.prefix

  setting {
    name  = "containerInsights"
    value = var.ecs.container_insights
  }

  # What people type into a container is on record.
  configuration {
    execute_command_configuration {
      kms_key_id = var.kms_key_arn
      logging    = "OVERRIDE"

      log_configuration {
        cloud_watch_encryption_enabled = true
        cloud_watch_log_group_name     = aws_cloudwatch_log_group.execute_command[0].name
      }
    }
  }
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  count = local.ecs_enabled ? 1 : 0

  cluster_name       = aws_ecs_cluster.this[0].name
  capacity_providers = concat(["FARGATE", "FARGATE_SPOT"], aws_ecs_capacity_provider.ec2[*].name)

  default_capacity_provider_strategy {
    capacity_provider = "FARGATE"
    weight            = 100
  }
}

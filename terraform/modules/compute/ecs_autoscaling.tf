# How many tasks run: enough to hold each target, never fewer than `min`.

locals {
  scaled = { for name, service in local.ecs_services : name => service if service.scaling.max > service.scaling.min }

  scaling_targets = {
    for target in flatten([
      for name, service in local.scaled : concat(
        service.scaling.cpu_percent == null ? [] : [{ service = name, metric = "ECSServiceAverageCPUUtilization", value = service.scaling.cpu_percent }],
        service.scaling.memory_percent == null ? [] : [{ service = name, metric = "ECSServiceAverageMemoryUtilization", value = service.scaling.memory_percent }],
        service.scaling.requests_per_target == null || length(service.routes) == 0 ? [] : [{ service = name, metric = "ALBRequestCountPerTarget", value = service.scaling.requests_per_target }],
      )
    ]) : "${target.service}/${target.metric}" => target
  }
}

resource "aws_appautoscaling_target" "ecs" {
  for_each = local.scaled

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.this[0].name}/${each.key}"
  min_capacity       = each.value.scaling.min
  max_capacity       = each.value.scaling.max

  depends_on = [aws_ecs_service.rolling, aws_ecs_service.shifted]
}

resource "aws_appautoscaling_policy" "ecs" {
  for_each = local.scaling_targets

  name               = replace(each.key, "/", "-")
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.ecs[each.value.service].service_namespace
  scalable_dimension = aws_appautoscaling_target.ecs[each.value.service].scalable_dimension
  resource_id        = aws_appautoscaling_target.ecs[each.value.service].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.value
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    predefined_metric_specification {
      predefined_metric_type = each.value.metric
      resource_label         = each.value.metric == "ALBRequestCountPerTarget" ? "${var.alb_arn_suffix}/${var.target_group_arn_suffixes[each.value.service]}" : null
    }
  }
}

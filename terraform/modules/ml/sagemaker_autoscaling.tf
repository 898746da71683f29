# As many instances as the requests need. https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html

locals {
  scaled_variants = merge([
    for name, endpoint in var.endpoints : {
      for variant_name, variant in endpoint.variants : "${name}/${variant_name}" => merge(variant.scaling, { endpoint = name, variant = variant_name })
      if variant.scaling != null
    }
  ]...)
}

resource "aws_appautoscaling_target" "endpoint" {
  for_each = local.scaled_variants

  service_namespace  = "sagemaker"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  resource_id        = "endpoint/${aws_sagemaker_endpoint.this[each.value.endpoint].name}/variant/${each.value.variant}"
  min_capacity       = each.value.min
  max_capacity       = each.value.max
}

resource "aws_appautoscaling_policy" "endpoint" {
  for_each = local.scaled_variants

  name               = "invocations-per-instance"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.endpoint[each.key].service_namespace
  scalable_dimension = aws_appautoscaling_target.endpoint[each.key].scalable_dimension
  resource_id        = aws_appautoscaling_target.endpoint[each.key].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.invocations_per_instance
    scale_in_cooldown  = each.value.scale_in_cooldown_seconds
    scale_out_cooldown = each.value.scale_out_cooldown_seconds

    predefined_metric_specification {
      predefined_metric_type = "SageMakerVariantInvocationsPerInstance"
    }
  }
}

# Endpoints that run only while they answer.

locals {
  serverless_variant = "main"

  serverless_digests = {
    for name, endpoint in var.serverless_endpoints : name => substr(sha256(jsonencode([
      module.serverless_model[endpoint.model].name, endpoint.memory_mb, endpoint.max_concurrency, endpoint.provisioned_concurrency, var.kms_key_arn,
    ])), 0, 8)
  }
}

resource "aws_sagemaker_endpoint_configuration" "serverless" {
  for_each = var.serverless_endpoints

  name        = "${local.prefix}-${each.key}-${local.serverless_digests[each.key]}"
  kms_key_arn = var.kms_key_arn

  production_variants {
    variant_name           = local.serverless_variant
    model_name             = module.serverless_model[each.value.model].name
    initial_variant_weight = 1

    serverless_config {
      memory_size_in_mb       = each.value.memory_mb
      max_concurrency         = each.value.max_concurrency
      provisioned_concurrency = each.value.provisioned_concurrency
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint" "serverless" {
  for_each = var.serverless_endpoints

  name                 = "${local.prefix}-${each.key}"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.serverless[each.key].name

  depends_on = [aws_cloudwatch_log_group.endpoint]
}

resource "aws_appautoscaling_target" "serverless" {
  for_each = { for name, endpoint in var.serverless_endpoints : name => endpoint.scaling if endpoint.scaling != null }

  service_namespace  = "sagemaker"
  scalable_dimension = "sagemaker:variant:DesiredProvisionedConcurrency"
  resource_id        = "endpoint/${aws_sagemaker_endpoint.serverless[each.key].name}/variant/${local.serverless_variant}"
  min_capacity       = each.value.min
  max_capacity       = each.value.max
}

resource "aws_appautoscaling_policy" "serverless" {
  for_each = { for name, endpoint in var.serverless_endpoints : name => endpoint.scaling if endpoint.scaling != null }

  name               = "provisioned-concurrency"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.serverless[each.key].service_namespace
  scalable_dimension = aws_appautoscaling_target.serverless[each.key].scalable_dimension
  resource_id        = aws_appautoscaling_target.serverless[each.key].resource_id

  target_tracking_scaling_policy_configuration {
    target_value = each.value.utilization_percent / 100

    predefined_metric_specification {
      predefined_metric_type = "SageMakerVariantProvisionedConcurrencyUtilization"
    }
  }
}

# Endpoints on instances. Their configuration can't be changed; as with models, its name holds a digest of it.

locals {
  # Instances with storage of their own encrypt it in hardware, and refuse a key:
  # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
  local_storage = "^ml\\.([a-z]+[0-9]+[a-z]*d[a-z]*|g5|g6|g6e|gr6|p5|p5e|p5en|trn1|trn1n|trn2)\\."

  endpoint_variants = {
    for name, endpoint in var.endpoints : name => {
      for kind, variants in { live = endpoint.variants, shadow = endpoint.shadow_variants } : kind => [
        for variant_name in sort(keys(variants)) : merge(variants[variant_name], {
          name       = variant_name
          model_name = module.model[variants[variant_name].model].name
        })
      ]
    }
  }

  endpoint_kms_key_arns = {
    for name, endpoint in var.endpoints : name => anytrue([
      for variant in concat(values(endpoint.variants), values(endpoint.shadow_variants)) : can(regex(local.local_storage, variant.instance_type))
    ]) ? null : var.kms_key_arn
  }

  endpoint_digests = {
    for name, endpoint in var.endpoints : name => substr(sha256(jsonencode([
      [for kind in ["live", "shadow"] : [for variant in local.endpoint_variants[name][kind] : merge(variant, { scaling = null })]],
      endpoint.data_capture, local.endpoint_kms_key_arns[name], var.kms_key_arn,
    ])), 0, 8)
  }
}

# SageMaker would make it, without a key and for ever.
resource "aws_cloudwatch_log_group" "endpoint" {
  for_each = toset(concat(keys(var.endpoints), keys(var.serverless_endpoints)))

  name              = "/aws/sagemaker/Endpoints/${local.prefix}-${each.value}"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

resource "aws_sagemaker_endpoint_configuration" "this" {
  for_each = var.endpoints

  name        = "${local.prefix}-${each.key}-${local.endpoint_digests[each.key]}"
  kms_key_arn = local.endpoint_kms_key_arns[each.key]

  dynamic "production_variants" {
    for_each = local.endpoint_variants[each.key].live

    content {
      variant_name                                      = production_variants.value.name
      model_name                                        = production_variants.value.model_name
      instance_type                                     = production_variants.value.instance_type
      initial_instance_count                            = production_variants.value.instances
      initial_variant_weight                            = production_variants.value.weight
      volume_size_in_gb                                 = production_variants.value.volume_size_gb
      model_data_download_timeout_in_seconds            = production_variants.value.model_download_seconds
      container_startup_health_check_timeout_in_seconds = production_variants.value.startup_seconds

      routing_config {
        routing_strategy = production_variants.value.routing
      }
    }
  }

  dynamic "shadow_production_variants" {
    for_each = local.endpoint_variants[each.key].shadow

    content {
      variant_name                                      = shadow_production_variants.value.name
      model_name                                        = shadow_production_variants.value.model_name
      instance_type                                     = shadow_production_variants.value.instance_type
      initial_instance_count                            = shadow_production_variants.value.instances
      initial_variant_weight                            = shadow_production_variants.value.weight
      volume_size_in_gb                                 = shadow_production_variants.value.volume_size_gb
      model_data_download_timeout_in_seconds            = shadow_production_variants.value.model_download_seconds
      container_startup_health_check_timeout_in_seconds = shadow_production_variants.value.startup_seconds

      routing_config {
        routing_strategy = shadow_production_variants.value.routing
      }
    }
  }

  dynamic "data_capture_config" {
    for_each = each.value.data_capture == null ? [] : [each.value.data_capture]

    content {
      enable_capture              = true
      initial_sampling_percentage = data_capture_config.value.percent
      destination_s3_uri          = "s3://${module.sagemaker_bucket[0].name}/captured/${each.key}"
      kms_key_id                  = var.kms_key_arn

      dynamic "capture_options" {
        for_each = sort(data_capture_config.value.modes)

        content {
          capture_mode = capture_options.value
        }
      }

      capture_content_type_header {
        json_content_types = data_capture_config.value.json_content_types
        csv_content_types  = data_capture_config.value.csv_content_types
      }
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint" "this" {
  for_each = var.endpoints

  name                 = "${local.prefix}-${each.key}"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.this[each.key].name

  deployment_config {
    dynamic "blue_green_update_policy" {
      for_each = each.value.deployment.strategy == "rolling" ? [] : [each.value.deployment]

      content {
        termination_wait_in_seconds          = blue_green_update_policy.value.termination_wait_seconds
        maximum_execution_timeout_in_seconds = blue_green_update_policy.value.timeout_seconds

        traffic_routing_configuration {
          type                     = upper(blue_green_update_policy.value.strategy)
          wait_interval_in_seconds = blue_green_update_policy.value.wait_seconds

          dynamic "canary_size" {
            for_each = blue_green_update_policy.value.strategy == "canary" ? [blue_green_update_policy.value.percent] : []

            content {
              type  = "CAPACITY_PERCENT"
              value = canary_size.value
            }
          }

          dynamic "linear_step_size" {
            for_each = blue_green_update_policy.value.strategy == "linear" ? [blue_green_update_policy.value.percent] : []

            content {
              type  = "CAPACITY_PERCENT"
              value = linear_step_size.value
            }
          }
        }
      }
    }

    dynamic "rolling_update_policy" {
      for_each = each.value.deployment.strategy == "rolling" ? [each.value.deployment] : []

      content {
        wait_interval_in_seconds             = rolling_update_policy.value.wait_seconds
        maximum_execution_timeout_in_seconds = rolling_update_policy.value.timeout_seconds

        maximum_batch_size {
          type  = "CAPACITY_PERCENT"
          value = rolling_update_policy.value.percent
        }

        # Back at once: what is rolled back to is known to work.
        rollback_maximum_batch_size {
          type  = "CAPACITY_PERCENT"
          value = 100
        }
      }
    }

    dynamic "auto_rollback_configuration" {
      for_each = length(local.rollback_alarm_names[each.key]) > 0 ? [local.rollback_alarm_names[each.key]] : []

      content {
        dynamic "alarms" {
          for_each = auto_rollback_configuration.value

          content {
            alarm_name = alarms.value
          }
        }
      }
    }
  }

  depends_on = [aws_cloudwatch_log_group.endpoint, aws_cloudwatch_metric_alarm.endpoint]
}

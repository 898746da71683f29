# A model can't be changed. Its name holds a digest of all that it is made of, so that another one is made, endpoints
# move over to it, and the old one goes.

locals {
  digest = substr(sha256(jsonencode([var.containers, var.isolated, var.vpc, var.role_arn])), 0, 8)
}

resource "aws_sagemaker_model" "this" {
  name                     = "${var.name}-${local.digest}"
  execution_role_arn       = var.role_arn
  enable_network_isolation = var.isolated

  dynamic "primary_container" {
    for_each = length(var.containers) == 1 ? var.containers : []

    content {
      container_hostname = primary_container.value.hostname
      image              = primary_container.value.image
      model_package_name = primary_container.value.model_package_arn
      model_data_url     = primary_container.value.compressed ? primary_container.value.artifact : null
      environment        = primary_container.value.environment

      dynamic "model_data_source" {
        for_each = primary_container.value.compressed || primary_container.value.artifact == null ? [] : [primary_container.value.artifact]

        content {
          s3_data_source {
            s3_uri           = model_data_source.value
            s3_data_type     = "S3Prefix"
            compression_type = "None"
          }
        }
      }
    }
  }

  dynamic "container" {
    for_each = length(var.containers) > 1 ? var.containers : []

    content {
      container_hostname = container.value.hostname
      image              = container.value.image
      model_package_name = container.value.model_package_arn
      model_data_url     = container.value.compressed ? container.value.artifact : null
      environment        = container.value.environment

      dynamic "model_data_source" {
        for_each = container.value.compressed || container.value.artifact == null ? [] : [container.value.artifact]

        content {
          s3_data_source {
            s3_uri           = model_data_source.value
            s3_data_type     = "S3Prefix"
            compression_type = "None"
          }
        }
      }
    }
  }

  dynamic "vpc_config" {
    for_each = var.vpc == null ? [] : [var.vpc]

    content {
      subnets            = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

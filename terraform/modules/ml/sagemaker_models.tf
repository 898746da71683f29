# Models: containers, what they have learned, and a role that may load just that.

locals {
  model_containers = {
    for name, model in var.models : name => [
      for container in model.containers : merge({ for key, value in container : key => value if key != "artifact_file" }, {
        artifact = container.artifact == null ? null : (
          startswith(container.artifact, "s3://") ? container.artifact : "s3://${local.sagemaker_bucket}/models/${container.artifact}"
        )
      })
    ]
  }

  # Two models may have the same.
  artifact_files = merge([
    for model in values(var.models) : { for container in model.containers : container.artifact => container.artifact_file if container.artifact_file != null }
  ]...)

  # A model.tar.gz is one object; what is not packed lies under a prefix.
  model_artifacts = {
    for name, containers in local.model_containers : name => [
      for container in containers :
      "arn:${local.partition}:s3:::${trimprefix(container.artifact, "s3://")}${container.compressed ? "" : "*"}"
      if container.artifact != null
    ]
  }

  # The role of a model writes what its endpoints capture.
  captured_of_model = {
    for name in keys(var.models) : name => [
      for endpoint_name, endpoint in var.endpoints : "${local.sagemaker_bucket_arn}/captured/${endpoint_name}/*"
      if endpoint.data_capture != null && contains([for variant in concat(values(endpoint.variants), values(endpoint.shadow_variants)) : variant.model], name)
    ]
  }

  endpoint_names_of_model = {
    for name in keys(var.models) : name => concat(
      [
        for endpoint_name, endpoint in var.endpoints : endpoint_name
        if contains([for variant in concat(values(endpoint.variants), values(endpoint.shadow_variants)) : variant.model], name)
      ],
      [for endpoint_name, endpoint in var.serverless_endpoints : endpoint_name if endpoint.model == name],
    )
  }
}

resource "aws_s3_object" "artifact" {
  for_each = local.artifact_files

  bucket      = module.sagemaker_bucket[0].name
  key         = "models/${each.key}"
  source      = "${local.files_root}/${each.value}"
  source_hash = filesha256("${local.files_root}/${each.value}")
  kms_key_id  = var.kms_key_arn
}

module "model_role" {
  source   = "./modules/sagemaker_role"
  for_each = var.models

  name                     = "${local.prefix}-model-${each.key}"
  description              = "Loads the model ${each.key}"
  account                  = local.sagemaker_account
  permissions_boundary_arn = var.permissions_boundary_arn
  kms_key_arn              = var.kms_key_arn
  other_kms_key_arns       = length(each.value.buckets) > 0 ? [var.data_kms_key_arn] : []
  images                   = [for container in each.value.containers : container.image if container.image != null]
  log_groups               = [for name in local.endpoint_names_of_model[each.key] : "/aws/sagemaker/Endpoints/${local.prefix}-${name}"]
  read = concat(
    local.model_artifacts[each.key],
    [for bucket in sort(each.value.buckets) : "${var.bucket_arns[bucket]}/*"],
  )
  write = local.captured_of_model[each.key]
  vpc   = each.value.hosting == "instances" ? local.sagemaker_vpc : null
}

module "model" {
  source   = "./modules/sagemaker_model"
  for_each = { for name, model in var.models : name => model if model.hosting == "instances" }

  name       = "${local.prefix}-${each.key}"
  role_arn   = module.model_role[each.key].arn
  containers = local.model_containers[each.key]
  isolated   = true
  vpc        = local.sagemaker_vpc

  depends_on = [aws_s3_object.artifact]
}

# Serverless hosting takes models neither in a VPC nor isolated from the network:
# https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html#serverless-endpoints-how-it-works-exclusions
module "serverless_model" {
  source   = "./modules/sagemaker_model"
  for_each = { for name, model in var.models : name => model if model.hosting == "serverless" }

  name       = "${local.prefix}-${each.key}"
  role_arn   = module.model_role[each.key].arn
  containers = local.model_containers[each.key]
  isolated   = false
  vpc        = null

  depends_on = [aws_s3_object.artifact]
}

# Pipelines: the steps from data to a registered model.

locals {
  pipeline_role_names = { for name in keys(var.pipelines) : name => "${local.prefix}-pipeline-${name}" }

  # A list takes the place of the text that names it, quotes and all.
  pipeline_texts = {
    for name, pipeline in var.pipelines : name => replace(
      jsonencode(pipeline.definition == null ? try(var.pipeline_definitions[name], null) : yamldecode(pipeline.definition)),
      "/\"(\\$\\{(subnet_ids|security_group_ids)\\})\"/", "$1",
    )
  }

  pipeline_names = {
    bucket               = local.sagemaker_bucket
    kms_key_arn          = var.kms_key_arn
    subnet_ids           = jsonencode(local.sagemaker_vpc.subnet_ids)
    security_group_ids   = jsonencode(local.sagemaker_vpc.security_group_ids)
    model_package_groups = local.model_package_group_names
    feature_groups       = local.feature_group_names
    region               = var.region
    account_id           = var.account_id
    name_prefix          = var.name_prefix
  }

  # The role is named by its name, not by what makes it, so that the definition can be read in a plan.
  pipeline_definitions = {
    for name, pipeline in var.pipelines : name => jsonencode(jsondecode(templatestring(local.pipeline_texts[name], merge(local.pipeline_names, {
      own      = pipeline.substitutions
      role_arn = "arn:${local.partition}:iam::${var.account_id}:role/${local.pipeline_role_names[name]}"
    }))))
  }
}

module "pipeline_role" {
  source   = "./modules/sagemaker_role"
  for_each = var.pipelines

  name                     = local.pipeline_role_names[each.key]
  description              = "Runs the SageMaker pipeline ${each.key} and its jobs"
  account                  = local.sagemaker_account
  permissions_boundary_arn = var.permissions_boundary_arn
  kms_key_arn              = var.kms_key_arn
  other_kms_key_arns       = length(each.value.buckets) > 0 ? [var.data_kms_key_arn] : []
  images                   = sort(each.value.images)
  log_groups               = local.sagemaker_job_log_groups
  create_log_groups        = true
  vpc                      = local.sagemaker_vpc
  read = concat(
    [for folder in ["pipelines/${each.key}", "models", "features"] : "${local.sagemaker_bucket_arn}/${folder}/*"],
    [for bucket, access in each.value.buckets : "${var.bucket_arns[bucket]}/*" if access != "write"],
  )
  write = concat(
    [for folder in ["pipelines/${each.key}", "models"] : "${local.sagemaker_bucket_arn}/${folder}/*"],
    [for bucket, access in each.value.buckets : "${var.bucket_arns[bucket]}/*" if access != "read"],
  )
  policy_documents = concat(
    [data.aws_iam_policy_document.pipeline[each.key].json],
    [for text in each.value.policy_statements : jsonencode({ Version = "2012-10-17", Statement = [jsondecode(text)] })],
  )
}

resource "aws_sagemaker_pipeline" "this" {
  for_each = var.pipelines

  pipeline_name         = "${local.prefix}-${each.key}"
  pipeline_display_name = coalesce(each.value.display_name, "${local.prefix}-${each.key}")
  pipeline_description  = each.value.description
  pipeline_definition   = local.pipeline_definitions[each.key]
  role_arn              = module.pipeline_role[each.key].arn

  dynamic "parallelism_configuration" {
    for_each = each.value.parallel_steps == null ? [] : [each.value.parallel_steps]

    content {
      max_parallel_execution_steps = parallelism_configuration.value
    }
  }
}

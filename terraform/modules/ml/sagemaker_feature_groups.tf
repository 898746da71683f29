# Feature groups: what is known of a customer now (online), and what was known when (offline, with a table in Glue).

locals {
  feature_group_names = { for name in keys(var.feature_groups) : name => "${local.prefix}-${name}" }
  feature_database    = replace("${local.prefix}-features", "-", "_")
  feature_tables = {
    for name, group in var.feature_groups : name => coalesce(group.offline.table, replace(name, "-", "_"))
    if try(group.offline.create_table, false)
  }
}

resource "aws_glue_catalog_database" "features" {
  count = length(local.feature_tables) > 0 ? 1 : 0

  name        = local.feature_database
  description = "Offline stores of ${local.prefix}"
}

# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSageMakerFeatureStoreAccess.html, for one group.
data "aws_iam_policy_document" "feature_group" {
  for_each = local.feature_tables

  statement {
    sid     = "OwnTable"
    actions = ["glue:GetTable", "glue:UpdateTable"]
    resources = [
      "arn:${local.partition}:glue:${local.here}:catalog",
      "arn:${local.partition}:glue:${local.here}:database/${local.feature_database}",
      "arn:${local.partition}:glue:${local.here}:table/${local.feature_database}/${each.value}",
    ]
  }
}

module "feature_group_role" {
  source   = "./modules/sagemaker_role"
  for_each = var.feature_groups

  name                     = "${local.prefix}-features-${each.key}"
  description              = "Writes the offline store of the feature group ${each.key}"
  account                  = local.sagemaker_account
  permissions_boundary_arn = var.permissions_boundary_arn
  kms_key_arn              = var.kms_key_arn
  read                     = each.value.offline == null ? [] : ["${local.sagemaker_bucket_arn}/features/${each.key}/*"]
  write                    = each.value.offline == null ? [] : ["${local.sagemaker_bucket_arn}/features/${each.key}/*"]
  policy_documents         = [for name in keys(local.feature_tables) : data.aws_iam_policy_document.feature_group[name].json if name == each.key]
}

resource "aws_sagemaker_feature_group" "this" {
  for_each = var.feature_groups

  feature_group_name             = local.feature_group_names[each.key]
  description                    = each.value.description
  record_identifier_feature_name = each.value.record_identifier
  event_time_feature_name        = each.value.event_time
  role_arn                       = module.feature_group_role[each.key].arn

  dynamic "feature_definition" {
    for_each = each.value.features

    content {
      feature_name    = feature_definition.value.name
      feature_type    = feature_definition.value.type
      collection_type = feature_definition.value.collection

      dynamic "collection_config" {
        for_each = feature_definition.value.dimension == null ? [] : [feature_definition.value.dimension]

        content {
          vector_config {
            dimension = collection_config.value
          }
        }
      }
    }
  }

  dynamic "online_store_config" {
    for_each = each.value.online == null ? [] : [each.value.online]

    content {
      enable_online_store = true
      storage_type        = online_store_config.value.storage

      security_config {
        kms_key_id = var.kms_key_arn
      }

      dynamic "ttl_duration" {
        for_each = online_store_config.value.ttl == null ? [] : [online_store_config.value.ttl]

        content {
          value = ttl_duration.value.value
          unit  = ttl_duration.value.unit
        }
      }
    }
  }

  dynamic "offline_store_config" {
    for_each = each.value.offline == null ? [] : [each.value.offline]

    content {
      disable_glue_table_creation = !offline_store_config.value.create_table
      table_format                = offline_store_config.value.table_format

      s3_storage_config {
        s3_uri     = "s3://${module.sagemaker_bucket[0].name}/features/${each.key}"
        kms_key_id = var.kms_key_arn
      }

      dynamic "data_catalog_config" {
        for_each = offline_store_config.value.create_table ? [local.feature_tables[each.key]] : []

        content {
          catalog    = "AwsDataCatalog"
          database   = aws_glue_catalog_database.features[0].name
          table_name = data_catalog_config.value
        }
      }
    }
  }

  dynamic "throughput_config" {
    for_each = each.value.throughput == null ? [] : [each.value.throughput]

    content {
      throughput_mode                  = "Provisioned"
      provisioned_read_capacity_units  = throughput_config.value.read_units
      provisioned_write_capacity_units = throughput_config.value.write_units
    }
  }
}

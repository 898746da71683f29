# The same table where autoscaling moves its capacities and those of its indexes: Terraform must not move them back, and
# what a resource ignores can't depend on a variable. Keep both resources the same but for `lifecycle`.

resource "aws_dynamodb_table" "autoscaled" {
  count = local.autoscaled ? 1 : 0

  name                        = var.name
  billing_mode                = var.table.billing_mode
  read_capacity               = var.table.read_capacity
  write_capacity              = var.table.write_capacity
  table_class                 = var.table.table_class
  hash_key                    = var.table.hash_key
  range_key                   = var.table.range_key
  stream_enabled              = local.stream_view != null
  stream_view_type            = local.stream_view
  deletion_protection_enabled = var.deletion_protection

  dynamic "attribute" {
    for_each = var.table.attributes

    content {
      name = attribute.key
      type = attribute.value
    }
  }

  dynamic "global_secondary_index" {
    for_each = var.table.global_secondary_indexes

    content {
      name               = global_secondary_index.key
      hash_key           = global_secondary_index.value.hash_key
      range_key          = global_secondary_index.value.range_key
      projection_type    = global_secondary_index.value.projection_type
      non_key_attributes = global_secondary_index.value.non_key_attributes
      read_capacity      = global_secondary_index.value.read_capacity
      write_capacity     = global_secondary_index.value.write_capacity

      dynamic "on_demand_throughput" {
        for_each = var.table.on_demand_limits == null ? [] : [var.table.on_demand_limits]

        content {
          max_read_request_units  = on_demand_throughput.value.read_units
          max_write_request_units = on_demand_throughput.value.write_units
        }
      }
    }
  }

  dynamic "local_secondary_index" {
    for_each = var.table.local_secondary_indexes

    content {
      name               = local_secondary_index.key
      range_key          = local_secondary_index.value.range_key
      projection_type    = local_secondary_index.value.projection_type
      non_key_attributes = local_secondary_index.value.non_key_attributes
    }
  }

  dynamic "ttl" {
    for_each = var.table.ttl_attribute == null ? [] : [var.table.ttl_attribute]

    content {
      enabled        = true
      attribute_name = ttl.value
    }
  }

  point_in_time_recovery {
    enabled                 = var.table.point_in_time_recovery
    recovery_period_in_days = var.table.point_in_time_recovery ? var.table.recovery_period_days : null
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }

  dynamic "on_demand_throughput" {
    for_each = var.table.on_demand_limits == null ? [] : [var.table.on_demand_limits]

    content {
      max_read_request_units  = on_demand_throughput.value.read_units
      max_write_request_units = on_demand_throughput.value.write_units
    }
  }

  dynamic "replica" {
    for_each = local.replicas

    content {
      region_name            = replica.key
      kms_key_arn            = replica.value
      point_in_time_recovery = var.table.point_in_time_recovery
      propagate_tags         = true
    }
  }

  tags = var.table.tags

  lifecycle {
    ignore_changes = [read_capacity, write_capacity, global_secondary_index]
  }
}

# Capacity follows use, of the table and of each global index.

locals {
  scaled = local.autoscaled ? merge(
    { for kind in ["Read", "Write"] : "table:${kind}" => { resource = "table/${local.table.name}", scope = "table", kind = kind } },
    merge([
      for index in keys(var.table.global_secondary_indexes) : {
        for kind in ["Read", "Write"] : "index/${index}:${kind}" => { resource = "table/${local.table.name}/index/${index}", scope = "index", kind = kind }
      }
    ]...),
  ) : {}
}

resource "aws_appautoscaling_target" "this" {
  for_each = local.scaled

  service_namespace  = "dynamodb"
  resource_id        = each.value.resource
  scalable_dimension = "dynamodb:${each.value.scope}:${each.value.kind}CapacityUnits"
  min_capacity       = var.table.autoscaling[lower(each.value.kind)].min
  max_capacity       = var.table.autoscaling[lower(each.value.kind)].max
}

resource "aws_appautoscaling_policy" "this" {
  for_each = local.scaled

  name               = "${var.name}-${replace(each.key, "/[/:]/", "-")}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[each.key].service_namespace
  resource_id        = aws_appautoscaling_target.this[each.key].resource_id
  scalable_dimension = aws_appautoscaling_target.this[each.key].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value = var.table.autoscaling.target_percent

    predefined_metric_specification {
      predefined_metric_type = "DynamoDB${each.value.kind}CapacityUtilization"
    }
  }
}

# Which keys are asked for most, and which are throttled.
resource "aws_dynamodb_contributor_insights" "this" {
  for_each = var.table.contributor_insights ? toset(concat(["-"], keys(var.table.global_secondary_indexes))) : []

  table_name = local.table.name
  index_name = each.key == "-" ? null : each.key
}

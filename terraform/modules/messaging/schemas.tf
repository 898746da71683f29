# What events look like: agreed on in registries, or discovered from what passes on a bus.

locals {
  schemas = merge([
    for registry_key, registry in var.schema_registries : {
      for name, schema in registry.schemas : "${registry_key}/${name}" => merge(schema, { registry = registry_key, name = name })
    }
  ]...)
}

resource "aws_schemas_registry" "this" {
  for_each = var.schema_registries

  name        = "${local.prefix}-${each.key}"
  description = each.value.description
}

resource "aws_schemas_schema" "this" {
  for_each = local.schemas

  name          = each.value.name
  registry_name = aws_schemas_registry.this[each.value.registry].name
  type          = each.value.type
  description   = each.value.description
  content       = jsonencode(jsondecode(each.value.content))
}

resource "aws_schemas_discoverer" "this" {
  for_each = { for key, bus in var.event_buses : key => bus if bus.discover_schemas }

  source_arn  = aws_cloudwatch_event_bus.this[each.key].arn
  description = "Schemas of what passes on ${each.key}"
}

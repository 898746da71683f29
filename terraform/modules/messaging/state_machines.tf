# Step Functions. A definition is checked by AWS when planning: all that is put into it is known by then.

locals {
  definition_texts = {
    for key, machine in var.state_machines : key => machine.definition != null ? machine.definition : file(machine.definition_file)
  }

  definition_names = {
    queue_arns         = local.arns.queues
    queue_urls         = { for key, name in local.queue_names : key => "https://sqs.${var.region}.${data.aws_partition.current.dns_suffix}/${var.account_id}/${name}" }
    topic_arns         = local.arns.topics
    event_bus_names    = local.event_bus_names
    event_bus_arns     = local.arns.event_buses
    state_machine_arns = local.arns.state_machines
    function_arns      = local.arns.functions
    table_names        = coalesce(var.table_names, {})
    table_arns         = local.arns.tables
    region             = var.region
    account_id         = var.account_id
    name_prefix        = var.name_prefix
  }

  definitions = {
    # Written anew, so that a change of blanks is no change.
    for key, machine in var.state_machines : key => jsonencode(jsondecode(
      templatestring(local.definition_texts[key], merge(local.definition_names, { own = machine.substitutions }))
    ))
  }

  aliases = merge([
    for key, machine in var.state_machines : {
      for name, alias in machine.aliases : "${key}/${name}" => merge(alias, { machine = key, name = name })
    }
  ]...)
}

resource "aws_cloudwatch_log_group" "state_machine" {
  for_each = { for key, machine in var.state_machines : key => machine if machine.logging.level != "OFF" }

  # The prefix keeps the log resource policy that AWS writes for it short.
  name              = "/aws/vendedlogs/states/${local.prefix}-${each.key}"
  retention_in_days = coalesce(each.value.logging.retention_in_days, var.event_log_retention_in_days)
  kms_key_id        = var.logs_kms_key_arn
}

resource "aws_sfn_state_machine" "this" {
  for_each = var.state_machines

  name       = "${local.prefix}-${each.key}"
  type       = each.value.type
  definition = local.definitions[each.key]
  role_arn   = module.state_machine_role[each.key].arn
  publish    = length(each.value.aliases) > 0

  logging_configuration {
    level                  = each.value.logging.level
    include_execution_data = each.value.logging.include_execution_data
    log_destination        = each.value.logging.level == "OFF" ? null : "${aws_cloudwatch_log_group.state_machine[each.key].arn}:*"
  }

  tracing_configuration {
    enabled = each.value.tracing
  }

  encryption_configuration {
    type                              = "CUSTOMER_MANAGED_KMS_KEY"
    kms_key_id                        = var.kms_key_arn
    kms_data_key_reuse_period_seconds = 300
  }
}

resource "aws_sfn_alias" "this" {
  for_each = local.aliases

  name        = each.value.name
  description = each.value.description

  routing_configuration {
    state_machine_version_arn = aws_sfn_state_machine.this[each.value.machine].state_machine_version_arn
    weight                    = 100 - each.value.previous_weight
  }

  dynamic "routing_configuration" {
    for_each = each.value.previous_weight > 0 ? [each.value] : []
    content {
      state_machine_version_arn = "${aws_sfn_state_machine.this[each.value.machine].arn}:${routing_configuration.value.previous_version}"
      weight                    = routing_configuration.value.previous_weight
    }
  }
}

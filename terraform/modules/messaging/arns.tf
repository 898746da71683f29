# ARNs by naming convention. They are known when planning, so that policies and definitions show in the plan,
# and things can name each other without waiting for each other.

data "aws_partition" "current" {}

locals {
  prefix    = "${var.name_prefix}-messaging"
  partition = data.aws_partition.current.partition
  here      = "${var.region}:${var.account_id}"

  arns = {
    queues = { for key, name in local.queue_names : key => "arn:${local.partition}:sqs:${local.here}:${name}" }
    topics = { for key, name in local.topic_names : key => "arn:${local.partition}:sns:${local.here}:${name}" }
    event_buses = merge(
      { default = "arn:${local.partition}:events:${local.here}:event-bus/default" },
      { for key in keys(var.event_buses) : key => "arn:${local.partition}:events:${local.here}:event-bus/${local.prefix}-${key}" },
    )
    rules = {
      for key, rule in var.event_rules :
      key => "arn:${local.partition}:events:${local.here}:rule/${rule.bus == "default" ? "" : "${local.prefix}-${rule.bus}/"}${local.prefix}-${key}"
    }
    state_machines = { for key in keys(var.state_machines) : key => "arn:${local.partition}:states:${local.here}:stateMachine:${local.prefix}-${key}" }
    # The compute layer's functions: their alias, not their latest code.
    functions = {
      for key, service in var.services : key => "arn:${local.partition}:lambda:${local.here}:function:${var.name_prefix}-compute-${key}:live"
      if service.runtime == "lambda"
    }
    tables        = coalesce(var.table_arns, {})
    table_streams = coalesce(var.table_stream_arns, {})
  }

  event_bus_names = merge({ default = "default" }, { for key in keys(var.event_buses) : key => "${local.prefix}-${key}" })
}

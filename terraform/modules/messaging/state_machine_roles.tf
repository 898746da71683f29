# What a state machine may do: what its `uses` names, and to write its log and its traces.

data "aws_iam_policy_document" "state_machine" {
  for_each = var.state_machines

  #checkov:skip=CKV_AWS_111:The log delivery and X-Ray actions know no resource; see the links
  #checkov:skip=CKV_AWS_356:The log delivery and X-Ray actions know no resource; see the links
  #checkov:skip=CKV_AWS_109:Log delivery to an encrypted group needs PutResourcePolicy, which knows no resource
  # https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
  dynamic "statement" {
    for_each = each.value.logging.level == "OFF" ? [] : [true]
    content {
      sid = "DeliverLogs"
      actions = [
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
      ]
      resources = ["*"]
    }
  }

  # https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html
  dynamic "statement" {
    for_each = each.value.tracing ? [true] : []
    content {
      sid       = "Trace"
      actions   = ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      resources = ["*"]
    }
  }

  # To wait for another machine (.sync) is to watch it, by a rule that Step Functions manages.
  dynamic "statement" {
    for_each = length(each.value.uses.state_machines) > 0 ? [sort(each.value.uses.state_machines)] : []
    content {
      sid       = "WatchExecutions"
      actions   = ["states:DescribeExecution", "states:StopExecution"]
      resources = [for name in statement.value : "${replace(local.arns.state_machines[name], ":stateMachine:", ":execution:")}:*"]
    }
  }
  dynamic "statement" {
    for_each = length(each.value.uses.state_machines) > 0 ? [true] : []
    content {
      sid       = "WatchByRule"
      actions   = ["events:DescribeRule", "events:PutRule", "events:PutTargets"]
      resources = ["arn:${local.partition}:events:${local.here}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"]
    }
  }
}

module "state_machine_role" {
  source   = "./modules/role"
  for_each = var.state_machines

  name                     = "${local.prefix}-${each.key}-sfn"
  description              = "Lets the state machine ${each.key} do what it is for"
  service                  = "states"
  source_arns              = [local.arns.state_machines[each.key]]
  account_id               = var.account_id
  region                   = var.region
  permissions_boundary_arn = var.permissions_boundary_arn
  kms_key_arn              = var.kms_key_arn
  data_kms_key_arn         = var.data_kms_key_arn

  grants = {
    send_queues          = [for name in sort(each.value.uses.queues) : local.arns.queues[name]]
    publish_topics       = [for name in sort(each.value.uses.topics) : local.arns.topics[name]]
    invoke_functions     = [for name in sort(each.value.uses.functions) : local.arns.functions[name]]
    put_events           = [for name in sort(each.value.uses.event_buses) : local.arns.event_buses[name]]
    start_state_machines = [for name in sort(each.value.uses.state_machines) : local.arns.state_machines[name]]
    read_tables          = [for name, access in each.value.uses.tables : local.arns.tables[name] if access != "write"]
    write_tables         = [for name, access in each.value.uses.tables : local.arns.tables[name] if access != "read"]
  }

  # https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
  encryption_context = merge(
    { "aws:states:stateMachineArn" = [local.arns.state_machines[each.key]] },
    each.value.logging.level == "OFF" ? {} : { SourceArn = ["arn:${local.partition}:logs:${local.here}:*"] },
  )

  policy_documents = concat(
    each.value.logging.level != "OFF" || each.value.tracing || length(each.value.uses.state_machines) > 0 ? [data.aws_iam_policy_document.state_machine[each.key].json] : [],
    each.value.uses.policies,
  )
}

# Pipes: from a queue or stream to a target, without code in between.

locals {
  has_target_parameters = {
    for key, pipe in var.pipes : key => length(compact([
      pipe.target.input_template, pipe.target.message_group_id, pipe.target.state_machine, pipe.target.function, pipe.target.event_bus,
    ])) > 0
  }

  pipe_arns = { for key in keys(var.pipes) : key => "arn:${local.partition}:pipes:${local.here}:pipe/${local.prefix}-${key}" }
}

resource "aws_cloudwatch_log_group" "pipe" {
  for_each = { for key, pipe in var.pipes : key => pipe if pipe.logging.level != "OFF" }

  name              = "/aws/vendedlogs/pipes/${local.prefix}-${each.key}"
  retention_in_days = var.event_log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

resource "aws_cloudwatch_log_group" "pipe_target" {
  for_each = { for key, pipe in var.pipes : key => pipe if pipe.target.log }

  name              = "/aws/events/${local.prefix}-${each.key}"
  retention_in_days = var.event_log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

module "pipe_role" {
  source   = "./modules/role"
  for_each = var.pipes

  name                     = "${local.prefix}-${each.key}-pipe"
  description              = "Lets the pipe ${each.key} read its source and write its target"
  service                  = "pipes"
  source_arns              = [local.pipe_arns[each.key]]
  account_id               = var.account_id
  region                   = var.region
  permissions_boundary_arn = var.permissions_boundary_arn
  kms_key_arn              = var.kms_key_arn
  data_kms_key_arn         = var.data_kms_key_arn

  grants = {
    receive_queues          = [for name in compact([each.value.source.queue]) : local.arns.queues[name]]
    read_table_streams      = [for name in compact([each.value.source.table]) : local.arns.table_streams[name]]
    read_streams            = compact([each.value.source.stream_arn])
    send_queues             = [for name in compact([each.value.target.queue, each.value.source.dead_letter_queue]) : local.arns.queues[name]]
    publish_topics          = [for name in compact([each.value.target.topic]) : local.arns.topics[name]]
    start_state_machines    = [for name in compact([each.value.target.state_machine]) : local.arns.state_machines[name]]
    run_express_machines    = [for name in compact([try(each.value.enrichment.state_machine, null)]) : local.arns.state_machines[name]]
    put_events              = [for name in compact([each.value.target.event_bus]) : local.arns.event_buses[name]]
    invoke_functions        = [for name in compact([each.value.target.function, try(each.value.enrichment.function, null)]) : local.arns.functions[name]]
    invoke_api_destinations = [for name in compact([each.value.target.api_destination, try(each.value.enrichment.api_destination, null)]) : local.api_destination_patterns[name]]
    write_log_groups        = each.value.target.log ? [aws_cloudwatch_log_group.pipe_target[each.key].arn] : []
  }

  encryption_context = { "aws:pipes:arn" = [local.pipe_arns[each.key]] }
}

resource "aws_pipes_pipe" "this" {
  for_each = var.pipes

  name               = "${local.prefix}-${each.key}"
  description        = each.value.description
  role_arn           = module.pipe_role[each.key].arn
  desired_state      = each.value.enabled ? "RUNNING" : "STOPPED"
  kms_key_identifier = var.kms_key_arn

  source = (
    each.value.source.queue != null ? aws_sqs_queue.this[each.value.source.queue].arn :
    each.value.source.table != null ? local.arns.table_streams[each.value.source.table] : each.value.source.stream_arn
  )

  source_parameters {
    dynamic "filter_criteria" {
      for_each = length(each.value.filters) > 0 ? [each.value.filters] : []
      content {
        dynamic "filter" {
          for_each = filter_criteria.value
          content {
            pattern = jsonencode(jsondecode(filter.value))
          }
        }
      }
    }

    dynamic "sqs_queue_parameters" {
      for_each = each.value.source.queue == null ? [] : [each.value.source]
      content {
        batch_size                         = sqs_queue_parameters.value.batch_size
        maximum_batching_window_in_seconds = sqs_queue_parameters.value.batching_window_seconds
      }
    }

    dynamic "dynamodb_stream_parameters" {
      for_each = each.value.source.table == null ? [] : [each.value.source]
      content {
        starting_position                  = dynamodb_stream_parameters.value.starting_position
        batch_size                         = dynamodb_stream_parameters.value.batch_size
        maximum_batching_window_in_seconds = dynamodb_stream_parameters.value.batching_window_seconds
        maximum_record_age_in_seconds      = dynamodb_stream_parameters.value.maximum_record_age_seconds
        maximum_retry_attempts             = dynamodb_stream_parameters.value.maximum_retry_attempts
        parallelization_factor             = dynamodb_stream_parameters.value.parallelization_factor
        on_partial_batch_item_failure      = "AUTOMATIC_BISECT"

        dynamic "dead_letter_config" {
          for_each = dynamodb_stream_parameters.value.dead_letter_queue == null ? [] : [dynamodb_stream_parameters.value.dead_letter_queue]
          content {
            arn = aws_sqs_queue.this[dead_letter_config.value].arn
          }
        }
      }
    }

    dynamic "kinesis_stream_parameters" {
      for_each = each.value.source.stream_arn == null ? [] : [each.value.source]
      content {
        starting_position                  = kinesis_stream_parameters.value.starting_position
        batch_size                         = kinesis_stream_parameters.value.batch_size
        maximum_batching_window_in_seconds = kinesis_stream_parameters.value.batching_window_seconds
        maximum_record_age_in_seconds      = kinesis_stream_parameters.value.maximum_record_age_seconds
        maximum_retry_attempts             = kinesis_stream_parameters.value.maximum_retry_attempts
        parallelization_factor             = kinesis_stream_parameters.value.parallelization_factor
        on_partial_batch_item_failure      = "AUTOMATIC_BISECT"

        dynamic "dead_letter_config" {
          for_each = kinesis_stream_parameters.value.dead_letter_queue == null ? [] : [kinesis_stream_parameters.value.dead_letter_queue]
          content {
            arn = aws_sqs_queue.this[dead_letter_config.value].arn
          }
        }
      }
    }
  }

  enrichment = each.value.enrichment == null ? null : (
    each.value.enrichment.function != null ? local.arns.functions[each.value.enrichment.function] :
    each.value.enrichment.state_machine != null ? aws_sfn_state_machine.this[each.value.enrichment.state_machine].arn :
    aws_cloudwatch_event_api_destination.this[each.value.enrichment.api_destination].arn
  )

  dynamic "enrichment_parameters" {
    for_each = try(each.value.enrichment.input_template, null) == null ? [] : [each.value.enrichment.input_template]
    content {
      input_template = enrichment_parameters.value
    }
  }

  target = (
    each.value.target.queue != null ? aws_sqs_queue.this[each.value.target.queue].arn :
    each.value.target.topic != null ? aws_sns_topic.this[each.value.target.topic].arn :
    each.value.target.state_machine != null ? aws_sfn_state_machine.this[each.value.target.state_machine].arn :
    each.value.target.event_bus == "default" ? local.arns.event_buses.default :
    each.value.target.event_bus != null ? aws_cloudwatch_event_bus.this[each.value.target.event_bus].arn :
    each.value.target.function != null ? local.arns.functions[each.value.target.function] :
    each.value.target.api_destination != null ? aws_cloudwatch_event_api_destination.this[each.value.target.api_destination].arn :
    aws_cloudwatch_log_group.pipe_target[each.key].arn
  )

  # An empty block would come back as none.
  dynamic "target_parameters" {
    for_each = local.has_target_parameters[each.key] ? [true] : []
    content {
      input_template = each.value.target.input_template

      dynamic "sqs_queue_parameters" {
        for_each = each.value.target.message_group_id == null ? [] : [each.value.target.message_group_id]
        content {
          message_group_id = sqs_queue_parameters.value
        }
      }

      # To start a machine and go on; waiting would hold the batch.
      dynamic "step_function_state_machine_parameters" {
        for_each = each.value.target.state_machine == null ? [] : [true]
        content {
          invocation_type = "FIRE_AND_FORGET"
        }
      }

      # To wait for a function, so that its failure is retried.
      dynamic "lambda_function_parameters" {
        for_each = each.value.target.function == null ? [] : [true]
        content {
          invocation_type = "REQUEST_RESPONSE"
        }
      }

      dynamic "eventbridge_event_bus_parameters" {
        for_each = each.value.target.event_bus == null ? [] : [each.value.target]
        content {
          detail_type = eventbridge_event_bus_parameters.value.detail_type
          source      = eventbridge_event_bus_parameters.value.source
        }
      }
    }
  }

  dynamic "log_configuration" {
    for_each = each.value.logging.level == "OFF" ? [] : [each.value.logging]
    content {
      level                  = log_configuration.value.level
      include_execution_data = log_configuration.value.include_execution_data ? ["ALL"] : null

      cloudwatch_logs_log_destination {
        log_group_arn = aws_cloudwatch_log_group.pipe[each.key].arn
      }
    }
  }
}

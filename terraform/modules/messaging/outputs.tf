output "queue_names" {
  description = "Full name of each queue."
  value       = local.queue_names
}

output "queue_urls" {
  description = "URL of each queue."
  value       = { for key, queue in aws_sqs_queue.this : key => queue.url }
}

output "queue_arns" {
  description = "ARN of each queue."
  value       = { for key, queue in aws_sqs_queue.this : key => queue.arn }
}

output "dead_letter_queue_names" {
  description = "Full name of the dead-letter queue of each queue that has one."
  value       = local.dead_letter_names
}

output "dead_letter_queue_urls" {
  description = "URL of the dead-letter queue of each queue that has one."
  value       = { for key, queue in aws_sqs_queue.dead_letter : key => queue.url }
}

output "dead_letter_queue_arns" {
  description = "ARN of the dead-letter queue of each queue that has one."
  value       = { for key, queue in aws_sqs_queue.dead_letter : key => queue.arn }
}

output "topic_names" {
  description = "Full name of each topic."
  value       = local.topic_names
}

output "topic_arns" {
  description = "ARN of each topic."
  value       = { for key, topic in aws_sns_topic.this : key => topic.arn }
}

output "subscription_arns" {
  description = "ARN of each subscription, by <topic>/<name>."
  value       = { for key, subscription in aws_sns_topic_subscription.this : key => subscription.arn }
}

output "event_bus_names" {
  description = "Full name of each event bus, the account's own as \"default\" included."
  value       = local.event_bus_names
}

output "event_bus_arns" {
  description = "ARN of each event bus, the account's own as \"default\" included."
  value       = merge({ default = local.arns.event_buses.default }, { for key, bus in aws_cloudwatch_event_bus.this : key => bus.arn })
}

output "event_rule_arns" {
  description = "ARN of each event rule."
  value       = { for key, rule in aws_cloudwatch_event_rule.this : key => rule.arn }
}

output "event_archive_arns" {
  description = "ARN of each archive."
  value       = { for key, archive in aws_cloudwatch_event_archive.this : key => archive.arn }
}

output "state_machine_names" {
  description = "Full name of each state machine."
  value       = { for key in keys(var.state_machines) : key => "${local.prefix}-${key}" }
}

output "state_machine_arns" {
  description = "ARN of each state machine."
  value       = { for key, machine in aws_sfn_state_machine.this : key => machine.arn }
}

output "state_machine_alias_arns" {
  description = "ARN of each alias of a state machine, by <state machine>/<alias>."
  value       = { for key, alias in aws_sfn_alias.this : key => alias.arn }
}

output "state_machine_log_group_names" {
  description = "Log group of each state machine that logs."
  value       = { for key, group in aws_cloudwatch_log_group.state_machine : key => group.name }
}

output "pipe_arns" {
  description = "ARN of each pipe."
  value       = { for key, pipe in aws_pipes_pipe.this : key => pipe.arn }
}

output "schedule_arns" {
  description = "ARN of each schedule."
  value       = { for key, schedule in aws_scheduler_schedule.this : key => schedule.arn }
}

output "schema_registry_names" {
  description = "Full name of each schema registry."
  value       = { for key, registry in aws_schemas_registry.this : key => registry.name }
}

output "connection_arns" {
  description = "ARN of each connection."
  value       = { for key, stack in aws_cloudformation_stack.connection : key => stack.outputs["Arn"] }
}

output "api_destination_arns" {
  description = "ARN of each API destination."
  value       = { for key, destination in aws_cloudwatch_event_api_destination.this : key => destination.arn }
}

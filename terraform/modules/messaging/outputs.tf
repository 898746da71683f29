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

# Topics and who hears them.

locals {
  topic_names = {
    for key, topic in var.topics : key => "${var.name_prefix}-messaging-${key}${topic.fifo ? ".fifo" : ""}"
  }

  # One entry a subscription, keyed by topic and name, both from configuration.
  subscriptions = merge([
    for topic_key, topic in var.topics : {
      for name, subscription in topic.subscriptions : "${topic_key}/${name}" => merge(subscription, { topic = topic_key })
    }
  ]...)
}

resource "aws_sns_topic" "this" {
  for_each = var.topics

  name                        = local.topic_names[each.key]
  display_name                = each.value.display_name
  fifo_topic                  = each.value.fifo
  content_based_deduplication = each.value.fifo ? each.value.content_based_deduplication : null
  kms_master_key_id           = var.kms_key_arn
  tracing_config              = each.value.fifo ? null : (each.value.tracing ? "Active" : "PassThrough")
  signature_version           = 2

  application_failure_feedback_role_arn    = each.value.delivery_logging == null ? null : module.delivery_log_role[0].arn
  application_success_feedback_role_arn    = each.value.delivery_logging == null ? null : module.delivery_log_role[0].arn
  application_success_feedback_sample_rate = try(each.value.delivery_logging.success_percent, null)
  firehose_failure_feedback_role_arn       = each.value.delivery_logging == null ? null : module.delivery_log_role[0].arn
  firehose_success_feedback_role_arn       = each.value.delivery_logging == null ? null : module.delivery_log_role[0].arn
  firehose_success_feedback_sample_rate    = try(each.value.delivery_logging.success_percent, null)
  http_failure_feedback_role_arn           = each.value.delivery_logging == null ? null : module.delivery_log_role[0].arn
  http_success_feedback_role_arn           = each.value.delivery_logging == null ? null : module.delivery_log_role[0].arn
  http_success_feedback_sample_rate        = try(each.value.delivery_logging.success_percent, null)
  lambda_failure_feedback_role_arn         = each.value.delivery_logging == null ? null : module.delivery_log_role[0].arn
  lambda_success_feedback_role_arn         = each.value.delivery_logging == null ? null : module.delivery_log_role[0].arn
  lambda_success_feedback_sample_rate      = try(each.value.delivery_logging.success_percent, null)
  sqs_failure_feedback_role_arn            = each.value.delivery_logging == null ? null : module.delivery_log_role[0].arn
  sqs_success_feedback_role_arn            = each.value.delivery_logging == null ? null : module.delivery_log_role[0].arn
  sqs_success_feedback_sample_rate         = try(each.value.delivery_logging.success_percent, null)
}

resource "aws_sns_topic_subscription" "this" {
  for_each = local.subscriptions

  topic_arn             = aws_sns_topic.this[each.value.topic].arn
  protocol              = each.value.queue != null ? "sqs" : each.value.protocol
  endpoint              = each.value.queue != null ? aws_sqs_queue.this[each.value.queue].arn : each.value.endpoint
  raw_message_delivery  = each.value.raw_message_delivery
  subscription_role_arn = each.value.role_arn
  filter_policy         = each.value.filter_policy == null ? null : jsonencode(jsondecode(each.value.filter_policy))
  filter_policy_scope   = each.value.filter_policy == null ? null : each.value.filter_policy_scope
  redrive_policy = each.value.dead_letter_queue == null ? null : jsonencode({
    deadLetterTargetArn = aws_sqs_queue.this[each.value.dead_letter_queue].arn
  })

  # A subscription confirms itself by sending: the queue must let it.
  depends_on = [aws_sqs_queue_policy.this]
}

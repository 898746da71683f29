# Queues. What can't be processed goes to a dead-letter queue instead of circling until it expires.

locals {
  queue_names = {
    for key, queue in var.queues : key => "${var.name_prefix}-messaging-${key}${queue.fifo ? ".fifo" : ""}"
  }
  dead_letter_names = {
    for key, queue in var.queues : key => "${var.name_prefix}-messaging-${key}-dlq${queue.fifo ? ".fifo" : ""}"
    if queue.dead_letter.enabled
  }
}

resource "aws_sqs_queue" "this" {
  for_each = var.queues

  name                              = local.queue_names[each.key]
  fifo_queue                        = each.value.fifo
  content_based_deduplication       = each.value.fifo ? each.value.content_based_deduplication : null
  deduplication_scope               = each.value.fifo ? (each.value.high_throughput ? "messageGroup" : "queue") : null
  fifo_throughput_limit             = each.value.fifo ? (each.value.high_throughput ? "perMessageGroupId" : "perQueue") : null
  visibility_timeout_seconds        = each.value.visibility_timeout_seconds
  message_retention_seconds         = each.value.retention_seconds
  max_message_size                  = each.value.max_message_bytes
  delay_seconds                     = each.value.delay_seconds
  receive_wait_time_seconds         = each.value.receive_wait_seconds
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = each.value.data_key_reuse_seconds
}

resource "aws_sqs_queue" "dead_letter" {
  for_each = local.dead_letter_names

  name                              = each.value
  fifo_queue                        = var.queues[each.key].fifo
  message_retention_seconds         = var.queues[each.key].dead_letter.retention_seconds
  receive_wait_time_seconds         = 20
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = var.queues[each.key].data_key_reuse_seconds
}

# Both directions as resources of their own: neither queue has to exist before the other.
resource "aws_sqs_queue_redrive_policy" "this" {
  for_each = local.dead_letter_names

  queue_url = aws_sqs_queue.this[each.key].url
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letter[each.key].arn
    maxReceiveCount     = var.queues[each.key].dead_letter.max_receive_count
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "dead_letter" {
  for_each = local.dead_letter_names

  queue_url = aws_sqs_queue.dead_letter[each.key].url
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.this[each.key].arn]
  })
}

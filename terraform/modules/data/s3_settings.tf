# What buckets do beside keeping objects: tell others of changes, refuse to forget, move what is not read to cheaper
# storage. And what the whole account refuses.

resource "aws_s3_bucket_notification" "this" {
  for_each = { for key, bucket in var.buckets : key => bucket.notifications if bucket.notifications != null }

  bucket      = module.bucket[each.key].name
  eventbridge = each.value.eventbridge

  dynamic "queue" {
    for_each = each.value.queues

    content {
      id            = queue.key
      queue_arn     = queue.value.arn
      events        = queue.value.events
      filter_prefix = queue.value.prefix
      filter_suffix = queue.value.suffix
    }
  }

  dynamic "topic" {
    for_each = each.value.topics

    content {
      id            = topic.key
      topic_arn     = topic.value.arn
      events        = topic.value.events
      filter_prefix = topic.value.prefix
      filter_suffix = topic.value.suffix
    }
  }

  dynamic "lambda_function" {
    for_each = each.value.functions

    content {
      id                  = lambda_function.key
      lambda_function_arn = lambda_function.value.arn
      events              = lambda_function.value.events
      filter_prefix       = lambda_function.value.prefix
      filter_suffix       = lambda_function.value.suffix
    }
  }
}

resource "aws_s3_bucket_object_lock_configuration" "this" {
  for_each = { for key, bucket in var.buckets : key => bucket.object_lock if bucket.object_lock != null }

  bucket = module.bucket[each.key].name

  rule {
    default_retention {
      mode = each.value.mode
      days = each.value.days
    }
  }

  depends_on = [module.bucket]
}

resource "aws_s3_bucket_intelligent_tiering_configuration" "this" {
  for_each = { for key, bucket in var.buckets : key => bucket.archive_after if bucket.archive_after != null }

  bucket = module.bucket[each.key].name
  name   = "archive"

  dynamic "tiering" {
    for_each = { for tier, days in { ARCHIVE_ACCESS = each.value.archive_days, DEEP_ARCHIVE_ACCESS = each.value.deep_archive_days } : tier => days if days != null }

    content {
      access_tier = tiering.key
      days        = tiering.value
    }
  }
}

resource "aws_s3_account_public_access_block" "this" {
  count = var.account_public_access_block ? 1 : 0

  account_id              = var.account_id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

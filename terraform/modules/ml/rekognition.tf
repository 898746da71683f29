# Rekognition: collections of faces, projects for labels of one's own, and processors of video streams.

locals {
  face_searches  = { for name, processor in var.stream_processors : name => processor if processor.search_faces != null }
  label_watches  = { for name, processor in var.stream_processors : name => processor if processor.labels != null }
  watches_bucket = "${local.prefix}-streams-${var.account_id}"
}

resource "aws_rekognition_collection" "this" {
  for_each = var.face_collections

  collection_id = "${local.prefix}-${each.key}"
}

resource "aws_rekognition_project" "this" {
  for_each = var.label_projects

  name        = "${local.prefix}-${each.key}"
  feature     = each.value.feature
  auto_update = each.value.feature == "CONTENT_MODERATION" ? (each.value.auto_update ? "ENABLED" : "DISABLED") : null
}

resource "aws_kinesis_video_stream" "this" {
  for_each = var.stream_processors

  name                    = "${local.prefix}-${each.key}"
  data_retention_in_hours = each.value.retention_hours
  media_type              = "video/h264"
  kms_key_id              = var.kms_key_arn
}

# Rekognition's permission is written for names that begin so.
# https://docs.aws.amazon.com/rekognition/latest/dg/api-streaming-video-roles.html
resource "aws_kinesis_stream" "faces" {
  for_each = local.face_searches

  name             = "${local.prefix}-${each.key}-faces"
  retention_period = 24
  encryption_type  = "KMS"
  kms_key_id       = var.kms_key_arn

  stream_mode_details {
    stream_mode = "ON_DEMAND"
  }
}

module "watches_bucket" {
  source = "../shared/bucket"
  count  = length(local.label_watches) > 0 ? 1 : 0

  name              = local.watches_bucket
  kms_key_arn       = var.kms_key_arn
  force_destroy     = !var.deletion_protection
  access_log_bucket = var.access_log_bucket_name
  access_log_prefix = "ml-streams/"

  lifecycle_rules = {
    found        = { expiration_days = 90 }
    old-versions = { noncurrent_version_expiration_days = 7 }
  }
}

resource "aws_sns_topic" "watches" {
  count = length(local.label_watches) > 0 ? 1 : 0

  name              = "${local.prefix}-streams"
  display_name      = "What Rekognition sees in streams"
  kms_master_key_id = var.messaging_kms_key_arn
  signature_version = 2
}

data "aws_iam_policy_document" "stream_trust" {
  for_each = var.stream_processors

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["rekognition.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:rekognition:${local.here}:streamprocessor/*"]
    }
  }
}

resource "aws_iam_role" "stream" {
  for_each = var.stream_processors

  name                 = "${local.prefix}-${each.key}-stream"
  description          = "Rekognition's way to the stream ${each.key}"
  assume_role_policy   = data.aws_iam_policy_document.stream_trust[each.key].json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "stream" {
  for_each = var.stream_processors

  statement {
    sid       = "Watches"
    actions   = ["kinesisvideo:GetDataEndpoint", "kinesisvideo:GetMedia"]
    resources = [aws_kinesis_video_stream.this[each.key].arn]
  }

  dynamic "statement" {
    for_each = { for name, stream in aws_kinesis_stream.faces : name => stream.arn if name == each.key }

    content {
      sid       = "TellsOfFaces"
      actions   = ["kinesis:PutRecord", "kinesis:PutRecords"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = each.value.labels == null ? [] : [true]

    content {
      sid       = "KeepsPictures"
      actions   = ["s3:PutObject"]
      resources = ["arn:${local.partition}:s3:::${local.watches_bucket}/${each.key}/*"]
    }
  }

  dynamic "statement" {
    for_each = each.value.labels == null ? [] : [true]

    content {
      sid       = "Tells"
      actions   = ["sns:Publish"]
      resources = [aws_sns_topic.watches[0].arn]
    }
  }

  dynamic "statement" {
    for_each = each.value.labels == null ? [] : [true]

    content {
      sid       = "EncryptsMessages"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [var.messaging_kms_key_arn]
    }
  }

  statement {
    sid       = "Encrypts"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]
  }
}

resource "aws_iam_role_policy" "stream" {
  for_each = var.stream_processors

  name   = "streams"
  role   = aws_iam_role.stream[each.key].id
  policy = data.aws_iam_policy_document.stream[each.key].json
}

resource "aws_rekognition_stream_processor" "this" {
  for_each = var.stream_processors

  name       = "${local.prefix}-${each.key}"
  role_arn   = aws_iam_role.stream[each.key].arn
  kms_key_id = each.value.labels == null ? null : var.kms_key_arn

  data_sharing_preference {
    opt_in = false
  }

  input {
    kinesis_video_stream {
      arn = aws_kinesis_video_stream.this[each.key].arn
    }
  }

  output {
    dynamic "kinesis_data_stream" {
      for_each = { for name, stream in aws_kinesis_stream.faces : name => stream.arn if name == each.key }

      content {
        arn = kinesis_data_stream.value
      }
    }

    dynamic "s3_destination" {
      for_each = each.value.labels == null ? [] : [true]

      content {
        bucket     = local.watches_bucket
        key_prefix = each.key
      }
    }
  }

  dynamic "notification_channel" {
    for_each = each.value.labels == null ? [] : [true]

    content {
      sns_topic_arn = aws_sns_topic.watches[0].arn
    }
  }

  settings {
    dynamic "face_search" {
      for_each = each.value.search_faces[*]

      content {
        collection_id        = aws_rekognition_collection.this[face_search.value.collection].collection_id
        face_match_threshold = face_search.value.threshold
      }
    }

    dynamic "connected_home" {
      for_each = each.value.labels[*]

      content {
        labels         = sort(connected_home.value.names)
        min_confidence = connected_home.value.min_confidence
      }
    }
  }

  depends_on = [aws_iam_role_policy.stream, module.watches_bucket]
}

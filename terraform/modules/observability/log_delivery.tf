# Log groups -> subscription filter -> Firehose -> OpenSearch or S3. What can't be delivered lies in the bucket.

locals {
  deliveries      = length(var.log_delivery) > 0
  delivery_bucket = "${local.name}-log-delivery-${var.account_id}"
  delivery_names  = { for key in keys(var.log_delivery) : key => "${local.name}-${key}" }
  delivery_arns   = { for key, name in local.delivery_names : key => "arn:${local.partition}:firehose:${local.here}:deliverystream/${name}" }
  delivers_in_vpc = { for key, delivery in var.log_delivery : key => delivery if delivery.to != "s3" }

  delivery_groups = merge([
    for key, delivery in var.log_delivery : {
      for group in delivery.log_groups : "${key}/${group}" => {
        delivery = key
        name = try(
          local.log_group_names[group],
          local.service_log_groups[trimprefix(group, "service/")],
          group,
        )
      }
    }
  ]...)

  # CloudWatch Logs sends compressed batches. https://docs.aws.amazon.com/firehose/latest/dev/writing-with-cloudwatch-logs-decompression.html
  delivery_processors = {
    for key, delivery in var.log_delivery : key => concat(
      [for arn in [delivery.transform_function_arn] : { type = "Lambda", parameters = { LambdaArn = "${arn}:$LATEST" } } if arn != null],
      [for format in ["GZIP"] : { type = "Decompression", parameters = { CompressionFormat = format } } if delivery.transform_function_arn == null],
      [for value in ["true"] : { type = "CloudWatchLogProcessing", parameters = { DataMessageExtraction = value } } if delivery.transform_function_arn == null && delivery.extract_messages],
      [for delimiter in ["\\n"] : { type = "AppendDelimiterToRecord", parameters = { Delimiter = delimiter } } if delivery.transform_function_arn == null && delivery.to == "s3"],
    )
  }
}

module "delivery_bucket" {
  source = "../shared/bucket"
  count  = local.deliveries ? 1 : 0

  name              = local.delivery_bucket
  kms_key_arn       = var.logs_kms_key_arn
  force_destroy     = !var.deletion_protection
  access_log_bucket = var.access_log_bucket
  access_log_prefix = "log-delivery/"

  lifecycle_rules = {
    for key, delivery in var.log_delivery : key => {
      prefix                             = "${key}/"
      expiration_days                    = delivery.backup_days
      noncurrent_version_expiration_days = 7
    }
  }
}

resource "aws_cloudwatch_log_group" "delivery" {
  #checkov:skip=CKV_AWS_338:It says why documents were not delivered; the documents themselves are in the bucket
  count = local.deliveries ? 1 : 0

  name              = "/${var.name_prefix}/observability/log-delivery"
  retention_in_days = 30
  kms_key_id        = var.logs_kms_key_arn
}

resource "aws_cloudwatch_log_stream" "delivery" {
  for_each = var.log_delivery

  name           = each.key
  log_group_name = aws_cloudwatch_log_group.delivery[0].name
}

data "aws_iam_policy_document" "delivery_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["firehose.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.account_id]
    }
  }
}

data "aws_iam_policy_document" "delivery" {
  for_each = var.log_delivery

  statement {
    sid = "Backup"
    actions = [
      "s3:AbortMultipartUpload",
      "s3:GetBucketLocation",
      "s3:GetObject",
      "s3:ListBucket",
      "s3:ListBucketMultipartUploads",
      "s3:PutObject",
    ]
    resources = [
      "arn:${local.partition}:s3:::${local.delivery_bucket}",
      "arn:${local.partition}:s3:::${local.delivery_bucket}/${each.key}/*",
    ]
  }

  statement {
    sid       = "Encrypt"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.logs_kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${var.region}.amazonaws.com", "firehose.${var.region}.amazonaws.com"]
    }
  }

  statement {
    sid       = "SayWhy"
    actions   = ["logs:PutLogEvents"]
    resources = ["arn:${local.partition}:logs:${local.here}:log-group:/${var.name_prefix}/observability/log-delivery:log-stream:${each.key}"]
  }

  dynamic "statement" {
    for_each = each.value.to == "domain" ? [true] : []

    content {
      sid       = "Domain"
      actions   = ["es:DescribeDomain", "es:DescribeDomains", "es:DescribeDomainConfig", "es:ESHttpGet", "es:ESHttpPost", "es:ESHttpPut"]
      resources = [local.domain_arn, "${local.domain_arn}/*"]
    }
  }

  dynamic "statement" {
    for_each = startswith(each.value.to, "collection/") ? [true] : []

    content {
      sid       = "Collection"
      actions   = ["aoss:APIAccessAll"]
      resources = ["arn:${local.partition}:aoss:${local.here}:collection/*"] # collections' ids are known afterwards; the access policy names them
    }
  }

  # https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-es-vpc
  dynamic "statement" {
    for_each = each.value.to == "s3" ? [] : [true]

    content {
      sid = "SeeVpc"
      actions = [
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcAttribute",
        "ec2:DescribeVpcs",
      ]
      resources = ["*"] # describing has no resources
    }
  }

  dynamic "statement" {
    for_each = each.value.to == "s3" ? [] : [true]

    content {
      sid     = "EnterVpc"
      actions = ["ec2:CreateNetworkInterface"]
      resources = concat(
        ["arn:${local.partition}:ec2:${local.here}:network-interface/*", "arn:${local.partition}:ec2:${local.here}:security-group/${aws_security_group.delivery[0].id}"],
        [for subnet in var.private_subnet_ids : "arn:${local.partition}:ec2:${local.here}:subnet/${subnet}"],
      )
    }
  }

  dynamic "statement" {
    for_each = each.value.to == "s3" ? [] : [true]

    content {
      sid       = "UseInterfaces"
      actions   = ["ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface"]
      resources = ["arn:${local.partition}:ec2:${local.here}:network-interface/*"]

      condition {
        test     = "ArnEquals"
        variable = "ec2:Vpc"
        values   = ["arn:${local.partition}:ec2:${local.here}:vpc/${var.vpc_id}"]
      }
    }
  }

  dynamic "statement" {
    for_each = each.value.transform_function_arn == null ? [] : [each.value.transform_function_arn]

    content {
      sid       = "Transform"
      actions   = ["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"]
      resources = [statement.value, "${statement.value}:*"]
    }
  }
}

resource "aws_iam_role" "delivery" {
  for_each = var.log_delivery

  name                 = "${local.name}-delivery-${each.key}"
  description          = "Lets Firehose deliver the logs ${each.key}"
  assume_role_policy   = data.aws_iam_policy_document.delivery_trust.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "delivery" {
  for_each = var.log_delivery

  name   = "deliver"
  role   = aws_iam_role.delivery[each.key].id
  policy = data.aws_iam_policy_document.delivery[each.key].json
}

resource "aws_security_group" "delivery" {
  #checkov:skip=CKV2_AWS_5:It is attached to the delivery streams below, which checkov does not look at
  count = length(local.delivers_in_vpc) > 0 ? 1 : 0

  name        = "${local.name}-log-delivery"
  description = "Firehose in the VPC"
  vpc_id      = var.vpc_id

  tags = { Name = "${local.name}-log-delivery" }
}

resource "aws_vpc_security_group_egress_rule" "delivery" {
  count = length(aws_security_group.delivery)

  security_group_id = aws_security_group.delivery[0].id
  description       = "To OpenSearch"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = var.vpc_cidr
}

resource "aws_vpc_security_group_ingress_rule" "opensearch_delivery" {
  count = anytrue([for delivery in values(var.log_delivery) : delivery.to == "domain"]) ? 1 : 0

  security_group_id            = aws_security_group.opensearch[0].id
  description                  = "Log delivery"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.delivery[0].id
}

# What it may do: as much of data, images, logs and network as it was given.

data "aws_iam_policy_document" "this" {
  source_policy_documents = var.policy_documents

  statement {
    sid       = "KeysOfData"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = concat([var.kms_key_arn], var.other_kms_key_arns)
  }

  # Volumes of instances are opened by a grant.
  statement {
    sid       = "OwnKeyForVolumes"
    actions   = ["kms:CreateGrant"]
    resources = [var.kms_key_arn]

    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }

  statement {
    sid       = "OwnMetrics"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"] # CloudWatch has no resource for metrics; the namespace limits it

    condition {
      test     = "StringLike"
      variable = "cloudwatch:namespace"
      values   = ["AWS/SageMaker", "/aws/sagemaker/*", "aws/sagemaker/*"]
    }
  }

  dynamic "statement" {
    for_each = length(var.log_groups) > 0 ? [var.log_groups] : []

    content {
      sid       = "OwnLogs"
      actions   = concat(["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], var.create_log_groups ? ["logs:CreateLogGroup"] : [])
      resources = [for name in statement.value : "${local.arn_prefix}:logs:${local.here}:log-group:${name}:*"]
    }
  }

  dynamic "statement" {
    for_each = length(local.buckets) > 0 ? [local.buckets] : []

    content {
      sid       = "NamedBuckets"
      actions   = ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:ListBucket"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(var.read) > 0 ? [var.read] : []

    content {
      sid       = "ReadObjects"
      actions   = ["s3:GetObject", "s3:GetObjectVersion"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(var.write) > 0 ? [var.write] : []

    content {
      sid       = "WriteObjects"
      actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(local.repository_arns) > 0 ? [local.repository_arns] : []

    content {
      sid       = "NamedImages"
      actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(local.repository_arns) > 0 ? [true] : []

    content {
      sid       = "SignInToEcr"
      actions   = ["ecr:GetAuthorizationToken"]
      resources = ["*"] # ECR has no resource for signing in
    }
  }

  # https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms
  dynamic "statement" {
    for_each = var.vpc == null ? [] : [true]

    content {
      sid = "LookAtNetwork"
      actions = [
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
      ]
      resources = ["*"] # EC2 has no resources for describing
    }
  }

  dynamic "statement" {
    for_each = var.vpc == null ? [] : [var.vpc]

    content {
      sid     = "OwnNetworkInterfaces"
      actions = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"]
      resources = concat(
        ["${local.arn_prefix}:ec2:${local.here}:network-interface/*"],
        [for id in statement.value.subnet_ids : "${local.arn_prefix}:ec2:${local.here}:subnet/${id}"],
        [for id in statement.value.security_group_ids : "${local.arn_prefix}:ec2:${local.here}:security-group/${id}"],
      )
    }
  }

  dynamic "statement" {
    for_each = var.vpc == null ? [] : [var.vpc]

    content {
      sid       = "LendNetworkInterfaces"
      actions   = ["ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterfacePermission"]
      resources = ["${local.arn_prefix}:ec2:${local.here}:network-interface/*"]

      condition {
        test     = "ArnEquals"
        variable = "ec2:Subnet"
        values   = [for id in statement.value.subnet_ids : "${local.arn_prefix}:ec2:${local.here}:subnet/${id}"]
      }
    }
  }
}

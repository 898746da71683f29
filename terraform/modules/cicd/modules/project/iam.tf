# What a build may do: write its own logs, reports and artifacts, read the secrets it names, and what the environment adds.

locals {
  arn_prefix = "arn:${var.account.partition}"
  build_arn  = "${local.arn_prefix}:codebuild:${var.account.region}:${var.account.id}"

  # "arn", "arn:key", "arn:key:stage" or a name. A secret's ARN ends in six characters that a name lacks.
  secret_arns = distinct([
    for reference in values(var.settings.secrets) : startswith(reference, "arn:") ?
    join(":", slice(split(":", reference), 0, 7)) :
    "${local.arn_prefix}:secretsmanager:${var.account.region}:${var.account.id}:secret:${split(":", reference)[0]}-??????"
  ])
  parameter_arns = distinct([
    for name in values(var.settings.parameters) :
    "${local.arn_prefix}:ssm:${var.account.region}:${var.account.id}:parameter/${trimprefix(name, "/")}"
  ])
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["codebuild.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account.id]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = ["${local.build_arn}:project/${var.name}"]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-build"
  description          = "Builds of ${var.name}"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "this" {
  source_policy_documents = [
    for text in var.settings.policy_statements : jsonencode({ Version = "2012-10-17", Statement = [jsondecode(text)] })
  ]

  statement {
    sid       = "OwnLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
  }

  statement {
    sid       = "Artifacts"
    actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    resources = ["${var.bucket.arn}/*"]
  }

  statement {
    sid       = "ArtifactBucket"
    actions   = ["s3:GetBucketAcl", "s3:GetBucketLocation"]
    resources = [var.bucket.arn]
  }

  statement {
    sid       = "ArtifactKey"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = [var.kms_key_arn]
  }

  statement {
    sid = "OwnReports"
    actions = [
      "codebuild:BatchPutCodeCoverages",
      "codebuild:BatchPutTestCases",
      "codebuild:CreateReport",
      "codebuild:CreateReportGroup",
      "codebuild:UpdateReport",
    ]
    resources = ["${local.build_arn}:report-group/${var.name}-*"]
  }

  dynamic "statement" {
    for_each = var.uses_connection ? [var.connection_arn] : []

    content {
      sid       = "SourceConnection"
      actions   = ["codeconnections:GetConnection", "codeconnections:GetConnectionToken", "codeconnections:UseConnection"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = var.settings.source.type == "s3" ? [var.settings.source.location] : []

    content {
      sid       = "SourceObject"
      actions   = ["s3:GetObject", "s3:GetObjectVersion"]
      resources = ["${local.arn_prefix}:s3:::${statement.value}"]
    }
  }

  dynamic "statement" {
    for_each = length(local.secret_arns) > 0 ? [local.secret_arns] : []

    content {
      sid       = "NamedSecrets"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(local.secret_arns) > 0 ? [var.secrets_kms_key_arn] : []

    content {
      sid       = "SecretsKey"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["secretsmanager.${var.account.region}.amazonaws.com"]
      }
    }
  }

  dynamic "statement" {
    for_each = length(local.parameter_arns) > 0 ? [local.parameter_arns] : []

    content {
      sid       = "NamedParameters"
      actions   = ["ssm:GetParameters"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(var.settings.assume_role_arns) > 0 ? [sort(var.settings.assume_role_arns)] : []

    content {
      sid       = "NamedRoles"
      actions   = ["sts:AssumeRole"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(var.push_images_of) > 0 ? [true] : []

    content {
      sid = "ServicesImages"
      actions = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:CompleteLayerUpload",
        "ecr:DescribeImageScanFindings",
        "ecr:DescribeImages",
        "ecr:GetDownloadUrlForLayer",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
      ]
      resources = [for service in sort(var.push_images_of) : var.repository_arns[service]]
    }
  }

  dynamic "statement" {
    for_each = length(var.push_images_of) > 0 ? [true] : []

    content {
      sid       = "SignInToEcr"
      actions   = ["ecr:GetAuthorizationToken"]
      resources = ["*"] # ECR has no resource for signing in
    }
  }

  # The alias, by which the function is called, is CodeDeploy's to move.
  dynamic "statement" {
    for_each = length(var.publishes) > 0 ? [true] : []

    content {
      sid       = "NewVersions"
      actions   = ["lambda:GetFunction", "lambda:GetFunctionConfiguration", "lambda:PublishVersion", "lambda:UpdateFunctionCode"]
      resources = [for service in sort(var.publishes) : "${local.arn_prefix}:lambda:${var.account.region}:${var.account.id}:function:${var.function_prefix}${service}"]
    }
  }

  dynamic "statement" {
    for_each = length(var.prepares) > 0 ? [true] : []

    content {
      sid       = "ReadTaskDefinitions"
      actions   = ["ecs:DescribeTaskDefinition"]
      resources = ["*"] # ECS has no resource for it
    }
  }

  # https://docs.aws.amazon.com/codebuild/latest/userguide/auth-and-access-control-iam-identity-based-access-control.html#customer-managed-policies-example-create-vpc-network-interface
  dynamic "statement" {
    for_each = var.settings.in_vpc ? [true] : []

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
    for_each = var.settings.in_vpc ? [var.vpc] : []

    content {
      sid     = "OwnNetworkInterfaces"
      actions = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"]
      resources = concat(
        ["${local.arn_prefix}:ec2:${var.account.region}:${var.account.id}:network-interface/*"],
        [for id in statement.value.subnet_ids : "${local.arn_prefix}:ec2:${var.account.region}:${var.account.id}:subnet/${id}"],
        [for id in statement.value.security_group_ids : "${local.arn_prefix}:ec2:${var.account.region}:${var.account.id}:security-group/${id}"],
      )
    }
  }

  dynamic "statement" {
    for_each = var.settings.in_vpc ? [var.vpc] : []

    content {
      sid       = "LendNetworkInterfaces"
      actions   = ["ec2:CreateNetworkInterfacePermission"]
      resources = ["${local.arn_prefix}:ec2:${var.account.region}:${var.account.id}:network-interface/*"]

      condition {
        test     = "StringEquals"
        variable = "ec2:AuthorizedService"
        values   = ["codebuild.amazonaws.com"]
      }

      condition {
        test     = "ArnEquals"
        variable = "ec2:Subnet"
        values   = [for id in statement.value.subnet_ids : "${local.arn_prefix}:ec2:${var.account.region}:${var.account.id}:subnet/${id}"]
      }
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "build"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}

resource "aws_iam_role_policy_attachment" "named" {
  for_each = var.settings.managed_policy_arns

  role       = aws_iam_role.this.name
  policy_arn = each.value
}

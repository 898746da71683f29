# A role that SageMaker takes on. https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html

locals {
  arn_prefix = "arn:${var.account.partition}"
  here       = "${var.account.region}:${var.account.id}"

  buckets = sort(distinct([for pattern in concat(var.read, var.write) : split("/", pattern)[0]]))

  # <account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>, or …@sha256:<digest>
  ecr_images = distinct([
    for image in var.images : regex("^([0-9]{12})\\.dkr\\.ecr\\.([a-z0-9-]+)\\.amazonaws\\.com(?:\\.cn)?/([^:@]+)", image)
    if can(regex("^[0-9]{12}\\.dkr\\.ecr\\.", image))
  ])
  repository_arns = sort(distinct([for image in local.ecr_images : "${local.arn_prefix}:ecr:${image[1]}:${image[0]}:repository/${image[2]}"]))
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["sagemaker.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account.id]
    }

    # https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["${local.arn_prefix}:sagemaker:${local.here}:*"]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = var.name
  description          = var.description
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "this" {
  name   = "own"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = var.managed_policy_arns

  role       = aws_iam_role.this.name
  policy_arn = each.value
}

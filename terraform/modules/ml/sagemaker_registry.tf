# The model registry: versions of models, each with where it came from and whether it is approved.

locals {
  model_package_group_names = { for name in keys(var.model_package_groups) : name => "${local.prefix}-${name}" }
  shared_model_package_groups = {
    for name, group in var.model_package_groups : name => group
    if length(group.reader_accounts) + length(group.writer_accounts) > 0
  }
}

resource "aws_sagemaker_model_package_group" "this" {
  for_each = var.model_package_groups

  model_package_group_name        = local.model_package_group_names[each.key]
  model_package_group_description = each.value.description
}

# https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy.html#model-registry-deploy-xaccount
data "aws_iam_policy_document" "model_package_group" {
  for_each = local.shared_model_package_groups

  statement {
    sid       = "SeeGroup"
    actions   = ["sagemaker:DescribeModelPackageGroup"]
    resources = ["${local.sagemaker_here}:model-package-group/${local.model_package_group_names[each.key]}"]

    principals {
      type = "AWS"
      identifiers = [
        for account in sort(setunion(each.value.reader_accounts, each.value.writer_accounts)) : "arn:${local.partition}:iam::${account}:root"
      ]
    }
  }

  statement {
    sid       = "DeployVersions"
    actions   = ["sagemaker:CreateModel", "sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
    resources = ["${local.sagemaker_here}:model-package/${local.model_package_group_names[each.key]}/*"]

    principals {
      type = "AWS"
      identifiers = [
        for account in sort(setunion(each.value.reader_accounts, each.value.writer_accounts)) : "arn:${local.partition}:iam::${account}:root"
      ]
    }
  }

  dynamic "statement" {
    for_each = length(each.value.writer_accounts) > 0 ? [sort(each.value.writer_accounts)] : []

    content {
      sid       = "RegisterVersions"
      actions   = ["sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"]
      resources = ["${local.sagemaker_here}:model-package/${local.model_package_group_names[each.key]}/*"]

      principals {
        type        = "AWS"
        identifiers = [for account in statement.value : "arn:${local.partition}:iam::${account}:root"]
      }
    }
  }
}

resource "aws_sagemaker_model_package_group_policy" "this" {
  for_each = local.shared_model_package_groups

  model_package_group_name = aws_sagemaker_model_package_group.this[each.key].model_package_group_name
  resource_policy          = data.aws_iam_policy_document.model_package_group[each.key].json
}

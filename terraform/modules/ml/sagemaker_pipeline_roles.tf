# What a pipeline may do: its own jobs, which SageMaker names pipelines-<execution>-<step>, and the groups it was given.
# https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html

locals {
  sagemaker_job_log_groups = [for kind in ["ProcessingJobs", "TrainingJobs", "TransformJobs"] : "/aws/sagemaker/${kind}"]
  sagemaker_job_kinds      = ["hyper-parameter-tuning-job", "processing-job", "training-job", "transform-job"]
  sagemaker_job_actions = flatten([
    for verb in ["Create", "Describe", "Stop"] : [
      for kind in ["HyperParameterTuningJob", "ProcessingJob", "TrainingJob", "TransformJob"] : "sagemaker:${verb}${kind}"
    ]
  ])
}

data "aws_iam_policy_document" "pipeline" {
  for_each = var.pipelines

  statement {
    sid       = "OwnJobs"
    actions   = concat(local.sagemaker_job_actions, ["sagemaker:AddTags"])
    resources = [for kind in local.sagemaker_job_kinds : "${local.sagemaker_here}:${kind}/pipelines-*"]
  }

  statement {
    sid       = "OwnModels"
    actions   = ["sagemaker:AddTags", "sagemaker:CreateModel", "sagemaker:DeleteModel", "sagemaker:DescribeModel"]
    resources = ["${local.sagemaker_here}:model/pipelines-*"]
  }

  statement {
    sid       = "OwnRoleForJobs"
    actions   = ["iam:PassRole"]
    resources = ["arn:${local.partition}:iam::${var.account_id}:role/${local.pipeline_role_names[each.key]}"]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["sagemaker.amazonaws.com"]
    }
  }

  dynamic "statement" {
    for_each = length(each.value.model_package_groups) > 0 ? [sort(each.value.model_package_groups)] : []

    content {
      sid = "RegisterModels"
      actions = [
        "sagemaker:AddTags",
        "sagemaker:CreateModelPackage",
        "sagemaker:DescribeModelPackage",
        "sagemaker:DescribeModelPackageGroup",
        "sagemaker:ListModelPackages",
        "sagemaker:UpdateModelPackage",
      ]
      resources = flatten([
        for group in statement.value : [
          "${local.sagemaker_here}:model-package-group/${local.model_package_group_names[group]}",
          "${local.sagemaker_here}:model-package/${local.model_package_group_names[group]}/*",
        ]
      ])
    }
  }

  dynamic "statement" {
    for_each = length(each.value.feature_groups) > 0 ? [sort(each.value.feature_groups)] : []

    content {
      sid       = "WriteFeatures"
      actions   = ["sagemaker:BatchGetRecord", "sagemaker:DescribeFeatureGroup", "sagemaker:GetRecord", "sagemaker:PutRecord"]
      resources = [for group in statement.value : "${local.sagemaker_here}:feature-group/${local.feature_group_names[group]}"]
    }
  }
}

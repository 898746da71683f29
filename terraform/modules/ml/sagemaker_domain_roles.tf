# What people may do in a domain: work in its apps and folders, start jobs in the VPC, register models, write features.

locals {
  domain_role_names = merge(
    { for name in keys(var.domains) : name => "${local.prefix}-domain-${name}" },
    { for key, user in local.domain_users : key => "${local.prefix}-domain-${user.domain}-${user.user}" if user.own_role },
  )

  # One entry a role: the domain's, and those of users with their own.
  domain_roles = merge(
    { for name, domain in var.domains : name => merge(domain, { domain = name }) },
    { for key, user in local.domain_users : key => merge(var.domains[user.domain], { domain = user.domain }) if user.own_role },
  )
}

data "aws_iam_policy_document" "domain" {
  for_each = local.domain_roles

  dynamic "statement" {
    for_each = each.value.train ? [true] : []

    content {
      sid       = "JobsInTheVpc"
      actions   = ["sagemaker:CreateHyperParameterTuningJob", "sagemaker:CreateProcessingJob", "sagemaker:CreateTrainingJob"]
      resources = [for kind in local.sagemaker_job_kinds : "${local.sagemaker_here}:${kind}/*"]

      condition {
        test     = "Null"
        variable = "sagemaker:VpcSubnets"
        values   = ["false"]
      }
    }
  }

  dynamic "statement" {
    for_each = each.value.train ? [true] : []

    content {
      sid = "SeeJobs"
      # Transform jobs have no network of their own, but their model's.
      actions = concat(
        [for action in local.sagemaker_job_actions : action if !startswith(action, "sagemaker:Create")],
        ["sagemaker:AddTags", "sagemaker:CreateTransformJob"],
      )
      resources = [for kind in local.sagemaker_job_kinds : "${local.sagemaker_here}:${kind}/*"]
    }
  }

  dynamic "statement" {
    for_each = each.value.train ? [true] : []

    content {
      sid       = "OwnRoleForJobs"
      actions   = ["iam:PassRole"]
      resources = ["arn:${local.partition}:iam::${var.account_id}:role/${local.domain_role_names[each.key]}"]

      condition {
        test     = "StringEquals"
        variable = "iam:PassedToService"
        values   = ["sagemaker.amazonaws.com"]
      }
    }
  }

  dynamic "statement" {
    for_each = length(each.value.model_package_groups) > 0 ? [sort(each.value.model_package_groups)] : []

    content {
      sid = "RegisterModels"
      actions = [
        "sagemaker:CreateModelPackage",
        "sagemaker:DescribeModelPackage",
        "sagemaker:DescribeModelPackageGroup",
        "sagemaker:ListModelPackages",
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

  # What the user interface lists has no resource to name.
  statement {
    sid = "SeeWhatThereIs"
    actions = [
      "sagemaker:ListApps",
      "sagemaker:ListDomains",
      "sagemaker:ListSpaces",
      "sagemaker:ListUserProfiles",
    ]
    resources = ["*"]
  }
}

locals {
  domain_role_settings = {
    for key, role in local.domain_roles : key => {
      buckets    = merge(role.buckets, try(local.domain_users[key].buckets, {}))
      statements = concat(role.policy_statements, try(local.domain_users[key].policy_statements, []))
    }
  }
}

module "domain_role" {
  source   = "./modules/sagemaker_role"
  for_each = var.domains

  name                     = local.domain_role_names[each.key]
  description              = "People in the SageMaker domain ${each.key}"
  account                  = local.sagemaker_account
  permissions_boundary_arn = var.permissions_boundary_arn
  kms_key_arn              = var.kms_key_arn
  other_kms_key_arns       = length(local.domain_role_settings[each.key].buckets) > 0 ? [var.data_kms_key_arn] : []
  images                   = sort(each.value.images)
  log_groups               = concat(local.sagemaker_job_log_groups, ["/aws/sagemaker/studio"])
  create_log_groups        = true
  managed_policy_arns      = each.value.managed_policy_arns
  read                     = local.domain_objects[each.key].read
  write                    = local.domain_objects[each.key].write
  policy_documents         = local.domain_objects[each.key].policy_documents
  vpc                      = { subnet_ids = local.sagemaker_vpc.subnet_ids, security_group_ids = [aws_security_group.domain[each.key].id] }
}

module "domain_user_role" {
  source   = "./modules/sagemaker_role"
  for_each = { for key, user in local.domain_users : key => user if user.own_role }

  name                     = local.domain_role_names[each.key]
  description              = "${each.value.user} in the SageMaker domain ${each.value.domain}"
  account                  = local.sagemaker_account
  permissions_boundary_arn = var.permissions_boundary_arn
  kms_key_arn              = var.kms_key_arn
  other_kms_key_arns       = length(local.domain_role_settings[each.key].buckets) > 0 ? [var.data_kms_key_arn] : []
  images                   = sort(var.domains[each.value.domain].images)
  log_groups               = concat(local.sagemaker_job_log_groups, ["/aws/sagemaker/studio"])
  create_log_groups        = true
  managed_policy_arns      = var.domains[each.value.domain].managed_policy_arns
  read                     = local.domain_objects[each.key].read
  write                    = local.domain_objects[each.key].write
  policy_documents         = local.domain_objects[each.key].policy_documents
  vpc                      = { subnet_ids = local.sagemaker_vpc.subnet_ids, security_group_ids = [aws_security_group.domain[each.value.domain].id] }
}

locals {
  domain_objects = {
    for key, role in local.domain_roles : key => {
      read = concat(
        [for folder in ["domains/${role.domain}", "models", "features"] : "${local.sagemaker_bucket_arn}/${folder}/*"],
        [for bucket, access in local.domain_role_settings[key].buckets : "${var.bucket_arns[bucket]}/*" if access != "write"],
      )
      write = concat(
        ["${local.sagemaker_bucket_arn}/domains/${role.domain}/*"],
        [for bucket, access in local.domain_role_settings[key].buckets : "${var.bucket_arns[bucket]}/*" if access != "read"],
      )
      policy_documents = concat(
        [data.aws_iam_policy_document.domain[key].json],
        [for text in local.domain_role_settings[key].statements : jsonencode({ Version = "2012-10-17", Statement = [jsondecode(text)] })],
      )
    }
  }
}

# Once the domain has its id: its apps and spaces, and no others. A private space is its owner's.
# https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-spaces.html
data "aws_iam_policy_document" "domain_apps" {
  for_each = var.domains

  statement {
    sid = "SeeDomain"
    actions = [
      "sagemaker:CreatePresignedDomainUrl",
      "sagemaker:DescribeApp",
      "sagemaker:DescribeDomain",
      "sagemaker:DescribeSpace",
      "sagemaker:DescribeUserProfile",
    ]
    resources = concat([aws_sagemaker_domain.this[each.key].arn], [
      for kind in ["app", "space", "user-profile"] : "${local.sagemaker_here}:${kind}/${aws_sagemaker_domain.this[each.key].id}/*"
    ])
  }

  statement {
    sid = "OwnAppsAndSpaces"
    actions = [
      "sagemaker:AddTags",
      "sagemaker:CreateApp",
      "sagemaker:CreateSpace",
      "sagemaker:DeleteApp",
      "sagemaker:DeleteSpace",
      "sagemaker:UpdateSpace",
    ]
    resources = [for kind in ["app", "space"] : "${local.sagemaker_here}:${kind}/${aws_sagemaker_domain.this[each.key].id}/*"]

    condition {
      test     = "ArnLike"
      variable = "sagemaker:OwnerUserProfileArn"
      values   = ["${local.sagemaker_here}:user-profile/${aws_sagemaker_domain.this[each.key].id}/&{sagemaker:UserProfileName}"]
    }
  }
}

resource "aws_iam_role_policy" "domain_apps" {
  for_each = local.domain_roles

  name   = "apps"
  role   = local.domain_role_names[each.key]
  policy = data.aws_iam_policy_document.domain_apps[each.value.domain].json

  depends_on = [module.domain_role, module.domain_user_role]
}

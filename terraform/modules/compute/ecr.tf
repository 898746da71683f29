# Where images are: scanned when they are pushed, and never overwritten. A service's pipeline pushes an image as candidate-… and
# tags it release-… once it was scanned; a rule of lower priority can't expire what a higher one speaks of.

locals {
  repositories = merge(
    {
      for name, service in merge(local.ecs_services, local.eks_services) : name => {
        keep_images = 50, expire_untagged_days = 7, pull_account_ids = toset([]), force_delete = var.repository_force_delete
      } if service.image == null
    },
    var.repositories,
  )
}

resource "aws_ecr_repository" "this" {
  for_each = local.repositories

  name                 = "${local.prefix}-${each.key}"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = each.value.force_delete

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = var.kms_key_arn
  }

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  for_each = local.repositories

  repository = aws_ecr_repository.this[each.key].name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Only the newest releases"
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = ["release-"]
          countType     = "imageCountMoreThan"
          countNumber   = each.value.keep_images
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "What no tag names any more"
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = each.value.expire_untagged_days
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 3
        description  = "Candidates that were not released"
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = ["candidate-"]
          countType     = "sinceImagePushed"
          countUnit     = "days"
          countNumber   = each.value.expire_untagged_days
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 4
        description  = "Only the newest"
        selection = {
          tagStatus   = "any"
          countType   = "imageCountMoreThan"
          countNumber = each.value.keep_images
        }
        action = { type = "expire" }
      },
    ]
  })
}

data "aws_iam_policy_document" "repository" {
  for_each = { for name, repository in local.repositories : name => repository if length(repository.pull_account_ids) > 0 }

  statement {
    sid     = "OtherAccountsPull"
    actions = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]

    principals {
      type        = "AWS"
      identifiers = [for id in sort(each.value.pull_account_ids) : "arn:${local.partition}:iam::${id}:root"]
    }
  }
}

resource "aws_ecr_repository_policy" "this" {
  for_each = data.aws_iam_policy_document.repository

  repository = aws_ecr_repository.this[each.key].name
  policy     = each.value.json
}

resource "aws_ecr_registry_scanning_configuration" "this" {
  count = var.registry == null ? 0 : 1

  scan_type = var.registry.enhanced_scanning ? "ENHANCED" : "BASIC"

  rule {
    scan_frequency = var.registry.enhanced_scanning ? "CONTINUOUS_SCAN" : "SCAN_ON_PUSH"

    repository_filter {
      filter      = "*"
      filter_type = "WILDCARD"
    }
  }
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  for_each = var.registry == null ? {} : var.registry.pull_through_caches

  ecr_repository_prefix = each.key
  upstream_registry_url = each.value
}

# A CodeBuild project, its log group and the role of its builds.

locals {
  images = {
    arm64  = "aws/codebuild/amazonlinux-aarch64-standard:3.0"
    x86_64 = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
  }
  source_types = {
    codepipeline = "CODEPIPELINE"
    none         = "NO_SOURCE"
    s3           = "S3"
    github       = "GITHUB"
    gitlab       = "GITLAB"
    bitbucket    = "BITBUCKET"
  }
  source_type = local.source_types[var.settings.source.type]
  is_git      = contains(["GITHUB", "GITLAB", "BITBUCKET"], local.source_type)

  # A layer of images is only worth keeping for builds that make images.
  local_cache_modes = concat(
    ["LOCAL_CUSTOM_CACHE"],
    local.is_git ? ["LOCAL_SOURCE_CACHE"] : [],
    var.settings.privileged ? ["LOCAL_DOCKER_LAYER_CACHE"] : [],
  )

  variables = concat(
    [for name, value in var.settings.environment : { name = name, value = value, type = "PLAINTEXT" }],
    [for name, value in var.settings.parameters : { name = name, value = value, type = "PARAMETER_STORE" }],
    [for name, value in var.settings.secrets : { name = name, value = value, type = "SECRETS_MANAGER" }],
  )
}

resource "aws_cloudwatch_log_group" "this" {
  name              = var.log_group_name
  retention_in_days = var.log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

resource "aws_codebuild_project" "this" {
  #checkov:skip=CKV_AWS_316:Privileged mode is off unless a project that builds images asks for it
  name                   = var.name
  description            = var.settings.description
  service_role           = aws_iam_role.this.arn
  encryption_key         = var.kms_key_arn
  build_timeout          = var.settings.timeout_minutes
  queued_timeout         = var.settings.queued_timeout_minutes
  concurrent_build_limit = var.settings.concurrent_builds
  source_version         = local.is_git ? var.settings.source.version : null
  badge_enabled          = false
  project_visibility     = "PRIVATE"

  artifacts {
    type = local.source_type == "CODEPIPELINE" ? "CODEPIPELINE" : "NO_ARTIFACTS"
  }

  source {
    type                = local.source_type
    location            = var.settings.source.location
    buildspec           = var.settings.buildspec
    git_clone_depth     = local.is_git ? 1 : null
    report_build_status = local.is_git

    dynamic "auth" {
      for_each = var.uses_connection ? [var.connection_arn] : []

      content {
        type     = "CODECONNECTIONS"
        resource = auth.value
      }
    }
  }

  environment {
    type                        = var.settings.architecture == "arm64" ? "ARM_CONTAINER" : "LINUX_CONTAINER"
    image                       = coalesce(var.settings.image, local.images[var.settings.architecture])
    compute_type                = "BUILD_GENERAL1_${upper(var.settings.compute_type)}"
    image_pull_credentials_type = startswith(coalesce(var.settings.image, "aws/codebuild/"), "aws/codebuild/") ? "CODEBUILD" : "SERVICE_ROLE"
    privileged_mode             = var.settings.privileged

    dynamic "environment_variable" {
      for_each = local.variables

      content {
        name  = environment_variable.value.name
        value = environment_variable.value.value
        type  = environment_variable.value.type
      }
    }
  }

  cache {
    type     = { none = "NO_CACHE", local = "LOCAL", s3 = "S3" }[var.settings.cache]
    location = var.settings.cache == "s3" ? "${var.bucket.name}/cache/${var.name}" : null
    modes    = var.settings.cache == "local" ? local.local_cache_modes : null
  }

  logs_config {
    cloudwatch_logs {
      status     = "ENABLED"
      group_name = aws_cloudwatch_log_group.this.name
    }

    s3_logs {
      status = "DISABLED"
    }
  }

  dynamic "vpc_config" {
    for_each = var.settings.in_vpc ? [var.vpc] : []

    content {
      vpc_id             = vpc_config.value.id
      subnets            = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  # CodeBuild tries the role when a project in a VPC is created.
  depends_on = [aws_iam_role_policy.this]
}

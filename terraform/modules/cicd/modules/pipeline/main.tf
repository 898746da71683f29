# A pipeline: its source, its stages, and the role it works with.

locals {
  source          = var.settings.source
  from_connection = local.source.connection != null
  source_action   = "Source"
  source_artifact = "source"

  # What CodePipeline calls each type of action.
  kinds = {
    approval       = { category = "Approval", provider = "Manual" }
    build          = { category = "Build", provider = "CodeBuild" }
    test           = { category = "Test", provider = "CodeBuild" }
    deploy_ecs     = { category = "Deploy", provider = "CodeDeployToECS" }
    deploy_lambda  = { category = "Deploy", provider = "Lambda" }
    cloudformation = { category = "Deploy", provider = "CloudFormation" }
  }

  actions = flatten([for stage in var.settings.stages : stage.actions])

  # Every action's configuration, with the settings that are not of its type left out.
  configurations = {
    for stage in var.settings.stages : stage.name => {
      for action in stage.actions : action.name => { for key, value in merge(
        action.type != "approval" ? {} : {
          NotificationArn    = var.topic_arn
          CustomData         = action.comment
          ExternalEntityLink = action.link
        },
        !contains(["build", "test"], action.type) ? {} : {
          ProjectName = var.projects[action.project].name
          EnvironmentVariables = length(action.variables) == 0 ? null : jsonencode([
            for name, value in action.variables : { name = name, value = value, type = "PLAINTEXT" }
          ])
          PrimarySource = length(coalesce(action.inputs, [local.source_artifact])) > 1 ? action.inputs[0] : null
        },
        action.type != "deploy_ecs" ? {} : {
          ApplicationName                = var.deployments[action.service].application
          DeploymentGroupName            = var.deployments[action.service].group
          TaskDefinitionTemplateArtifact = coalesce(action.inputs, [local.source_artifact])[0]
          TaskDefinitionTemplatePath     = "taskdef.json"
          AppSpecTemplateArtifact        = coalesce(action.inputs, [local.source_artifact])[0]
          AppSpecTemplatePath            = "appspec.yaml"
          Image1ArtifactName             = action.image_artifact
          Image1ContainerName            = action.image_artifact == null ? null : "IMAGE1_NAME"
        },
        action.type != "deploy_lambda" ? {} : {
          FunctionName           = "${var.function_prefix}${action.service}"
          FunctionAlias          = "live"
          PublishedTargetVersion = action.target_version
          DeployStrategy         = lookup(var.strategies, action.service, "AllAtOnce")
          Alarms                 = try(length(var.deployments[action.service].alarms), 0) == 0 ? null : join(",", var.deployments[action.service].alarms)
        },
        action.type != "cloudformation" ? {} : {
          ActionMode         = action.action_mode
          StackName          = "${var.stack_prefix}${action.stack}"
          RoleArn            = action.deploy_role_arn
          TemplatePath       = action.action_mode == "DELETE_ONLY" ? null : "${coalesce(action.inputs, [local.source_artifact])[0]}::${action.template}"
          Capabilities       = length(action.capabilities) == 0 ? null : join(",", action.capabilities)
          ParameterOverrides = length(action.parameters) == 0 ? null : jsonencode(action.parameters)
        },
      ) : key => value if value != null }
    }
  }
}

resource "aws_codepipeline" "this" {
  name           = var.name
  role_arn       = aws_iam_role.this.arn
  pipeline_type  = "V2"
  execution_mode = var.settings.execution_mode

  artifact_store {
    type     = "S3"
    location = var.bucket.name

    encryption_key {
      type = "KMS"
      id   = var.kms_key_arn
    }
  }

  dynamic "trigger" {
    for_each = length(var.settings.triggers) > 0 ? [var.settings.triggers] : []

    content {
      provider_type = "CodeStarSourceConnection"

      git_configuration {
        source_action_name = local.source_action

        dynamic "push" {
          for_each = [for trigger in trigger.value : trigger if trigger.event == "push"]

          content {
            dynamic "branches" {
              for_each = push.value.branches == null ? [] : [push.value.branches]

              content {
                includes = length(branches.value.includes) > 0 ? branches.value.includes : null
                excludes = length(branches.value.excludes) > 0 ? branches.value.excludes : null
              }
            }

            dynamic "file_paths" {
              for_each = push.value.file_paths == null ? [] : [push.value.file_paths]

              content {
                includes = length(file_paths.value.includes) > 0 ? file_paths.value.includes : null
                excludes = length(file_paths.value.excludes) > 0 ? file_paths.value.excludes : null
              }
            }

            dynamic "tags" {
              for_each = push.value.tags == null ? [] : [push.value.tags]

              content {
                includes = length(tags.value.includes) > 0 ? tags.value.includes : null
                excludes = length(tags.value.excludes) > 0 ? tags.value.excludes : null
              }
            }
          }
        }

        dynamic "pull_request" {
          for_each = [for trigger in trigger.value : trigger if trigger.event == "pull_request"]

          content {
            events = pull_request.value.pull_request

            branches {
              includes = length(pull_request.value.branches.includes) > 0 ? pull_request.value.branches.includes : null
              excludes = length(pull_request.value.branches.excludes) > 0 ? pull_request.value.branches.excludes : null
            }

            dynamic "file_paths" {
              for_each = pull_request.value.file_paths == null ? [] : [pull_request.value.file_paths]

              content {
                includes = length(file_paths.value.includes) > 0 ? file_paths.value.includes : null
                excludes = length(file_paths.value.excludes) > 0 ? file_paths.value.excludes : null
              }
            }
          }
        }
      }
    }
  }

  dynamic "variable" {
    for_each = var.settings.variables

    content {
      name          = variable.key
      default_value = variable.value.default_value
      description   = variable.value.description
    }
  }

  stage {
    name = "Source"

    action {
      name             = local.source_action
      category         = "Source"
      owner            = "AWS"
      provider         = local.from_connection ? "CodeStarSourceConnection" : "S3"
      version          = "1"
      namespace        = "SourceVariables"
      output_artifacts = [local.source_artifact]

      configuration = { for key, value in {
        ConnectionArn        = local.from_connection ? var.connection_arn : null
        FullRepositoryId     = local.source.repository
        BranchName           = local.from_connection ? local.source.branch : null
        OutputArtifactFormat = local.from_connection ? (local.source.full_clone ? "CODEBUILD_CLONE_REF" : "CODE_ZIP") : null
        DetectChanges        = local.from_connection ? tostring(!var.settings.manual) : null
        S3Bucket             = local.source.bucket
        S3ObjectKey          = local.source.key
        # A rule on the bucket's events starts the pipeline; nothing polls.
        PollForSourceChanges = local.from_connection ? null : "false"
      } : key => value if value != null }
    }
  }

  dynamic "stage" {
    for_each = var.settings.stages

    content {
      name = stage.value.name

      dynamic "on_failure" {
        for_each = stage.value.on_failure == null ? [] : [stage.value.on_failure]

        content {
          result = on_failure.value

          dynamic "retry_configuration" {
            for_each = on_failure.value == "RETRY" ? ["FAILED_ACTIONS"] : []

            content {
              retry_mode = retry_configuration.value
            }
          }
        }
      }

      dynamic "action" {
        for_each = stage.value.actions

        content {
          name               = action.value.name
          category           = local.kinds[action.value.type].category
          owner              = "AWS"
          provider           = local.kinds[action.value.type].provider
          version            = "1"
          run_order          = action.value.order
          namespace          = action.value.namespace
          timeout_in_minutes = action.value.timeout_minutes
          output_artifacts   = action.value.outputs
          input_artifacts = distinct(concat(
            action.value.type == "approval" || (action.value.type == "deploy_lambda" && action.value.target_version != null) || (action.value.type == "cloudformation" && action.value.action_mode == "DELETE_ONLY") ? [] : coalesce(action.value.inputs, [local.source_artifact]),
            compact([action.value.image_artifact]),
          ))
          configuration = local.configurations[stage.value.name][action.value.name]
        }
      }
    }
  }

  depends_on = [aws_iam_role_policy.this]
}

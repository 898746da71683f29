# Domains: where people develop models. Apps reach AWS through the VPC alone.

locals {
  domain_scripts = merge([
    for name, domain in var.domains : { for script, settings in domain.lifecycle_scripts : "${name}-${script}" => merge(settings, { domain = name }) }
  ]...)

  # "own" roles besides each domain's.
  domain_users = merge([
    for name, domain in var.domains : { for user, profile in domain.user_profiles : "${name}/${user}" => merge(profile, { domain = name, user = user }) }
  ]...)

  domain_apps = { JupyterLab = "jupyter_lab", CodeEditor = "code_editor" }
}

resource "aws_sagemaker_studio_lifecycle_config" "this" {
  for_each = local.domain_scripts

  studio_lifecycle_config_name     = "${local.prefix}-${each.key}"
  studio_lifecycle_config_app_type = each.value.app
  studio_lifecycle_config_content  = base64encode(each.value.content)
}

resource "aws_sagemaker_domain" "this" {
  for_each = var.domains

  domain_name             = "${local.prefix}-${each.key}"
  auth_mode               = each.value.auth_mode
  vpc_id                  = var.vpc_id
  subnet_ids              = var.private_subnet_ids
  app_network_access_type = "VpcOnly"
  kms_key_id              = var.kms_key_arn
  tag_propagation         = "ENABLED" # so that what users start is counted to its owner

  domain_settings {
    # Logs say who it was, not only that somebody had the role.
    execution_role_identity_config = "USER_PROFILE_NAME"
    security_group_ids             = [aws_security_group.domain[each.key].id]

    docker_settings {
      enable_docker_access = each.value.docker ? "ENABLED" : "DISABLED"
    }
  }

  default_user_settings {
    execution_role      = module.domain_role[each.key].arn
    security_groups     = [aws_security_group.domain[each.key].id]
    default_landing_uri = "studio::"
    studio_web_portal   = "ENABLED"

    jupyter_lab_app_settings {
      lifecycle_config_arns = [for key, script in local.domain_scripts : aws_sagemaker_studio_lifecycle_config.this[key].arn if script.domain == each.key && script.app == "JupyterLab"]

      default_resource_spec {
        instance_type = each.value.instance_type
      }

      app_lifecycle_management {
        idle_settings {
          lifecycle_management        = each.value.idle_timeout_minutes == 0 ? "DISABLED" : "ENABLED"
          idle_timeout_in_minutes     = each.value.idle_timeout_minutes == 0 ? null : each.value.idle_timeout_minutes
          min_idle_timeout_in_minutes = each.value.idle_timeout_minutes == 0 ? null : 60
          max_idle_timeout_in_minutes = each.value.idle_timeout_minutes == 0 ? null : each.value.max_idle_timeout_minutes
        }
      }
    }

    code_editor_app_settings {
      lifecycle_config_arns = [for key, script in local.domain_scripts : aws_sagemaker_studio_lifecycle_config.this[key].arn if script.domain == each.key && script.app == "CodeEditor"]

      default_resource_spec {
        instance_type = each.value.instance_type
      }

      app_lifecycle_management {
        idle_settings {
          lifecycle_management        = each.value.idle_timeout_minutes == 0 ? "DISABLED" : "ENABLED"
          idle_timeout_in_minutes     = each.value.idle_timeout_minutes == 0 ? null : each.value.idle_timeout_minutes
          min_idle_timeout_in_minutes = each.value.idle_timeout_minutes == 0 ? null : 60
          max_idle_timeout_in_minutes = each.value.idle_timeout_minutes == 0 ? null : each.value.max_idle_timeout_minutes
        }
      }
    }

    # What a notebook shows may be anybody's data: it is not shared by a link.
    sharing_settings {
      notebook_output_option = "Disabled"
    }

    space_storage_settings {
      default_ebs_storage_settings {
        default_ebs_volume_size_in_gb = each.value.space_storage_gb
        maximum_ebs_volume_size_in_gb = each.value.max_space_storage_gb
      }
    }

    studio_web_portal_settings {
      hidden_app_types      = each.value.hidden_apps
      hidden_instance_types = each.value.hidden_instance_types
    }
  }

  # Shared spaces work with the domain's role, too.
  default_space_settings {
    execution_role  = module.domain_role[each.key].arn
    security_groups = [aws_security_group.domain[each.key].id]
  }

  retention_policy {
    home_efs_file_system = each.value.retain_home_file_system ? "Retain" : "Delete"
  }
}

resource "aws_sagemaker_user_profile" "this" {
  for_each = local.domain_users

  domain_id                      = aws_sagemaker_domain.this[each.value.domain].id
  user_profile_name              = each.value.user
  single_sign_on_user_identifier = each.value.sso_user == null ? null : "UserName"
  single_sign_on_user_value      = each.value.sso_user

  dynamic "user_settings" {
    for_each = each.value.own_role ? [module.domain_user_role[each.key].arn] : []

    content {
      execution_role = user_settings.value
    }
  }
}

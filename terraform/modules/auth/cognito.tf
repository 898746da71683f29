# Where users live and how they sign in.
# https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools.html

locals {
  user_pool_id = one(aws_cognito_user_pool.this[*].id)
  protected    = var.user_pool == null ? false : var.user_pool.threat_protection != "off"

  sms             = try(var.user_pool.sms, null)
  sms_external_id = "${var.name_prefix}-auth-users"

  takeover_actions = {
    allow             = "NO_ACTION"
    mfa_if_configured = "MFA_IF_CONFIGURED"
    mfa               = "MFA_REQUIRED"
    block             = "BLOCK"
  }
}

resource "aws_cognito_user_pool" "this" {
  count = var.user_pool == null ? 0 : 1

  name                     = "${var.name_prefix}-auth-users"
  deletion_protection      = var.user_pool.deletion_protection ? "ACTIVE" : "INACTIVE"
  user_pool_tier           = local.protected ? "PLUS" : "ESSENTIALS"
  username_attributes      = ["email"]
  auto_verified_attributes = ["email"]
  mfa_configuration        = { required = "ON", optional = "OPTIONAL", off = "OFF" }[var.user_pool.mfa]

  # Text messages can be intercepted and cost money; an authenticator app does neither, so it is always there.
  software_token_mfa_configuration {
    enabled = var.user_pool.mfa != "off"
  }

  username_configuration {
    case_sensitive = false
  }

  password_policy {
    minimum_length                   = var.user_pool.password.minimum_length
    require_lowercase                = var.user_pool.password.require_character_groups
    require_uppercase                = var.user_pool.password.require_character_groups
    require_numbers                  = var.user_pool.password.require_character_groups
    require_symbols                  = var.user_pool.password.require_character_groups
    temporary_password_validity_days = var.user_pool.password.temporary_validity_days
    password_history_size            = local.protected ? var.user_pool.password.history_size : 0
  }

  admin_create_user_config {
    allow_admin_create_user_only = !var.user_pool.self_sign_up
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  # Until the new address has answered, the old one stays in force.
  user_attribute_update_settings {
    attributes_require_verification_before_update = ["email"]
  }

  device_configuration {
    challenge_required_on_new_device      = true
    device_only_remembered_on_user_prompt = true
  }

  dynamic "sms_configuration" {
    for_each = local.sms == null ? [] : [local.sms]

    content {
      external_id    = local.sms_external_id
      sns_caller_arn = aws_iam_role.sms[0].arn
      sns_region     = coalesce(sms_configuration.value.region, var.region)
    }
  }

  dynamic "user_pool_add_ons" {
    for_each = local.protected ? [upper(var.user_pool.threat_protection)] : []

    content {
      advanced_security_mode = user_pool_add_ons.value
    }
  }

  dynamic "email_configuration" {
    for_each = var.user_pool.email == null ? [] : [var.user_pool.email]

    content {
      email_sending_account  = "DEVELOPER"
      source_arn             = email_configuration.value.source_arn
      from_email_address     = email_configuration.value.from
      reply_to_email_address = email_configuration.value.reply_to
      configuration_set      = email_configuration.value.configuration_set
    }
  }

  dynamic "schema" {
    for_each = var.user_pool.custom_attributes

    content {
      name                     = schema.key
      attribute_data_type      = schema.value.type
      mutable                  = schema.value.mutable
      required                 = false
      developer_only_attribute = false

      dynamic "string_attribute_constraints" {
        for_each = schema.value.type == "String" ? [schema.value.max_length] : []

        content {
          min_length = "0"
          max_length = tostring(string_attribute_constraints.value)
        }
      }

      dynamic "number_attribute_constraints" {
        for_each = schema.value.type == "Number" ? [true] : []

        content {}
      }
    }
  }
}

# Passwords known from other sites' leaks are refused at sign-in, sign-up and change.
resource "aws_cognito_risk_configuration" "this" {
  count = try(var.user_pool.threat_protection, "off") == "enforced" ? 1 : 0

  user_pool_id = local.user_pool_id

  compromised_credentials_risk_configuration {
    event_filter = ["PASSWORD_CHANGE", "SIGN_IN", "SIGN_UP"]

    actions {
      event_action = "BLOCK"
    }
  }

  dynamic "account_takeover_risk_configuration" {
    for_each = var.user_pool.account_takeover == null ? [] : [var.user_pool.account_takeover]

    content {
      notify_configuration {
        source_arn = account_takeover_risk_configuration.value.source_arn
        from       = account_takeover_risk_configuration.value.from
      }

      actions {
        low_action {
          event_action = local.takeover_actions[account_takeover_risk_configuration.value.low]
          notify       = false
        }

        medium_action {
          event_action = local.takeover_actions[account_takeover_risk_configuration.value.medium]
          notify       = true
        }

        high_action {
          event_action = local.takeover_actions[account_takeover_risk_configuration.value.high]
          notify       = true
        }
      }
    }
  }

  dynamic "risk_exception_configuration" {
    for_each = length(var.user_pool.trusted_cidrs) + length(var.user_pool.blocked_cidrs) > 0 ? [true] : []

    content {
      skipped_ip_range_list = length(var.user_pool.trusted_cidrs) > 0 ? var.user_pool.trusted_cidrs : null
      blocked_ip_range_list = length(var.user_pool.blocked_cidrs) > 0 ? var.user_pool.blocked_cidrs : null
    }
  }
}

# The web ACL of the security layer looks at sign-in pages and at the API that SDKs call.
resource "aws_wafv2_web_acl_association" "user_pool" {
  count = var.user_pool != null && var.web_acl_enabled ? 1 : 0

  resource_arn = aws_cognito_user_pool.this[0].arn
  web_acl_arn  = var.web_acl_arn
}

resource "aws_cognito_user_pool_domain" "this" {
  count = var.user_pool_domain == null ? 0 : 1

  user_pool_id    = local.user_pool_id
  domain          = var.user_pool_domain.domain
  certificate_arn = var.user_pool_domain.certificate_arn
}

resource "aws_cognito_user_group" "this" {
  for_each = var.groups

  user_pool_id = local.user_pool_id
  name         = each.key
  description  = each.value.description
  precedence   = each.value.precedence
  role_arn     = each.value.role ? aws_iam_role.group[each.key].arn : null
}

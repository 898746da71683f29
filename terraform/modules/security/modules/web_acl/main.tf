# One web ACL. Rules run from the lowest priority up: who is let through or turned away by address, then by
# country, then by rate, then what the managed groups know. The cheap and certain comes before the elaborate.

locals {
  allowing = sort([for key, set in local.ip_versions : key if set.action == "allow"])
  others   = sort([for key, set in local.ip_versions : key if set.action != "allow"])

  # Positions, not numbers from the environment: WAF refuses two rules of one priority.
  ip_set_priorities = { for index, key in concat(local.allowing, local.others) : key => 100 + index }
  rate_priorities   = { for index, name in sort(keys(var.rate_limits)) : name => 400 + index }
  managed_order     = sort([for name, group in var.managed_rule_groups : format("%06d/%s", group.priority, name)])
  managed_priorities = {
    for index, entry in local.managed_order : split("/", entry)[1] => 600 + index
  }
}

resource "aws_wafv2_web_acl" "this" {
  name        = var.name
  description = "What may reach ${var.scope == "CLOUDFRONT" ? "distributions" : "load balancers and APIs"} of ${var.name}"
  scope       = var.scope

  default_action {
    dynamic "allow" {
      for_each = var.default_action == "allow" ? [true] : []
      content {}
    }
    dynamic "block" {
      for_each = var.default_action == "block" ? [true] : []
      content {}
    }
  }

  # So that a limit answers what HTTP has for it: wait, instead of "forbidden".
  custom_response_body {
    key          = "too-many-requests"
    content_type = "APPLICATION_JSON"
    content      = jsonencode({ message = "Too many requests" })
  }

  dynamic "association_config" {
    for_each = length(var.body_inspection_kb) > 0 ? [var.body_inspection_kb] : []

    content {
      request_body {
        dynamic "api_gateway" {
          for_each = contains(keys(association_config.value), "api_gateway") ? [association_config.value.api_gateway] : []
          content {
            default_size_inspection_limit = api_gateway.value
          }
        }
        dynamic "cloudfront" {
          for_each = contains(keys(association_config.value), "cloudfront") ? [association_config.value.cloudfront] : []
          content {
            default_size_inspection_limit = cloudfront.value
          }
        }
        dynamic "cognito_user_pool" {
          for_each = contains(keys(association_config.value), "cognito_user_pool") ? [association_config.value.cognito_user_pool] : []
          content {
            default_size_inspection_limit = cognito_user_pool.value
          }
        }
      }
    }
  }

  dynamic "rule" {
    for_each = local.ip_versions

    content {
      name     = "ip-${rule.key}"
      priority = local.ip_set_priorities[rule.key]

      action {
        dynamic "allow" {
          for_each = rule.value.action == "allow" ? [true] : []
          content {}
        }
        dynamic "block" {
          for_each = rule.value.action == "block" ? [true] : []
          content {}
        }
        dynamic "count" {
          for_each = rule.value.action == "count" ? [true] : []
          content {}
        }
      }

      statement {
        ip_set_reference_statement {
          arn = aws_wafv2_ip_set.this[rule.key].arn
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-ip-${rule.key}"
        sampled_requests_enabled   = true
      }
    }
  }

  dynamic "rule" {
    for_each = length(var.blocked_countries) > 0 ? [sort(var.blocked_countries)] : []

    content {
      name     = "blocked-countries"
      priority = 300

      action {
        block {}
      }

      statement {
        geo_match_statement {
          country_codes = rule.value
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-blocked-countries"
        sampled_requests_enabled   = true
      }
    }
  }

  dynamic "rule" {
    for_each = length(var.allowed_countries) > 0 ? [sort(var.allowed_countries)] : []

    content {
      name     = "other-countries"
      priority = 301

      action {
        block {}
      }

      # Blocks the rest, where an "allow" would skip every rule after it.
      statement {
        not_statement {
          statement {
            geo_match_statement {
              country_codes = rule.value
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-other-countries"
        sampled_requests_enabled   = true
      }
    }
  }

  dynamic "rule" {
    for_each = var.rate_limits

    content {
      name     = "rate-${rule.key}"
      priority = local.rate_priorities[rule.key]

      action {
        dynamic "block" {
          for_each = rule.value.action == "block" ? [true] : []
          content {
            custom_response {
              response_code            = 429
              custom_response_body_key = "too-many-requests"
            }
          }
        }
        dynamic "count" {
          for_each = rule.value.action == "count" ? [true] : []
          content {}
        }
        dynamic "captcha" {
          for_each = rule.value.action == "captcha" ? [true] : []
          content {}
        }
        dynamic "challenge" {
          for_each = rule.value.action == "challenge" ? [true] : []
          content {}
        }
      }

      statement {
        rate_based_statement {
          limit                 = rule.value.limit
          evaluation_window_sec = rule.value.window_seconds
          aggregate_key_type    = rule.value.aggregate_by == "forwarded_ip" ? "FORWARDED_IP" : "IP"

          dynamic "forwarded_ip_config" {
            for_each = rule.value.aggregate_by == "forwarded_ip" ? [true] : []
            content {
              header_name = "X-Forwarded-For"
              # A header that is no address would otherwise be a way past the limit.
              fallback_behavior = "MATCH"
            }
          }

          dynamic "scope_down_statement" {
            for_each = rule.value.path_prefix == null ? [] : [rule.value.path_prefix]
            content {
              byte_match_statement {
                search_string         = scope_down_statement.value
                positional_constraint = "STARTS_WITH"

                field_to_match {
                  uri_path {}
                }

                # /%6Cogin and /x/../login are /login.
                text_transformation {
                  priority = 0
                  type     = "URL_DECODE"
                }
                text_transformation {
                  priority = 1
                  type     = "NORMALIZE_PATH"
                }
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-rate-${rule.key}"
        sampled_requests_enabled   = true
      }
    }
  }

  dynamic "rule" {
    for_each = var.managed_rule_groups

    content {
      name     = rule.key
      priority = local.managed_priorities[rule.key]

      override_action {
        dynamic "none" {
          for_each = rule.value.count_only ? [] : [true]
          content {}
        }
        dynamic "count" {
          for_each = rule.value.count_only ? [true] : []
          content {}
        }
      }

      statement {
        managed_rule_group_statement {
          name        = rule.key
          vendor_name = rule.value.vendor
          version     = rule.value.version

          dynamic "rule_action_override" {
            for_each = rule.value.rule_overrides
            content {
              name = rule_action_override.key

              action_to_use {
                dynamic "allow" {
                  for_each = rule_action_override.value == "allow" ? [true] : []
                  content {}
                }
                dynamic "block" {
                  for_each = rule_action_override.value == "block" ? [true] : []
                  content {}
                }
                dynamic "count" {
                  for_each = rule_action_override.value == "count" ? [true] : []
                  content {}
                }
                dynamic "captcha" {
                  for_each = rule_action_override.value == "captcha" ? [true] : []
                  content {}
                }
                dynamic "challenge" {
                  for_each = rule_action_override.value == "challenge" ? [true] : []
                  content {}
                }
              }
            }
          }

          dynamic "managed_rule_group_configs" {
            for_each = rule.value.bot_control_inspection_level == null ? [] : [rule.value.bot_control_inspection_level]
            content {
              aws_managed_rules_bot_control_rule_set {
                inspection_level = managed_rule_group_configs.value
              }
            }
          }

          dynamic "managed_rule_group_configs" {
            for_each = rule.value.account_takeover == null ? [] : [rule.value.account_takeover]
            content {
              aws_managed_rules_atp_rule_set {
                login_path = managed_rule_group_configs.value.login_path

                request_inspection {
                  payload_type = "JSON"

                  username_field {
                    identifier = managed_rule_group_configs.value.username_field
                  }
                  password_field {
                    identifier = managed_rule_group_configs.value.password_field
                  }
                }
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-${rule.key}"
        sampled_requests_enabled   = true
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = true
  }
}

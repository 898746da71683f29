# Every rule of the variables refuses its own bad value, one at a time. Run over the variables alone, without a provider:
# `python -m pytest tests/e2e/test_modules.py`.

variables {
  name_prefix      = "shop-test"
  environment_name = "test"
  region           = "eu-west-1"
  account_id       = "123456789012"
  kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
}

run "an_account_has_twelve_digits" {
  command         = plan
  expect_failures = [var.account_id]
  variables {
    account_id = "1234"
  }
}

run "a_second_factor_is_required_optional_or_off" {
  command         = plan
  expect_failures = [var.user_pool]
  variables {
    user_pool = { mfa = "sometimes" }
  }
}

run "threat_protection_is_enforced_audit_or_off" {
  command         = plan
  expect_failures = [var.user_pool]
  variables {
    user_pool = { threat_protection = "on" }
  }
}

run "a_password_is_long" {
  command         = plan
  expect_failures = [var.user_pool]
  variables {
    user_pool = { password = { minimum_length = 6 } }
  }
}

run "text_messages_need_a_second_factor" {
  command         = plan
  expect_failures = [var.user_pool]
  variables {
    user_pool = { mfa = "off", sms = {} }
  }
}

run "a_temporary_password_is_temporary" {
  command         = plan
  expect_failures = [var.user_pool]
  variables {
    user_pool = { password = { temporary_validity_days = 0 } }
  }
}

run "cognito_remembers_24_passwords" {
  command         = plan
  expect_failures = [var.user_pool]
  variables {
    user_pool = { password = { history_size = 30 } }
  }
}

run "a_risky_sign_in_is_answered_as_cognito_can" {
  command         = plan
  expect_failures = [var.user_pool]
  variables {
    user_pool = { account_takeover = { medium = "shout", source_arn = "arn:aws:ses:eu-west-1:123456789012:identity/a" } }
  }
}

run "risky_sign_ins_need_threat_protection" {
  command         = plan
  expect_failures = [var.user_pool]
  variables {
    user_pool = { threat_protection = "audit", account_takeover = { source_arn = "arn:aws:ses:eu-west-1:123456789012:identity/a" } }
  }
}

run "trusted_addresses_are_ranges" {
  command         = plan
  expect_failures = [var.user_pool]
  variables {
    user_pool = { trusted_cidrs = ["everywhere"] }
  }
}

run "an_attribute_has_a_type_of_cognito" {
  command         = plan
  expect_failures = [var.user_pool]
  variables {
    user_pool = { custom_attributes = { a = { type = "Text" } } }
  }
}

run "a_prefix_does_not_name_aws" {
  command         = plan
  expect_failures = [var.user_pool_domain]
  variables {
    user_pool        = {}
    user_pool_domain = { domain = "my-aws-login" }
  }
}

run "the_certificate_of_a_domain_lies_in_us_east_1" {
  command         = plan
  expect_failures = [var.user_pool_domain]
  variables {
    user_pool        = {}
    user_pool_domain = { domain = "login.shop.example", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/a" }
  }
}

run "a_domain_needs_a_user_pool" {
  command         = plan
  expect_failures = [var.user_pool_domain]
  variables {
    user_pool_domain = { domain = "shop" }
  }
}

run "an_api_has_a_scope" {
  command         = plan
  expect_failures = [var.resource_servers]
  variables {
    user_pool        = {}
    resource_servers = { orders = {} }
  }
}

run "an_api_needs_a_user_pool" {
  command         = plan
  expect_failures = [var.resource_servers]
  variables {
    resource_servers = { orders = { read = "Read" } }
  }
}

run "a_client_is_of_a_known_kind" {
  command         = plan
  expect_failures = [var.clients]
  variables {
    user_pool = {}
    clients   = { a = { kind = "phone", callback_urls = ["https://shop.example.com"] } }
  }
}

run "people_come_back_somewhere" {
  command         = plan
  expect_failures = [var.clients]
  variables {
    user_pool = {}
    clients   = { a = {} }
  }
}

run "people_come_back_over_tls" {
  command         = plan
  expect_failures = [var.clients]
  variables {
    user_pool = {}
    clients   = { a = { callback_urls = ["http://shop.example.com"] } }
  }
}

run "a_scope_is_one_of_an_api" {
  command         = plan
  expect_failures = [var.clients]
  variables {
    user_pool = {}
    clients   = { a = { callback_urls = ["https://shop.example.com"], scopes = ["orders/read"] } }
  }
}

run "a_client_s_provider_is_there" {
  command         = plan
  expect_failures = [var.clients]
  variables {
    user_pool = {}
    clients   = { a = { callback_urls = ["https://shop.example.com"], identity_providers = ["nobody"] } }
  }
}

run "a_token_lives_five_minutes_at_least" {
  command         = plan
  expect_failures = [var.clients]
  variables {
    user_pool = {}
    clients   = { a = { callback_urls = ["https://shop.example.com"], access_token_minutes = 1 } }
  }
}

run "a_client_needs_a_user_pool" {
  command         = plan
  expect_failures = [var.clients]
  variables {
    clients = { a = { callback_urls = ["https://shop.example.com"] } }
  }
}

run "a_group_needs_a_user_pool" {
  command         = plan
  expect_failures = [var.groups]
  variables {
    groups = { staff = {} }
  }
}

run "a_provider_is_oidc_or_saml" {
  command         = plan
  expect_failures = [var.identity_providers]
  variables {
    user_pool           = {}
    identity_providers  = { both = { oidc = { issuer = "https://x", client_id = "a" }, saml = { metadata_url = "https://x" } } }
    oidc_client_secrets = { both = "s" }
  }
}

run "a_provider_is_reached_over_tls" {
  command         = plan
  expect_failures = [var.identity_providers]
  variables {
    user_pool          = {}
    identity_providers = { office = { saml = { metadata_url = "http://idp.example.com" } } }
  }
}

run "an_oidc_provider_has_its_secret" {
  command         = plan
  expect_failures = [var.identity_providers]
  variables {
    user_pool          = {}
    identity_providers = { partner = { oidc = { issuer = "https://x", client_id = "a" } } }
  }
}

run "a_provider_needs_a_user_pool" {
  command         = plan
  expect_failures = [var.identity_providers]
  variables {
    identity_providers = { office = { saml = { metadata_url = "https://idp.example.com" } } }
  }
}

run "credentials_are_for_clients_that_are_there" {
  command         = plan
  expect_failures = [var.identity_pool]
  variables {
    user_pool     = {}
    identity_pool = { clients = ["nobody"] }
  }
}

run "a_policy_is_for_a_group_that_is_there" {
  command         = plan
  expect_failures = [var.identity_pool]
  variables {
    user_pool     = {}
    clients       = { web = { callback_urls = ["https://shop.example.com"] } }
    identity_pool = { clients = ["web"], group_policies = { ghosts = [] } }
  }
}

run "a_group_with_a_role_has_its_policy" {
  command         = plan
  expect_failures = [var.identity_pool]
  variables {
    user_pool     = {}
    clients       = { web = { callback_urls = ["https://shop.example.com"] } }
    groups        = { admins = { role = true } }
    identity_pool = { clients = ["web"] }
  }
}

run "a_policy_is_json" {
  command         = plan
  expect_failures = [var.identity_pool]
  variables {
    user_pool     = {}
    clients       = { web = { callback_urls = ["https://shop.example.com"] } }
    identity_pool = { clients = ["web"], policy_statements = ["no json"] }
  }
}

run "a_rule_names_a_group_with_a_role" {
  command         = plan
  expect_failures = [var.identity_pool]
  variables {
    user_pool     = {}
    clients       = { web = { callback_urls = ["https://shop.example.com"] } }
    groups        = { admins = { role = true } }
    identity_pool = { clients = ["web"], group_policies = { admins = [] }, rules = [{ claim = "custom:team", value = "platform", group = "staff" }] }
  }
}

run "there_are_25_rules_at_most" {
  command         = plan
  expect_failures = [var.identity_pool]
  variables {
    user_pool     = {}
    clients       = { web = { callback_urls = ["https://shop.example.com"] } }
    groups        = { admins = { role = true } }
    identity_pool = { clients = ["web"], group_policies = { admins = [] }, rules = [for n in range(26) : { claim = "custom:team", value = tostring(n), group = "admins" }] }
  }
}

run "regions_are_regions" {
  command         = plan
  expect_failures = [var.boundary]
  variables {
    boundary = { allowed_regions = ["eu-west-1", "moon"] }
  }
}

run "the_environment_s_own_region_is_allowed" {
  command         = plan
  expect_failures = [var.boundary]
  variables {
    boundary = { allowed_regions = ["eu-central-1"] }
  }
}

run "an_action_names_its_service" {
  command         = plan
  expect_failures = [var.boundary]
  variables {
    boundary = { denied_actions = ["everything"] }
  }
}

run "deployers_are_roles_of_this_layer_or_cicd" {
  command         = plan
  expect_failures = [var.boundary]
  variables {
    boundary = { deployer_roles = ["compute-orders"] }
  }
}

run "roles_elsewhere_are_named_without_wildcards" {
  command         = plan
  expect_failures = [var.boundary]
  variables {
    boundary = { assumable_roles = ["arn:aws:iam::210987654321:role/*"] }
  }
}

run "unused_is_a_year_at_most" {
  command         = plan
  expect_failures = [var.access_analyzer]
  variables {
    access_analyzer = { unused_access_days = 1000 }
  }
}

run "archive_rules_need_their_analyzer" {
  command         = plan
  expect_failures = [var.access_analyzer]
  variables {
    access_analyzer = { external = false, archive_rules = { a = { resource = ["x"] } } }
  }
}

run "an_archive_rule_has_a_criterion" {
  command         = plan
  expect_failures = [var.access_analyzer]
  variables {
    access_analyzer = { archive_rules = { a = {} } }
  }
}

run "people_have_long_passwords" {
  command         = plan
  expect_failures = [var.account_password_policy]
  variables {
    account_password_policy = { minimum_length = 8 }
  }
}

run "a_session_lasts_twelve_hours_at_most" {
  command         = plan
  expect_failures = [var.deploy]
  variables {
    deploy = { max_session_hours = 24 }
  }
}

run "planning_reads_objects" {
  command         = plan
  expect_failures = [var.deploy]
  variables {
    deploy = { readable_objects = ["arn:aws:s3:::builds"] }
  }
}

run "the_states_key_is_an_arn" {
  command         = plan
  expect_failures = [var.deploy]
  variables {
    deploy = { state_kms_key_arn = "alias/states" }
  }
}

run "a_repository_is_one" {
  command         = plan
  expect_failures = [var.github]
  variables {
    github = { repository = "shop/*" }
  }
}

run "github_ids_go_together" {
  command         = plan
  expect_failures = [var.github]
  variables {
    github = { repository = "shop/platform", owner_id = "12" }
  }
}

run "an_environment_has_no_colon" {
  command         = plan
  expect_failures = [var.github]
  variables {
    github = { repository = "shop/platform", plan_environment = "a:b" }
  }
}

run "a_secret_s_name_is_a_word" {
  command         = plan
  expect_failures = [var.secrets]
  variables {
    secrets = { "a/b" = {} }
  }
}

run "a_secret_is_kept_for_a_week_or_not_at_all" {
  command         = plan
  expect_failures = [var.secrets]
  variables {
    secrets = { a = { recovery_window_in_days = 3 } }
  }
}

run "a_secret_is_copied_elsewhere" {
  command         = plan
  expect_failures = [var.secrets]
  variables {
    secrets = { a = { replica_regions = ["eu-west-1"] } }
  }
}

run "a_copy_s_key_belongs_to_a_copy" {
  command         = plan
  expect_failures = [var.secrets]
  variables {
    secrets = { a = { replica_kms_key_arns = { eu-central-1 = "arn:aws:kms:eu-central-1:123456789012:key/a" } } }
  }
}

run "a_secret_rotates_daily_at_most" {
  command         = plan
  expect_failures = [var.secrets]
  variables {
    secrets = { a = { rotation = { function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:rotate", days = 0 } } }
  }
}

run "a_secret_rotates_by_days_or_by_schedule" {
  command         = plan
  expect_failures = [var.secrets]
  variables {
    secrets = { a = { rotation = { function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:rotate", days = 7, schedule = "rate(7 days)" } } }
  }
}

run "a_function_rotates" {
  command         = plan
  expect_failures = [var.secrets]
  variables {
    secrets = { a = { rotation = { function_arn = "arn:aws:sqs:eu-west-1:123456789012:rotate" } } }
  }
}

run "readers_are_roles" {
  command         = plan
  expect_failures = [var.secrets]
  variables {
    secrets = { a = { readers = ["everybody"] } }
  }
}

run "versions_count_from_one" {
  command         = plan
  expect_failures = [var.secrets]
  variables {
    secrets       = { a = { value_version = 0 } }
    secret_values = { a = "x" }
  }
}

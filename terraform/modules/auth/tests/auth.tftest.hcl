mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_iam_policy" {
    override_during = plan
    defaults        = { arn = "arn:aws:iam::123456789012:policy/shop-test-auth-boundary" }
  }
}

variables {
  name_prefix      = "shop-test"
  environment_name = "test"
  region           = "eu-west-1"
  account_id       = "123456789012"
  kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
}

run "without_any_setting_there_is_a_boundary_and_an_analyzer" {
  command = plan

  assert {
    condition     = aws_iam_policy.boundary.name == "shop-test-auth-boundary"
    error_message = "every role of the platform refers to the boundary"
  }
  assert {
    condition     = length(aws_accessanalyzer_analyzer.external) == 1 && length(aws_accessanalyzer_analyzer.unused) == 0
    error_message = "external access is analysed; unused access, which is billed, only by setting"
  }
  assert {
    condition     = length(aws_cognito_user_pool.this) + length(aws_iam_role.github) + length(aws_secretsmanager_secret.this) == 0
    error_message = "what is not asked for is not there"
  }
  assert {
    condition = alltrue([
      for action in ["iam:Create*", "iam:Put*", "iam:Attach*", "iam:Update*"] :
      contains(one([for s in data.aws_iam_policy_document.boundary.statement : s if s.sid == "NoWayToMorePermissions"]).actions, action)
    ])
    error_message = "no role may write permissions"
  }
  assert {
    condition = one([for s in data.aws_iam_policy_document.boundary.statement : s if s.sid == "NoRolesOutsideThePlatform"]).not_resources == toset([
      "arn:aws:iam::123456789012:role/shop-test-*",
      "arn:aws:iam::123456789012:role/aws-service-role/*",
    ])
    error_message = "roles pass and assume roles of the platform only"
  }
  assert {
    condition     = output.user_pool_issuer == null && output.user_pool_enabled == false
    error_message = "without a user pool there is no issuer"
  }
}

run "people_sign_in_with_a_second_factor_and_leaked_passwords_are_refused" {
  command = plan

  variables {
    user_pool           = {}
    user_pool_domain    = { domain = "shop-test" }
    resource_servers    = { orders = { read = "Read", write = "Write" } }
    groups              = { admins = { precedence = 1, role = true }, staff = {} }
    identity_providers  = { partner = { oidc = { issuer = "https://accounts.example.com", client_id = "a" } } }
    oidc_client_secrets = { partner = "s" }
    clients = {
      web   = { callback_urls = ["https://shop.example.com/"], scopes = ["openid", "orders/read"], identity_providers = ["COGNITO", "partner"] }
      batch = { kind = "machine", scopes = ["orders/write"] }
    }
    identity_pool = {
      clients        = ["web"]
      group_policies = { admins = ["{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::reports/*\"}"] }
    }
  }

  assert {
    condition = alltrue([
      aws_cognito_user_pool.this[0].mfa_configuration == "ON",
      aws_cognito_user_pool.this[0].deletion_protection == "ACTIVE",
      aws_cognito_user_pool.this[0].user_pool_tier == "PLUS",
      one(aws_cognito_user_pool.this[0].admin_create_user_config).allow_admin_create_user_only,
      one(aws_cognito_user_pool.this[0].password_policy).minimum_length == 14,
      one(aws_cognito_user_pool.this[0].user_pool_add_ons).advanced_security_mode == "ENFORCED",
    ])
    error_message = "a user pool is safe without any setting"
  }
  assert {
    condition     = one(one(aws_cognito_risk_configuration.this[0].compromised_credentials_risk_configuration).actions).event_action == "BLOCK"
    error_message = "leaked passwords are refused"
  }
  assert {
    condition = alltrue([
      !aws_cognito_user_pool_client.this["web"].generate_secret,
      aws_cognito_user_pool_client.this["web"].allowed_oauth_flows == toset(["code"]),
      aws_cognito_user_pool_client.this["batch"].generate_secret,
      aws_cognito_user_pool_client.this["batch"].allowed_oauth_flows == toset(["client_credentials"]),
      aws_cognito_user_pool_client.this["web"].prevent_user_existence_errors == "ENABLED",
    ])
    error_message = "browsers have no secret, machines no pages"
  }
  assert {
    condition     = keys(aws_iam_role.group) == ["admins"] && aws_iam_role.group["admins"].permissions_boundary == aws_iam_policy.boundary.arn
    error_message = "a group's role stays below the boundary"
  }
  assert {
    condition     = aws_cognito_identity_pool.this[0].allow_unauthenticated_identities == false
    error_message = "nobody gets credentials without signing in"
  }
}

run "pipelines_of_one_repository_and_environment_assume_the_roles" {
  command = plan

  variables {
    github                  = { repository = "shop/platform", plan_environment = "test-plan", state_bucket = "states", builds = true }
    access_analyzer         = { unused_access_days = 90 }
    account_password_policy = {}
    boundary                = { allowed_regions = ["eu-west-1"], denied_actions = ["ec2:DeleteVpc"] }
  }

  assert {
    condition = {
      for name, document in data.aws_iam_policy_document.github_trust :
      name => one([for c in document.statement[0].condition : one(c.values) if endswith(c.variable, ":sub")])
      } == {
      plan  = "repo:shop/platform:environment:test-plan"
      apply = "repo:shop/platform:environment:test"
    }
    error_message = "the subject names repository and environment, without wildcards"
  }
  assert {
    condition = alltrue([
      for document in data.aws_iam_policy_document.github_trust :
      one([for c in document.statement[0].condition : one(c.values) if endswith(c.variable, ":aud")]) == "sts.amazonaws.com"
    ])
    error_message = "tokens for another audience are refused"
  }
  assert {
    condition = {
      for name, document in data.aws_iam_policy_document.github_trust :
      name => one(one([for s in document.statement : s if s.sid == "Builds"]).condition).values
      } == {
      plan  = tolist(["arn:aws:iam::123456789012:role/shop-test-cicd-plan-build", "arn:aws:iam::123456789012:role/shop-test-cicd-drift-build"])
      apply = tolist(["arn:aws:iam::123456789012:role/shop-test-cicd-apply-build"])
    }
    error_message = "a build takes the role that it is for"
  }
  assert {
    condition     = aws_iam_role_policy_attachment.github_plan[0].policy_arn == "arn:aws:iam::aws:policy/ReadOnlyAccess"
    error_message = "planning reads"
  }
  assert {
    condition = contains(
      one([for s in data.aws_iam_policy_document.github_plan[0].statement : s if s.sid == "NoSecretsButWrittenOnes"]).actions, "secretsmanager:GetSecretValue"
    )
    error_message = "planning reads no data"
  }
  assert {
    condition = one(one([
      for s in data.aws_iam_policy_document.github_apply[0].statement : s if s.sid == "RolesBelowTheBoundary"
    ]).condition).values == tolist(["arn:aws:iam::123456789012:policy/shop-test-auth-boundary"])
    error_message = "applying makes roles below the boundary only"
  }
  assert {
    condition     = contains(one([for s in data.aws_iam_policy_document.github_apply[0].statement : s if s.sid == "NotItself"]).resources, "arn:aws:iam::123456789012:role/shop-test-auth-github-*")
    error_message = "applying does not change who may apply"
  }
  assert {
    condition = one(one([
      for s in data.aws_iam_policy_document.boundary.statement : s if s.sid == "NoRoleWithoutThisBoundary"
    ]).condition).values == tolist(["arn:aws:iam::123456789012:policy/shop-test-auth-boundary"])
    error_message = "whoever deploys makes roles below the same boundary"
  }
  assert {
    condition     = alltrue([for role in aws_iam_role.github : role.permissions_boundary == aws_iam_policy.boundary.arn])
    error_message = "pipelines are below the boundary, too"
  }
  assert {
    condition     = contains([for s in data.aws_iam_policy_document.boundary.statement : s.sid], "OnlyInTheseRegions")
    error_message = "the boundary keeps to the regions"
  }
}

run "immutable_subjects_name_owner_and_repository_by_number" {
  command = plan

  variables {
    github = { repository = "shop/platform", owner_id = "123456", repository_id = "456789", plan_environment = "test-plan" }
  }

  assert {
    condition = {
      for name, document in data.aws_iam_policy_document.github_trust :
      name => one([for c in document.statement[0].condition : one(c.values) if endswith(c.variable, ":sub")])
      } == {
      plan  = "repo:shop@123456/platform@456789:environment:test-plan"
      apply = "repo:shop@123456/platform@456789:environment:test"
    }
    error_message = "the subject has the numbers"
  }
}

run "secrets_are_encrypted_closed_to_others_and_written_without_a_trace" {
  command = plan


  variables {
    secrets = {
      database = { replica_regions = ["eu-central-1"] }
      payments = { value_version = 2, readers = ["arn:aws:iam::123456789012:role/reader"] }
      rotated  = { rotation = { function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:rotate", days = 7 } }
    }
    secret_values = { payments = "value" }
  }

  assert {
    condition     = alltrue([for secret in aws_secretsmanager_secret.this : secret.kms_key_id == var.kms_key_arn && secret.recovery_window_in_days == 30])
    error_message = "secrets have the platform's key and can be brought back"
  }
  assert {
    condition     = keys(aws_secretsmanager_secret_version.this) == ["payments"] && aws_secretsmanager_secret_version.this["payments"].secret_string_wo_version == 2
    error_message = "values are written by version, and only where there is one"
  }
  assert {
    condition = alltrue([
      for document in data.aws_iam_policy_document.secret :
      document.statement[0].effect == "Deny" && anytrue([for c in document.statement[0].condition : c.variable == "aws:PrincipalAccount"])
    ])
    error_message = "other accounts are refused"
  }
  assert {
    condition     = one(aws_secretsmanager_secret_rotation.this["rotated"].rotation_rules).automatically_after_days == 7
    error_message = "a secret rotates as often as it says"
  }
}

run "settings_of_the_user_pool_that_make_no_sense_are_refused" {
  command = plan

  variables {
    user_pool = { mfa = "sometimes", threat_protection = "audit", password = { minimum_length = 6, history_size = 30 }, account_takeover = { medium = "shout", source_arn = "arn" }, trusted_cidrs = ["everywhere"], custom_attributes = { a = { type = "Text" } } }
  }

  expect_failures = [var.user_pool]
}

run "domains_and_scopes_that_make_no_sense_are_refused" {
  command = plan

  variables {
    user_pool          = {}
    user_pool_domain   = { domain = "my-aws-login" }
    resource_servers   = { orders = {} }
    identity_providers = { both = { oidc = { issuer = "http://x", client_id = "a" }, saml = { metadata_url = "https://x" } } }
  }

  expect_failures = [var.user_pool_domain, var.resource_servers, var.identity_providers]
}

run "clients_groups_and_providers_that_make_no_sense_are_refused" {
  command = plan

  variables {
    user_pool = {}
    clients = {
      a = { kind = "phone", callback_urls = ["http://shop.example.com"] }
      b = { kind = "machine", callback_urls = ["https://shop.example.com"], scopes = ["openid", "orders/read"], identity_providers = ["nobody"], access_token_minutes = 1 }
    }
  }

  expect_failures = [var.clients]
}

run "an_identity_pool_names_what_is_there" {
  command = plan

  variables {
    user_pool     = {}
    groups        = { admins = { role = true } }
    identity_pool = { clients = ["nobody"], group_policies = { ghosts = ["no json"] } }
  }

  expect_failures = [var.identity_pool]
}

run "rules_choose_among_the_roles_of_groups" {
  command = plan

  variables {
    user_pool     = {}
    clients       = { web = { callback_urls = ["https://shop.example.com"] } }
    groups        = { admins = { role = true } }
    identity_pool = { clients = ["web"], group_policies = { admins = [] }, rules = [{ claim = "custom:team", value = "platform", group = "staff" }] }
  }

  expect_failures = [var.identity_pool]
}

run "text_messages_are_sent_by_a_role_for_this_account_only" {
  command = plan

  variables {
    user_pool = { sms = {} }
  }

  assert {
    condition     = length([for c in data.aws_iam_policy_document.sms_trust[0].statement[0].condition : c if c.variable == "aws:SourceAccount" && one(c.values) == "123456789012"]) == 1
    error_message = "Cognito acts for this account only"
  }
}

run "what_needs_a_user_pool_says_so" {
  command = plan

  variables {
    user_pool_domain   = { domain = "shop" }
    resource_servers   = { orders = { read = "Read" } }
    groups             = { staff = {} }
    identity_providers = { office = { saml = { metadata_url = "https://idp.example.com" } } }
  }

  expect_failures = [var.user_pool_domain, var.resource_servers, var.groups, var.identity_providers]
}

run "clients_need_a_user_pool" {
  command = plan

  variables {
    clients = { web = { callback_urls = ["https://shop.example.com"] } }
  }

  expect_failures = [var.clients]
}

run "settings_of_iam_that_make_no_sense_are_refused" {
  command = plan

  variables {
    account_id              = "1234"
    boundary                = { allowed_regions = ["eu-central-1", "moon"], denied_actions = ["everything"] }
    access_analyzer         = { unused_access_days = 1000 }
    account_password_policy = { minimum_length = 8 }
    github                  = { repository = "shop/*", owner_id = "12", plan_environment = "a:b", max_session_hours = 24 }
  }

  expect_failures = [var.account_id, var.boundary, var.access_analyzer, var.account_password_policy, var.github]
}

run "settings_of_secrets_that_make_no_sense_are_refused" {
  command = plan

  variables {
    secrets = {
      "a/b" = { recovery_window_in_days = 3, replica_regions = ["eu-west-1"], rotation = { function_arn = "a", days = 0 } }
    }
    secret_values = { "a/b" = "x" }
  }

  expect_failures = [var.secrets]
}

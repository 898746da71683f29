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
    condition     = length(aws_cognito_user_pool.this) + length(aws_iam_role.deploy) + length(aws_secretsmanager_secret.this) == 0
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
    github                  = { repository = "shop/platform", plan_environment = "test-plan" }
    deploy                  = { state_bucket = "states" }
    access_analyzer         = { unused_access_days = 90 }
    account_password_policy = {}
    boundary                = { allowed_regions = ["eu-west-1"], denied_actions = ["ec2:DeleteVpc"] }
  }

  assert {
    condition = {
      for name, document in data.aws_iam_policy_document.deploy_trust :
      name => one([for c in document.statement[0].condition : one(c.values) if endswith(c.variable, ":sub")])
      } == {
      plan  = "repo:shop/platform:environment:test-plan"
      apply = "repo:shop/platform:environment:test"
    }
    error_message = "the subject names repository and environment, without wildcards"
  }
  assert {
    condition = alltrue([
      for document in data.aws_iam_policy_document.deploy_trust :
      one([for c in document.statement[0].condition : one(c.values) if endswith(c.variable, ":aud")]) == "sts.amazonaws.com"
    ])
    error_message = "tokens for another audience are refused"
  }
  assert {
    condition     = aws_iam_role_policy_attachment.deploy_plan[0].policy_arn == "arn:aws:iam::aws:policy/ReadOnlyAccess"
    error_message = "planning reads"
  }
  assert {
    condition = contains(
      one([for s in data.aws_iam_policy_document.deploy_plan[0].statement : s if s.sid == "NoSecretsButWrittenOnes"]).actions, "secretsmanager:GetSecretValue"
    )
    error_message = "planning reads no data"
  }
  assert {
    condition = one(one([
      for s in data.aws_iam_policy_document.deploy_apply[0].statement : s if s.sid == "RolesBelowTheBoundary"
    ]).condition).values == tolist(["arn:aws:iam::123456789012:policy/shop-test-auth-boundary"])
    error_message = "applying makes roles below the boundary only"
  }
  assert {
    condition     = contains(one([for s in data.aws_iam_policy_document.deploy_apply[0].statement : s if s.sid == "NotItself"]).resources, "arn:aws:iam::123456789012:role/shop-test-auth-deploy-*")
    error_message = "applying does not change who may apply"
  }
  assert {
    condition = one(one([
      for s in data.aws_iam_policy_document.boundary.statement : s if s.sid == "NoRoleWithoutThisBoundary"
    ]).condition).values == tolist(["arn:aws:iam::123456789012:policy/shop-test-auth-boundary"])
    error_message = "whoever deploys makes roles below the same boundary"
  }
  assert {
    condition     = alltrue([for role in aws_iam_role.deploy : role.permissions_boundary == aws_iam_policy.boundary.arn])
    error_message = "pipelines are below the boundary, too"
  }
  assert {
    condition     = contains([for s in data.aws_iam_policy_document.boundary.statement : s.sid], "OnlyInTheseRegions")
    error_message = "the boundary keeps to the regions"
  }
}

run "builds_assume_the_roles_without_github_by_the_very_role_that_they_have" {
  command = plan

  variables {
    deploy = { builds = true, state_bucket = "states" }
  }

  assert {
    condition = {
      for name, document in data.aws_iam_policy_document.deploy_trust :
      name => { of = one(one(document.statement).principals).identifiers, who = one(one(document.statement).condition).values }
      } == {
      for name in ["apply", "plan"] :
      name => { of = toset(["arn:aws:iam::123456789012:root"]), who = tolist(["arn:aws:iam::123456789012:role/shop-test-cicd-${name}-build"]) }
    }
    error_message = "the account, if it is the build's role: that role need not be there yet"
  }
  assert {
    condition     = keys(aws_iam_role.deploy) == ["apply", "plan"] && length(aws_iam_openid_connect_provider.github) == 0
    error_message = "builds need no GitHub"
  }
  assert {
    condition = one([for s in data.aws_iam_policy_document.deploy_plan[0].statement : s if s.sid == "NoObjectsButTerraformsOwn"]).not_resources == toset([
      "arn:aws:s3:::states/*",
      "arn:aws:s3:::shop-test-observability-canaries-123456789012/scripts/*",
      "arn:aws:s3:::shop-test-cicd-cdk-assets-123456789012/*",
    ])
    error_message = "planning refreshes the objects that Terraform has put there"
  }
  assert {
    condition     = contains(one([for s in data.aws_iam_policy_document.deploy_plan[0].statement : s if s.sid == "NoSecretsButWrittenOnes"]).not_resources, "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-test-data-*-master-??????")
    error_message = "planning sees that a database's password is there"
  }
}

run "the_response_team_of_shield_is_below_the_boundary" {
  command = plan

  variables {
    shield_response_team_access = true
  }

  assert {
    condition     = aws_iam_role.shield[0].permissions_boundary == aws_iam_policy.boundary.arn && length(aws_shield_drt_access_role_arn_association.this) == 1
    error_message = "no role without the boundary"
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

run "people_whose_directory_speaks_saml_come_with_signed_requests_and_encrypted_assertions" {
  command = plan

  variables {
    user_pool          = {}
    identity_providers = { office = { saml = { metadata_url = "https://idp.example.com/metadata" } } }
    clients            = { backoffice = { kind = "server", callback_urls = ["https://shop.example.com/"], identity_providers = ["office"] } }
  }

  assert {
    condition = aws_cognito_identity_provider.this["office"].provider_type == "SAML" && aws_cognito_identity_provider.this["office"].provider_details == tomap({
      MetadataURL             = "https://idp.example.com/metadata"
      EncryptedResponses      = "true"
      IDPInit                 = "false"
      RequestSigningAlgorithm = "rsa-sha256"
    })
    error_message = "requests are signed, assertions encrypted, and nobody signs in unasked"
  }
  assert {
    condition     = aws_cognito_user_pool_client.this["backoffice"].supported_identity_providers == toset(["office"])
    error_message = "the client takes people of that directory only"
  }
}

run "prod_settings" {
  command = plan

  variables {
    access_analyzer  = { unused_access_days = 90 }
    boundary         = { allowed_regions = ["eu-west-1", "eu-central-1", "us-east-1"] }
    deploy           = { builds = true, state_bucket = "states" }
    github           = { repository = "shop/platform", plan_environment = "prod-plan" }
    user_pool        = { threat_protection = "enforced" }
    user_pool_domain = { domain = "shop-prod-signin" }
    web_acl_enabled  = true
    web_acl_arn      = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/shop/1"
    secrets          = { payment-provider = { replica_regions = ["eu-central-1"] } }
  }

  assert {
    condition     = aws_cognito_user_pool.this[0].deletion_protection == "ACTIVE" && aws_cognito_user_pool.this[0].user_pool_tier == "PLUS"
    error_message = "accounts are safe from deletion, sign-ins from takeover"
  }
  assert {
    condition     = output.user_pool_login_url == "https://shop-prod-signin.auth.eu-west-1.amazoncognito.com" && length(aws_wafv2_web_acl_association.user_pool) == 1
    error_message = "there are sign-in pages, behind the web ACL"
  }
  assert {
    condition = alltrue([
      for name, document in data.aws_iam_policy_document.deploy_trust : [for s in document.statement : s.sid] == ["GitHubActions", "Builds"]
    ])
    error_message = "one pair of roles for GitHub Actions and for builds"
  }
  assert {
    condition     = length(aws_accessanalyzer_analyzer.unused) == 1
    error_message = "unused access is found"
  }
}

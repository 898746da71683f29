mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

mock_provider "aws" {
  alias = "us_east_1"
}

mock_provider "aws" {
  alias = "replica"
}

variables {
  name_prefix = "shop-test"
  region      = "eu-west-1"
  account_id  = "123456789012"
}

run "platform_purposes_exist_rotate_and_have_aliases" {
  command = plan

  assert {
    condition     = toset(keys(aws_kms_key.this)) == toset(["backup", "cicd", "compute", "data", "logs", "messaging", "ml", "secrets"])
    error_message = "the purposes that the other layers refer to must exist without any setting"
  }
  assert {
    condition     = alltrue([for key in aws_kms_key.this : key.enable_key_rotation && key.rotation_period_in_days == 365])
    error_message = "every key rotates once a year"
  }
  assert {
    condition     = aws_kms_alias.this["data"].name == "alias/shop-test-security-data"
    error_message = "aliases are named <prefix>-security-<purpose>"
  }
  assert {
    condition     = aws_kms_key.this["data"].deletion_window_in_days == 30
    error_message = "a deleted key can be brought back for thirty days"
  }
}

run "the_root_statement_administers_but_does_not_use" {
  command = plan

  assert {
    condition = alltrue([
      for document in data.aws_iam_policy_document.key :
      length(setintersection(document.statement[0].actions, ["kms:*", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"])) == 0
    ])
    error_message = "delegation to the account must not include the use of the key"
  }
  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.key["data"].statement :
      length(statement.condition) > 0 if contains(["AccountUsesThroughServices", "ServicesHoldGrants", "ServicesDeliver"], statement.sid)
    ])
    error_message = "use is always bound to a condition"
  }
}

run "log_groups_of_this_account_only" {
  command = plan

  assert {
    condition = contains(
      flatten([
        for statement in data.aws_iam_policy_document.key["logs"].statement : [
          for condition in statement.condition : condition.values
          if condition.variable == "kms:EncryptionContext:aws:logs:arn"
        ] if statement.sid == "LogGroupsOfThisAccount"
      ]),
      "arn:aws:logs:eu-west-1:123456789012:log-group:*",
    )
    error_message = "CloudWatch Logs may use the key for log groups of this account and region"
  }
  assert {
    condition     = !anytrue([for statement in data.aws_iam_policy_document.key["data"].statement : statement.sid == "LogGroupsOfThisAccount"])
    error_message = "other keys are closed to CloudWatch Logs"
  }
}

run "settings_are_laid_over_the_defaults" {
  command = plan

  variables {
    kms_keys = {
      data  = { rotation_period_in_days = 90, users = ["arn:aws:iam::123456789012:role/etl"] }
      audit = { description = "Audit trail.", service_principals = ["cloudtrail"] }
    }
    key_administrators = ["arn:aws:iam::123456789012:role/key-admin"]
  }

  assert {
    condition     = aws_kms_key.this["data"].rotation_period_in_days == 90
    error_message = "the environment's rotation period counts"
  }
  assert {
    condition     = contains(local.keys.data.via_services, "dynamodb")
    error_message = "the platform's services keep the use of a purpose that has settings"
  }
  assert {
    condition     = anytrue([for s in data.aws_iam_policy_document.key["data"].statement : s.sid == "NamedUsers"])
    error_message = "named users get a statement"
  }
  assert {
    condition     = alltrue([for d in data.aws_iam_policy_document.key : anytrue([for s in d.statement : s.sid == "NamedAdministrators"])])
    error_message = "administrators are on every key"
  }
  assert {
    condition     = length(aws_kms_key.this) == 9
    error_message = "a new purpose adds a key"
  }
}

run "a_purpose_must_be_a_word" {
  command         = plan
  expect_failures = [var.kms_keys]

  variables {
    kms_keys = { "Not A Word" = {} }
  }
}

run "a_deletion_window_must_be_one_that_aws_takes" {
  command         = plan
  expect_failures = [var.deletion_window_in_days]

  variables {
    deletion_window_in_days = 3
  }
}

run "services_are_named_without_their_domain" {
  command         = plan
  expect_failures = [var.kms_keys]

  variables {
    kms_keys = { data = { via_services = ["s3.amazonaws.com"] } }
  }
}

run "a_key_with_a_replica_is_the_same_in_both_regions" {
  command = plan

  variables {
    replica_region = "eu-central-1"
    kms_keys       = { data = { replica = true } }
    kms_grants     = { etl = { purpose = "data", grantee_principal = "arn:aws:iam::123456789012:role/etl", operations = ["Decrypt"], encryption_context_equals = { team = "etl" } } }
  }

  assert {
    condition     = aws_kms_key.this["data"].multi_region && !aws_kms_key.this["logs"].multi_region
    error_message = "only a key that says so is multi-Region"
  }
  assert {
    condition     = keys(aws_kms_replica_key.this) == ["data"] && aws_kms_alias.replica["data"].name == "alias/shop-test-security-data"
    error_message = "the replica has the key's alias in its region"
  }
  assert {
    condition = contains(flatten([
      for statement in data.aws_iam_policy_document.key["data"].statement : [for condition in statement.condition : condition.values if condition.variable == "kms:ViaService"]
    ]), "s3.eu-central-1.amazonaws.com")
    error_message = "services of the other region use the replica"
  }
  assert {
    condition     = aws_kms_grant.this["etl"].operations == toset(["Decrypt"]) && one(aws_kms_grant.this["etl"].constraints).encryption_context_equals == tomap({ team = "etl" })
    error_message = "a grant is narrowed by its context"
  }
}

run "a_replica_needs_another_region" {
  command         = plan
  expect_failures = [var.kms_keys]

  variables {
    replica_region = "eu-west-1"
    kms_keys       = { data = { replica = true } }
  }
}

run "a_grant_has_operations_of_kms" {
  command         = plan
  expect_failures = [var.kms_grants]

  variables {
    kms_grants = { etl = { purpose = "data", grantee_principal = "arn:aws:iam::123456789012:role/etl", operations = ["Read"] } }
  }
}

run "a_grant_is_for_a_purpose_that_there_is" {
  command         = plan
  expect_failures = [var.kms_grants]

  variables {
    kms_grants = { etl = { purpose = "dta", grantee_principal = "arn:aws:iam::123456789012:role/etl", operations = ["Decrypt"] } }
  }
}

run "state_machines_use_their_key_by_context" {
  command = plan

  assert {
    condition = length(setsubtract(
      ["AccountStateMachines", "AccountSchedules", "AccountPipes", "DeliveryOfLogs"],
      [for statement in data.aws_iam_policy_document.key["messaging"].statement : statement.sid],
    )) == 0
    error_message = "what runs with a role of its own uses the messaging key for its own things"
  }

  assert {
    condition     = [for purpose, key in aws_kms_key.this : purpose if contains(keys(key.tags), "EventBridgeApiDestinations")] == ["messaging"]
    error_message = "EventBridge encrypts connections with the messaging key only if it has the tag that says so"
  }
}

run "auto_scaling_starts_instances_with_encrypted_volumes_before_its_role_is_there" {
  command = plan

  variables {
    kms_keys = { workers = { auto_scaling = true } }
  }

  assert {
    condition = {
      for purpose, document in data.aws_iam_policy_document.key : purpose => length([for s in document.statement : s if startswith(s.sid, "AutoScaling")])
      if anytrue([for s in document.statement : startswith(s.sid, "AutoScaling")])
    } == { compute = 2, workers = 2 }
    error_message = "only keys of volumes"
  }
  assert {
    condition = alltrue(flatten([
      for s in data.aws_iam_policy_document.key["compute"].statement : [
        one([for c in s.condition : one(c.values) if c.variable == "aws:PrincipalArn"]) == "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
        one([for c in s.condition : one(c.values) if c.variable == "kms:CallerAccount"]) == "123456789012",
        contains(s.actions, "kms:CreateGrant") == anytrue([for c in s.condition : c.variable == "kms:GrantIsForAWSResource"]),
      ] if startswith(s.sid, "AutoScaling")
    ]))
    error_message = "nobody but the service-linked role of this account, and grants for AWS only"
  }
}

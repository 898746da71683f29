# Terraform mocks no ephemeral resources, and a master password is one: these plan with the real provider, which is
# not asked for anything.
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

provider "aws" {
  alias                       = "replica"
  region                      = "eu-central-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name_prefix = "shop-test"
  account_id  = "123456789012"
  region      = "eu-west-1"

  kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  secrets_kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  logs_kms_key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  backup_kms_key_arn  = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000003"
}

run "nothing_but_the_access_log_bucket_without_settings" {
  command = plan

  assert {
    condition     = module.access_logs.name == "shop-test-data-access-logs-123456789012"
    error_message = "the access logs' bucket is always there"
  }
  assert {
    condition     = length(output.bucket_names) == 0 && length(output.table_names) == 0
    error_message = "no bucket and no table that nobody asked for"
  }
}

run "a_bucket_is_private_encrypted_versioned_and_logged" {
  command = plan

  variables {
    buckets = {
      media = {
        lifecycle_rules = {
          cold = { prefix = "raw/", transitions = [{ days = 30, storage_class = "GLACIER_IR" }], expiration_days = 365 }
        }
        policy_statements = ["{\"Sid\": \"Extra\", \"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"s3:DeleteObject\", \"Resource\": \"*\"}"]
      }
    }
  }

  assert {
    condition     = output.bucket_names["media"] == "shop-test-data-media-123456789012"
    error_message = "bucket names are global, so they carry environment and account"
  }
  assert {
    condition     = module.access_logs.force_destroy == false
    error_message = "protected by default"
  }
}

run "tables_follow_the_environments_protection_unless_they_say_otherwise" {
  command = plan

  variables {
    deletion_protection = false
    tables = {
      orders = {
        hash_key   = "id"
        range_key  = "at"
        attributes = { id = "S", at = "N", customer = "S" }
        global_secondary_indexes = {
          by-customer = { hash_key = "customer", range_key = "at" }
        }
        stream_view         = "NEW_AND_OLD_IMAGES"
        deletion_protection = true
      }
      sessions = { hash_key = "id", attributes = { id = "S" }, ttl_attribute = "expires" }
    }
  }

  assert {
    condition     = output.table_names == { orders = "shop-test-data-orders", sessions = "shop-test-data-sessions" }
    error_message = "tables are named <prefix>-data-<key>"
  }
  assert {
    condition     = keys(output.table_stream_arns) == ["orders"]
    error_message = "only a table with a stream has a stream's ARN"
  }
  assert {
    condition     = module.access_logs.force_destroy
    error_message = "an unprotected environment can be destroyed with what is in it"
  }
}

run "an_attribute_that_is_no_key_is_refused" {
  command         = plan
  expect_failures = [var.tables]

  variables {
    tables = { orders = { hash_key = "id", attributes = { id = "S", note = "S" } } }
  }
}

run "a_key_that_is_not_declared_is_refused" {
  command         = plan
  expect_failures = [var.tables]

  variables {
    tables = { orders = { hash_key = "id", range_key = "at", attributes = { id = "S" } } }
  }
}

run "provisioned_tables_say_their_capacity" {
  command         = plan
  expect_failures = [var.tables]

  variables {
    tables = { orders = { hash_key = "id", attributes = { id = "S" }, billing_mode = "PROVISIONED" } }
  }
}

run "a_lifecycle_rule_that_does_nothing_is_refused" {
  command         = plan
  expect_failures = [var.buckets]

  variables {
    buckets = { media = { lifecycle_rules = { empty = {} } } }
  }
}

run "the_name_of_the_access_log_bucket_is_taken" {
  command         = plan
  expect_failures = [var.buckets]

  variables {
    buckets = { access-logs = {} }
  }
}

run "an_index_projects_what_dynamodb_knows" {
  command         = plan
  expect_failures = [var.tables]

  variables {
    tables = {
      orders = {
        hash_key                 = "id"
        attributes               = { id = "S", at = "N" }
        global_secondary_indexes = { by-time = { hash_key = "at", projection_type = "SOME" } }
      }
    }
  }
}

run "a_bucket_name_that_s3_would_refuse_is_refused" {
  command         = plan
  expect_failures = [var.buckets]

  variables {
    buckets = { "My_Bucket" = {} }
  }
}

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

mock_provider "aws" {
  alias = "replica"
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

run "the_bucket_module_refuses_plain_http_and_other_keys" {
  module {
    source = "../shared/bucket"
  }

  variables {
    name              = "shop-test-data-media-123456789012"
    versioning        = true
    force_destroy     = false
    access_log_bucket = "logs"
    access_log_prefix = "s3/media/"
    lifecycle_rules   = {}
    cors_rules        = []
    policy_statements = ["{\"Sid\": \"Extra\"}"]
  }

  assert {
    condition     = [for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Sid] == ["TlsOnly", "NoOtherEncryption", "NoOtherKey", "NoAwsManagedKey", "NoCustomerProvidedKey", "Extra"]
    error_message = "the policy has the layer's statements and the environment's"
  }
  assert {
    condition     = alltrue([for name in ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"] : aws_s3_bucket_public_access_block.this[name]])
    error_message = "all public access is blocked"
  }
  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).kms_master_key_id == var.kms_key_arn
    error_message = "objects are encrypted with the layer's key"
  }
  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "old versions are kept"
  }
}

run "the_table_module_protects_encrypts_and_restores" {
  module {
    source = "./modules/table"
  }

  variables {
    name                = "shop-test-data-orders"
    deletion_protection = true
    table = {
      hash_key                = "id", range_key = null, attributes = { id = "S" }, billing_mode = "PAY_PER_REQUEST", read_capacity = null
      write_capacity          = null, table_class = "STANDARD", ttl_attribute = null, stream_view = null, global_secondary_indexes = {}
      local_secondary_indexes = {}, point_in_time_recovery = true, recovery_period_days = 35, autoscaling = null, on_demand_limits = null
      replica                 = false, further_replicas = {}, contributor_insights = false, tags = {}
    }
  }

  assert {
    condition     = aws_dynamodb_table.this[0].deletion_protection_enabled && aws_dynamodb_table.this[0].point_in_time_recovery[0].enabled
    error_message = "a table refuses deletion and can be restored"
  }
  assert {
    condition     = aws_dynamodb_table.this[0].server_side_encryption[0].kms_key_arn == var.kms_key_arn
    error_message = "a table is encrypted with the layer's key"
  }
}


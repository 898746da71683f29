mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

variables {
  name_prefix           = "shop-test"
  region                = "eu-west-1"
  account_id            = "123456789012"
  logs_kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  messaging_kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-1111-1111-1111-111111111111"
  vpc_id                = "vpc-0123456789abcdef0"
  vpc_cidr              = "10.0.0.0/16"
  private_subnet_ids    = ["subnet-00000000000000001", "subnet-00000000000000002", "subnet-00000000000000003"]
}

run "a_domain_is_private_encrypted_and_logs" {
  command = plan

  variables {
    opensearch_domain = { administrators = ["arn:aws:iam::123456789012:role/platform"], standby = true, dedicated_masters = {} }
  }

  assert {
    condition     = length(aws_opensearch_domain.this[0].vpc_options[0].subnet_ids) == 3 && aws_opensearch_domain.this[0].encrypt_at_rest[0].kms_key_id == var.logs_kms_key_arn && aws_opensearch_domain.this[0].node_to_node_encryption[0].enabled
    error_message = "in three private subnets, encrypted at rest and between nodes"
  }
  assert {
    condition     = aws_opensearch_domain.this[0].domain_endpoint_options[0].enforce_https && aws_opensearch_domain.this[0].domain_endpoint_options[0].tls_security_policy == "Policy-Min-TLS-1-2-PFS-2023-10"
    error_message = "over TLS 1.2 and newer"
  }
  assert {
    condition     = aws_opensearch_domain.this[0].advanced_security_options[0].enabled && !aws_opensearch_domain.this[0].advanced_security_options[0].internal_user_database_enabled && !aws_opensearch_domain.this[0].advanced_security_options[0].anonymous_auth_enabled
    error_message = "fine-grained access by IAM, no passwords, nobody without a name"
  }
  assert {
    condition     = toset([for option in aws_opensearch_domain.this[0].log_publishing_options : option.log_type]) == toset(["AUDIT_LOGS", "ES_APPLICATION_LOGS", "INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS"])
    error_message = "every log"
  }
  assert {
    condition     = one(data.aws_iam_policy_document.opensearch_master_trust.statement[0].principals).identifiers == toset(["arn:aws:iam::123456789012:role/platform"])
    error_message = "administered by whom the environment names"
  }
  assert {
    condition     = toset([for condition in data.aws_iam_policy_document.opensearch_logs.statement[0].condition : condition.variable]) == toset(["aws:SourceAccount", "aws:SourceArn"])
    error_message = "only this domain writes its logs"
  }
  assert {
    condition     = length(aws_iam_service_linked_role.opensearch) == 0
    error_message = "an account has the service-linked role once"
  }
}

run "a_small_domain" {
  command = plan

  variables {
    opensearch_domain = { administrators = ["arn:aws:iam::123456789012:role/platform"], instance_type = "t3.small.search", instance_count = 1, zones = 1, service_linked_role = true }
  }

  assert {
    condition     = aws_opensearch_domain.this[0].auto_tune_options[0].desired_state == "DISABLED" && !aws_opensearch_domain.this[0].cluster_config[0].zone_awareness_enabled && length(aws_iam_service_linked_role.opensearch) == 1
    error_message = "one node in one zone, which T instances don't tune"
  }
}

run "collections_have_a_key_a_way_in_and_whom_they_know" {
  command = plan

  variables {
    log_groups             = { audit = {} }
    opensearch_collections = { logs = { retention_days = 30, readers = ["arn:aws:iam::123456789012:role/reader"] }, find = { type = "SEARCH", standby_replicas = false } }
    log_delivery           = { audit = { log_groups = ["audit"], to = "collection/logs" } }
  }

  assert {
    condition     = jsondecode(aws_opensearchserverless_security_policy.encryption["logs"].policy).KmsARN == var.logs_kms_key_arn && aws_opensearchserverless_collection.this["find"].standby_replicas == "DISABLED"
    error_message = "encrypted with the platform's key"
  }
  assert {
    condition     = jsondecode(aws_opensearchserverless_lifecycle_policy.this["logs"].policy).Rules[0].MinIndexRetention == "30d" && length(aws_opensearchserverless_lifecycle_policy.this) == 1
    error_message = "kept as long as it says"
  }
  assert {
    condition     = tolist(keys(aws_opensearchserverless_access_policy.this)) == tolist(["logs"]) && length(aws_opensearchserverless_vpc_endpoint.this) == 1
    error_message = "nobody may do anything in a collection that names nobody"
  }
}

run "logs_go_to_s3_and_opensearch" {
  command = plan

  variables {
    services          = { orders = { runtime = "lambda" } }
    cloudtrail        = {}
    log_groups        = { audit = {} }
    opensearch_domain = { administrators = ["arn:aws:iam::123456789012:role/platform"] }
    log_delivery = {
      archive = { log_groups = ["cloudtrail", "/aws/elsewhere"], to = "s3" }
      search  = { log_groups = ["audit", "service/orders"], to = "domain", index = "shop", backup = "all" }
    }
  }

  assert {
    condition = { for key, filter in aws_cloudwatch_log_subscription_filter.this : key => filter.log_group_name } == {
      "archive/cloudtrail"     = "/shop-test/observability/cloudtrail"
      "archive//aws/elsewhere" = "/aws/elsewhere"
      "search/audit"           = "/shop-test/observability/audit"
      "search/service/orders"  = "/shop-test/compute/orders"
    }
    error_message = "groups by key, by service, and by name"
  }
  assert {
    condition     = aws_kinesis_firehose_delivery_stream.this["archive"].destination == "extended_s3" && aws_kinesis_firehose_delivery_stream.this["search"].destination == "opensearch" && aws_kinesis_firehose_delivery_stream.this["search"].opensearch_configuration[0].s3_backup_mode == "AllDocuments"
    error_message = "to where they shall go"
  }
  assert {
    condition     = alltrue([for stream in values(aws_kinesis_firehose_delivery_stream.this) : stream.server_side_encryption[0].key_type == "CUSTOMER_MANAGED_CMK"])
    error_message = "encrypted on the way"
  }
  assert {
    condition     = [for processor in aws_kinesis_firehose_delivery_stream.this["search"].opensearch_configuration[0].processing_configuration[0].processors : processor.type] == ["Decompression", "CloudWatchLogProcessing"]
    error_message = "batches of CloudWatch Logs are taken apart"
  }
  assert {
    condition     = data.aws_iam_policy_document.subscription.statement[0].resources == toset(["arn:aws:firehose:eu-west-1:123456789012:deliverystream/shop-test-observability-archive", "arn:aws:firehose:eu-west-1:123456789012:deliverystream/shop-test-observability-search"])
    error_message = "CloudWatch Logs may send to these streams only"
  }
  assert {
    condition     = one(data.aws_iam_policy_document.delivery_trust.statement[0].condition).values == tolist(["123456789012"])
    error_message = "Firehose delivers for this account only"
  }
  assert {
    condition     = !contains([for statement in data.aws_iam_policy_document.delivery["archive"].statement : statement.sid], "EnterVpc") && contains([for statement in data.aws_iam_policy_document.delivery["search"].statement : statement.sid], "Domain")
    error_message = "each delivery may do what it needs"
  }
}

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

run "traces_are_encrypted_grouped_and_sampled" {
  command = plan

  variables {
    services = { orders = { runtime = "lambda" }, a-service-with-a-rather-long-name = { runtime = "ecs" } }
    traces = {
      groups         = { slow = { filter_expression = "responsetime > 2" } }
      sampling_rules = { health = { priority = 10, rate = 0, reservoir = 0, path = "/healthz" } }
    }
  }

  assert {
    condition     = aws_xray_encryption_config.this[0].type == "KMS" && aws_xray_encryption_config.this[0].key_id == var.logs_kms_key_arn
    error_message = "with the platform's key"
  }
  assert {
    condition     = aws_xray_group.this["service/orders"].filter_expression == "service(\"orders\")" && aws_xray_group.this["slow"].group_name == "shop-test-slow"
    error_message = "a group a service, and those configured"
  }
  assert {
    condition     = alltrue([for group in values(aws_xray_group.this) : length(group.group_name) <= 32])
    error_message = "X-Ray takes 32 characters"
  }
  assert {
    condition     = aws_xray_sampling_rule.this["health"].fixed_rate == 0 && aws_xray_sampling_rule.this["health"].host == "*"
    error_message = "nobody wants traces of health checks"
  }
}

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

run "collectors_take_otlp_and_send_to_x_ray" {
  command = plan

  assert {
    condition = alltrue([
      for runtime in ["ecs", "eks", "lambda"] : jsonencode(yamldecode(aws_ssm_parameter.adot[runtime].value).service.pipelines.traces) == jsonencode({ receivers = ["otlp"], processors = runtime == "lambda" ? ["resourcedetection"] : ["memory_limiter", "resourcedetection", "batch"], exporters = ["awsxray"] })
    ])
    error_message = "a pipeline of traces in each runtime"
  }
  assert {
    condition     = contains(keys(yamldecode(aws_ssm_parameter.adot["ecs"].value).receivers), "awsecscontainermetrics") && yamldecode(aws_ssm_parameter.adot["eks"].value).receivers.otlp.protocols.grpc.endpoint == "0.0.0.0:4317"
    error_message = "tasks are measured; the collector of a cluster is reached by others"
  }
  assert {
    condition     = aws_cloudwatch_log_group.adot_metrics[0].kms_key_id == var.logs_kms_key_arn
    error_message = "metrics come as encrypted log events"
  }
}

run "collectors_without_metrics" {
  command = plan

  variables {
    adot = { metrics = false }
  }

  assert {
    condition     = !contains(keys(yamldecode(aws_ssm_parameter.adot["ecs"].value).service.pipelines), "metrics") && length(aws_cloudwatch_log_group.adot_metrics) == 0
    error_message = "traces only"
  }
}

run "no_collectors" {
  command = plan

  variables {
    adot = null
  }

  assert {
    condition     = length(aws_ssm_parameter.adot) == 0 && output.adot_config_parameter_arn == null
    error_message = "no configuration of what is not there"
  }
}

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

run "canaries_ask_from_outside_and_inside" {
  command = plan

  variables {
    canaries = {
      shop   = { url = "https://shop.example/healthz", latency_ms = 2000 }
      inside = { url = "http://orders.internal/healthz", in_vpc = true, tracing = true, started = false }
      own    = { script = { bucket = "scripts", key = "basket.zip", handler = "basket.handler" } }
    }
  }

  assert {
    condition     = aws_synthetics_canary.this["shop"].handler == "heartbeat.handler" && aws_synthetics_canary.this["shop"].run_config[0].environment_variables["URL"] == "https://shop.example/healthz"
    error_message = "the layer's own script asks the URL"
  }
  assert {
    condition     = aws_synthetics_canary.this["own"].s3_bucket == "scripts" && aws_synthetics_canary.this["own"].handler == "basket.handler"
    error_message = "or one's own script does what it does"
  }
  assert {
    condition     = length(aws_synthetics_canary.this["inside"].vpc_config) == 1 && length(aws_synthetics_canary.this["shop"].vpc_config) == 0 && length(aws_security_group.canary) == 1
    error_message = "only who must be in the VPC is"
  }
  assert {
    condition     = tolist(keys(aws_cloudwatch_metric_alarm.this)) == tolist(["canary-inside-failed", "canary-own-failed", "canary-shop-failed", "canary-shop-slow"]) && aws_cloudwatch_metric_alarm.this["canary-inside-failed"].treat_missing_data == "ignore"
    error_message = "a canary that fails or is slow is told of; one that does not run is not missed"
  }
  assert {
    condition     = !contains([for statement in data.aws_iam_policy_document.canary["shop"].statement : statement.sid], "EnterVpc") && contains([for statement in data.aws_iam_policy_document.canary["inside"].statement : statement.sid], "EnterVpc")
    error_message = "each canary may do what it needs"
  }
  assert {
    condition     = alltrue([for canary in values(aws_synthetics_canary.this) : canary.artifact_config[0].s3_encryption[0].kms_key_arn == var.logs_kms_key_arn])
    error_message = "screenshots and logs are encrypted"
  }
}

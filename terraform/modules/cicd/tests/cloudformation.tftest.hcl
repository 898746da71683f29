mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-west-1:123456789012:mock" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::mock", bucket_regional_domain_name = "mock.s3.eu-west-1.amazonaws.com" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:mock" }
  }
  mock_resource "aws_codebuild_project" {
    defaults = { arn = "arn:aws:codebuild:eu-west-1:123456789012:project/mock" }
  }
  mock_resource "aws_codepipeline" {
    defaults = { arn = "arn:aws:codepipeline:eu-west-1:123456789012:mock" }
  }
  mock_resource "aws_codeconnections_connection" {
    defaults = { arn = "arn:aws:codeconnections:eu-west-1:123456789012:connection/00000000-0000-0000-0000-000000000000" }
  }
}

variables {
  name_prefix           = "shop-test"
  region                = "eu-west-1"
  account_id            = "123456789012"
  kms_key_arn           = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  logs_kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  messaging_kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000003"
  secrets_kms_key_arn   = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000004"
}

run "stacks_with_roles_and_policies" {
  variables {
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
    stacks = {
      queue = {
        template_body     = "{\"Resources\": {\"Queue\": {\"Type\": \"AWS::SQS::Queue\"}}}"
        parameters        = { Days = "7" }
        capabilities      = ["CAPABILITY_IAM"]
        protect_resources = ["Queue"]
        permissions       = [{ actions = ["sqs:*"], resources = ["arn:aws:sqs:eu-west-1:123456789012:shop-test-*"] }]
      }
      topic = {
        template_body     = "Resources:\n  Topic: {Type: AWS::SNS::Topic}\n"
        notification_arns = ["arn:aws:sns:eu-west-1:123456789012:other"]
        on_failure        = "DO_NOTHING"
      }
      elsewhere = { template_url = "https://bucket.s3.eu-west-1.amazonaws.com/template.yaml", role_arn = "arn:aws:iam::123456789012:role/cfn" }
    }
  }

  assert {
    condition     = keys(aws_cloudformation_stack.this) == ["elsewhere", "queue", "topic"] && length(aws_cloudformation_stack.protected) == 0
    error_message = "nothing is protected unless it is asked for"
  }
  assert {
    condition     = jsondecode(aws_cloudformation_stack.this["queue"].policy_body).Statement[1].Resource == ["LogicalResourceId/Queue"]
    error_message = "protected resources are not replaced"
  }
  assert {
    condition     = aws_cloudformation_stack.this["queue"].iam_role_arn == aws_iam_role.stack["queue"].arn && aws_iam_role.stack["queue"].permissions_boundary == var.permissions_boundary_arn && aws_cloudformation_stack.this["elsewhere"].iam_role_arn == "arn:aws:iam::123456789012:role/cfn"
    error_message = "each stack works with its own role"
  }
  assert {
    condition     = length(aws_cloudformation_stack.this["topic"].notification_arns) == 2 && aws_cloudformation_stack.this["topic"].on_failure == "DO_NOTHING"
    error_message = "the layer's topic, and others"
  }
  assert {
    condition     = aws_cloudformation_stack.this["elsewhere"].template_url == "https://bucket.s3.eu-west-1.amazonaws.com/template.yaml" && output.cdk_assets_bucket_name == null
    error_message = "a template in S3"
  }
  assert {
    condition     = keys(aws_cloudwatch_event_rule.notice) == ["stacks"]
    error_message = "stacks are told of"
  }
}

# Planned only: Terraform would refuse to clean up after an apply.
run "a_protected_stack_is_one_that_terraform_refuses_to_destroy" {
  command = plan

  variables {
    stacks = { vital = { template_body = "Resources:\n  Topic: {Type: AWS::SNS::Topic}\n", termination_protection = true } }
  }

  assert {
    condition     = keys(aws_cloudformation_stack.protected) == ["vital"] && length(aws_cloudformation_stack.this) == 0
    error_message = "protection is Terraform's"
  }
}

run "files_and_assets" {
  variables {
    files_root = "./tests/files"
    stacks = {
      small = { template_file = "small.json" }
      large = { template_body = "{\"Resources\": {}}${format("%52000s", "")}" }
    }
    cdk_stacks = {
      digest-digest = { template_file = "tests/files/small.json", parameters = { Level = "INFO" }, capabilities = ["CAPABILITY_IAM"], assets = { "abc.zip" = "tests/files/asset.txt" } }
    }
  }

  assert {
    condition     = strcontains(aws_cloudformation_stack.this["small"].template_body, "AWS::SQS::Queue") && aws_cloudformation_stack.this["digest-digest"].name == "shop-test-cicd-digest-digest"
    error_message = "small templates go with the request"
  }
  assert {
    condition     = startswith(aws_cloudformation_stack.this["large"].template_url, "https://mock.s3.eu-west-1.amazonaws.com/templates/large/") && aws_s3_object.template["large"].kms_key_id == var.kms_key_arn
    error_message = "large ones go through the bucket"
  }
  assert {
    condition     = aws_s3_object.asset["abc.zip"].kms_key_id == var.kms_key_arn && output.cdk_assets_bucket_name == "shop-test-cicd-cdk-assets-123456789012"
    error_message = "assets are uploaded under the key that the template names"
  }
}

# What variables refuse: each run has several, each of another variable.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

variables {
  name_prefix              = "shop-test"
  account_id               = "123456789012"
  region                   = "eu-west-1"
  kms_key_arn              = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  logs_kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
  vpc_id                   = "vpc-1"
  vpc_cidr                 = "10.0.0.0/16"
  private_subnet_ids       = ["subnet-2", "subnet-1"]
  messaging_kms_key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000003"
  data_kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000004"
  bucket_arns              = { media = "arn:aws:s3:::media" }
}

run "a_roles_name" {
  command = plan

  module {
    source = "./modules/sagemaker_role"
  }

  variables {
    name        = "shop-test-ml-model-with-a-name-that-is-longer-than-sixty-four-characters"
    description = "None"
    account     = { partition = "aws", region = "eu-west-1", id = "123456789012" }
  }

  expect_failures = [var.name]
}

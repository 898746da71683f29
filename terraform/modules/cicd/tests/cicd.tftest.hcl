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

run "nothing_is_made_unless_something_is_asked_for" {
  assert {
    condition     = output.artifact_bucket_name == null && output.topic_arn == null && output.cdk_assets_bucket_name == null
    error_message = "no bucket, no topic"
  }
  assert {
    condition     = length(output.project_names) + length(output.pipeline_names) + length(output.stack_ids) + length(aws_cloudwatch_event_rule.notice) == 0
    error_message = "no projects, pipelines, stacks or rules"
  }
}

run "builds_of_the_environment_and_of_delivery" {
  variables {
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
    vpc_id                   = "vpc-1"
    private_subnet_ids       = ["subnet-1", "subnet-2"]
    notifications            = { emails = ["team@example.com"] }
    projects                 = { image = { in_vpc = true } }
    delivery = {
      environment   = "test"
      plan_role_arn = "arn:aws:iam::123456789012:role/plan"
    }
    deploy_role_arns = { plan = "arn:aws:iam::123456789012:role/other", apply = "arn:aws:iam::123456789012:role/apply" }
  }

  assert {
    condition     = output.project_names == { image = "shop-test-cicd-image", plan = "shop-test-cicd-plan", apply = "shop-test-cicd-apply", test = "shop-test-cicd-test" }
    error_message = "delivery adds plan, apply and test"
  }
  assert {
    condition     = local.projects["plan"].environment.DELIVERY_ROLE_ARN == "arn:aws:iam::123456789012:role/plan" && local.projects["apply"].environment.DELIVERY_ROLE_ARN == "arn:aws:iam::123456789012:role/apply"
    error_message = "a role that is named comes before the auth layer's"
  }
  assert {
    condition     = local.projects["plan"].assume_role_arns == toset(["arn:aws:iam::123456789012:role/plan"]) && length(local.projects["test"].assume_role_arns) == 0
    error_message = "a build takes its own role and no other"
  }
  assert {
    condition     = local.projects["apply"].concurrent_builds == 1 && strcontains(local.projects["apply"].buildspec, "orchestrator apply --env test --plan latest --yes")
    error_message = "one apply at a time, of the plan that was handed on"
  }
  assert {
    condition     = strcontains(local.projects["plan"].buildspec, "\"artifacts\":") && !strcontains(local.projects["apply"].buildspec, "\"artifacts\":")
    error_message = "the plan is handed on"
  }
  assert {
    condition     = length(aws_security_group.builds) == 1 && aws_vpc_security_group_egress_rule.builds[0].from_port == 443
    error_message = "builds in the VPC go out over TLS only"
  }
  assert {
    condition     = keys(aws_cloudwatch_event_rule.notice) == ["builds"] && aws_sns_topic_subscription.email["team@example.com"].protocol == "email"
    error_message = "what exists is told of"
  }
  assert {
    condition     = aws_sns_topic.events[0].kms_master_key_id == var.messaging_kms_key_arn
    error_message = "the topic is encrypted"
  }
  assert {
    condition     = [for statement in data.aws_iam_policy_document.events[0].statement : statement.sid] == ["AccountPublishes", "TlsOnly", "Rules"]
    error_message = "the account and its rules publish, over TLS"
  }
  assert {
    condition     = aws_cloudwatch_event_target.notice["builds"].input_transformer[0].input_template == "\"Build of <name>: <state> (<id>)\""
    error_message = "a sentence, whose placeholders EventBridge can read"
  }
}

run "delivery_by_build_specs_of_the_repository" {
  variables {
    connections = { github = {} }
    services    = { orders = { runtime = "lambda", deployment = { strategy = "canary" } } }
    delivery = {
      environment   = "test"
      plan_role_arn = "arn:aws:iam::123456789012:role/plan"
      buildspecs    = { plan = ".aws/orchestrator/plan.yml", drift = ".aws/orchestrator/drift.yml" }
    }
    projects = { orders-build = { publishes = ["orders"] } }
    pipelines = {
      platform = {
        source = { connection = "github", repository = "example/shop" }
        stages = [
          { name = "Plan", actions = [{ name = "Plan", type = "build", project = "plan", namespace = "plan", outputs = ["plan"] }] },
          { name = "Review", actions = [{ name = "Review", type = "approval", comment = "#{plan.REVIEW_SUMMARY}", link = "#{plan.REVIEW_LINK}" }] },
        ]
      }
      drift = {
        source   = { connection = "github", repository = "example/shop" }
        manual   = true
        schedule = "cron(0 3 * * ? *)"
        stages   = [{ name = "Drift", actions = [{ name = "Drift", type = "test", project = "drift" }] }]
      }
    }
  }

  assert {
    condition     = local.projects["plan"].buildspec == ".aws/orchestrator/plan.yml" && strcontains(local.projects["apply"].buildspec, "orchestrator apply") && local.projects["drift"].environment == { ORCHESTRATOR_ENV = "test", DELIVERY_ROLE_ARN = "arn:aws:iam::123456789012:role/plan" }
    error_message = "a build spec of the repository, where there is one; looking for drift takes the role that reads"
  }
  assert {
    condition     = output.pipeline_names == { drift = "shop-test-cicd-drift", platform = "shop-test-cicd-platform" }
    error_message = "both pipelines"
  }
}

run "a_pipeline_through_a_connection" {
  variables {
    connections = { github = {} }
    delivery    = { environment = "test" }
    pipelines = {
      platform = {
        source = { connection = "github", repository = "example/shop" }
        stages = [
          { name = "Plan", actions = [{ name = "Plan", type = "build", project = "plan", outputs = ["plan"] }] },
          { name = "Approve", actions = [{ name = "Review", type = "approval" }] },
          { name = "Apply", actions = [{ name = "Apply", type = "build", project = "apply", inputs = ["plan"] }] },
        ]
      }
    }
  }

  assert {
    condition     = output.pipeline_names == { platform = "shop-test-cicd-platform" } && output.artifact_bucket_name == "shop-test-cicd-artifacts-123456789012"
    error_message = "the pipeline and its bucket"
  }
  assert {
    condition     = aws_codeconnections_connection.this["github"].name == "shop-test-github" && aws_codeconnections_connection.this["github"].provider_type == "GitHub"
    error_message = "the connection"
  }
  assert {
    condition     = keys(aws_cloudwatch_event_rule.notice) == ["builds", "pipelines"]
    error_message = "pipelines are told of"
  }
}

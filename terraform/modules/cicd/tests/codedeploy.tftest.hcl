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

run "strategies_become_configurations_and_groups" {
  variables {
    services = {
      orders     = { runtime = "lambda", deployment = { strategy = "canary", bake_minutes = 10 } }
      invoices   = { runtime = "lambda", deployment = { strategy = "canary", bake_minutes = 10 } }
      reports    = { runtime = "lambda", deployment = { strategy = "linear", bake_minutes = 30, rollback_on_alarm = false } }
      plain      = { runtime = "lambda", deployment = { strategy = "all_at_once" } }
      catalog    = { runtime = "ecs", routes = [{ path = "/catalog" }], deployment = { strategy = "blue_green", bake_minutes = 15 } }
      search     = { runtime = "ecs", routes = [{ path = "/search" }], deployment = { strategy = "linear", bake_minutes = 0 } }
      careful    = { runtime = "ecs", routes = [{ path = "/careful" }], deployment = { strategy = "canary" } }
      rolling    = { runtime = "ecs", deployment = { strategy = "rolling" } }
      storefront = { runtime = "eks", deployment = { strategy = "rolling" } }
    }
    deployments = {
      catalog = { ready_wait_minutes = 30, hook_function_arns = ["arn:aws:lambda:eu-west-1:123456789012:function:check"], alarm_names = ["extra"] }
      careful = { configuration = "slow" }
    }
    deployment_configurations = { slow = { platform = "ECS", type = "linear", percentage = 5, interval_minutes = 10 } }
    alb_listener_arn          = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
    alb_test_listener_arn     = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/3"
    target_group_names        = { catalog = "catalog-blue", search = "search-blue", careful = "careful-blue" }
    green_target_group_names  = { catalog = "catalog-green", search = "search-green", careful = "careful-green" }
    service_alarm_names       = { orders = ["orders-errors"], catalog = ["catalog-5xx"], reports = ["reports-errors"] }
    task_role_arns            = { catalog = "arn:aws:iam::123456789012:role/catalog-task" }
  }

  assert {
    condition     = keys(aws_codedeploy_app.this) == ["careful", "catalog", "invoices", "orders", "reports", "search"]
    error_message = "services whose traffic CodeDeploy moves, and no others"
  }
  assert {
    condition     = keys(aws_codedeploy_deployment_config.this) == ["custom-slow", "ecs-linear-10-percent-1-minutes", "lambda-canary-10-percent-10-minutes", "lambda-linear-10-percent-3-minutes"]
    error_message = "services that agree share a configuration"
  }
  assert {
    condition     = aws_codedeploy_deployment_config.this["lambda-canary-10-percent-10-minutes"].traffic_routing_config[0].time_based_canary[0].interval == 10
    error_message = "a canary bakes its first step"
  }
  assert {
    condition = { for name, group in aws_codedeploy_deployment_group.this : name => group.deployment_config_name } == {
      careful  = "shop-test-cicd-custom-slow"
      catalog  = "CodeDeployDefault.ECSAllAtOnce"
      invoices = "shop-test-cicd-lambda-canary-10-percent-10-minutes"
      orders   = "shop-test-cicd-lambda-canary-10-percent-10-minutes"
      reports  = "shop-test-cicd-lambda-linear-10-percent-3-minutes"
      search   = "shop-test-cicd-ecs-linear-10-percent-1-minutes"
    }
    error_message = "every group has its configuration"
  }
  assert {
    condition     = aws_codedeploy_deployment_group.this["catalog"].alarm_configuration[0].alarms == toset(["catalog-5xx", "extra"]) && length(aws_codedeploy_deployment_group.this["reports"].alarm_configuration) == 0
    error_message = "alarms roll back, unless the service does not want them to"
  }
  assert {
    condition     = contains(aws_codedeploy_deployment_group.this["catalog"].auto_rollback_configuration[0].events, "DEPLOYMENT_STOP_ON_ALARM") && !contains(aws_codedeploy_deployment_group.this["reports"].auto_rollback_configuration[0].events, "DEPLOYMENT_STOP_ON_ALARM")
    error_message = "a failure always rolls back"
  }
  assert {
    condition     = aws_codedeploy_deployment_group.this["catalog"].blue_green_deployment_config[0].deployment_ready_option[0].action_on_timeout == "STOP_DEPLOYMENT" && aws_codedeploy_deployment_group.this["catalog"].blue_green_deployment_config[0].terminate_blue_instances_on_deployment_success[0].termination_wait_time_in_minutes == 15
    error_message = "the old version stays while the new one bakes"
  }
  assert {
    condition     = aws_codedeploy_deployment_group.this["catalog"].load_balancer_info[0].target_group_pair_info[0].target_group[*].name == tolist(["catalog-blue", "catalog-green"])
    error_message = "from blue to green"
  }
  assert {
    condition     = aws_codedeploy_deployment_group.this["catalog"].ecs_service[0].service_name == "shop-test-compute-catalog" && length(aws_codedeploy_deployment_group.this["orders"].ecs_service) == 0
    error_message = "the service by the compute layer's convention"
  }
  assert {
    condition     = [for statement in data.aws_iam_policy_document.deployment["catalog"].statement : statement.sid] == ["Revisions", "RevisionKey", "WatchAlarms", "Hooks", "ReplaceTasks", "LookAtLoadBalancer", "MoveTraffic", "TaskRoles"]
    error_message = "an ECS deployment moves its own traffic"
  }
  assert {
    condition     = [for statement in data.aws_iam_policy_document.deployment["orders"].statement : statement.sid] == ["Revisions", "RevisionKey", "WatchAlarms", "MoveAlias"]
    error_message = "a Lambda deployment moves its own alias"
  }
  assert {
    condition     = keys(aws_cloudwatch_event_rule.notice) == ["deployments"]
    error_message = "deployments are told of"
  }
}

run "blue_green_without_a_load_balancer_is_refused" {
  command         = plan
  expect_failures = [aws_codedeploy_deployment_group.this]

  variables {
    services                 = { catalog = { runtime = "ecs", routes = [{ path = "/catalog" }], deployment = { strategy = "blue_green" } } }
    target_group_names       = { catalog = "blue" }
    green_target_group_names = { catalog = "green" }
  }
}

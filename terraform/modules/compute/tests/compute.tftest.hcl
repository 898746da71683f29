mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_iam_role" {
    override_during = plan
    defaults        = { arn = "arn:aws:iam::123456789012:role/shop-test-compute-x" }
  }
  mock_resource "aws_sqs_queue" {
    override_during = plan
    defaults        = { arn = "arn:aws:sqs:eu-west-1:123456789012:failed" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    override_during = plan
    defaults        = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:x" }
  }
  mock_resource "aws_ecs_capacity_provider" {
    override_during = plan
    defaults        = { id = "arn:aws:ecs:eu-west-1:123456789012:capacity-provider/x" }
  }
}

variables {
  name_prefix               = "shop-test"
  region                    = "eu-west-1"
  account_id                = "123456789012"
  kms_key_arn               = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  logs_kms_key_arn          = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  messaging_kms_key_arn     = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000003"
  used_kms_key_arns         = { data = "arn:aws:kms:eu-west-1:123456789012:key/d", messaging = "arn:aws:kms:eu-west-1:123456789012:key/m", secrets = "arn:aws:kms:eu-west-1:123456789012:key/s" }
  permissions_boundary_arn  = "arn:aws:iam::123456789012:policy/shop-test-auth-boundary"
  vpc_id                    = "vpc-1"
  vpc_cidr                  = "10.0.0.0/16"
  private_subnet_ids        = ["subnet-1", "subnet-2"]
  table_arns                = { orders = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders" }
  table_names               = { orders = "shop-test-data-orders" }
  table_stream_arns         = { orders = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/1" }
  queue_arns                = { mail = "arn:aws:sqs:eu-west-1:123456789012:mail" }
  queue_urls                = { mail = "https://sqs.eu-west-1.amazonaws.com/123456789012/mail" }
  secret_arns               = { payments = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:payments-abcdef" }
  http_api_execution_arn    = "arn:aws:execute-api:eu-west-1:123456789012:api"
  target_group_arns         = { catalog = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/catalog/1" }
  target_group_arn_suffixes = { catalog = "targetgroup/catalog/1" }
  alb_arn_suffix            = "app/shop/1"
  alb_security_group_id     = "sg-alb"
}

run "without_services_there_is_nothing" {
  command = plan

  assert {
    condition     = length(aws_ecs_cluster.this) + length(aws_lambda_function.this) + length(aws_ecr_repository.this) + length(aws_lambda_code_signing_config.this) == 0
    error_message = "what is not asked for is not there"
  }
}

run "a_function_may_do_what_its_entry_says_and_is_reached_by_an_alias" {
  command = plan

  variables {
    services = {
      orders = {
        runtime        = "lambda"
        package        = { filename = "packages/orders.zip", source_code_hash = "x" }
        handler        = "handler.handle"
        lambda_runtime = "python3.13"
        in_vpc         = true
        routes         = [{ method = "GET", path = "/orders/{id}" }]
        uses           = { tables = { orders = "read" }, queues = { mail = "send" }, secrets = ["payments"] }
        triggers = {
          queues    = { mail = { batch_size = 100, maximum_concurrency = 5 } }
          tables    = { orders = {} }
          schedules = { nightly = { expression = "rate(1 day)" } }
          events    = { paid = { pattern = "{\"source\": [\"payments\"]}" } }
        }
        scaling    = { provisioned_concurrency = 2 }
        deployment = { strategy = "canary" }
      }
      invoices = { runtime = "lambda", image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/invoices:1", tracing = false, function_url = {}, uses = { services = ["orders"] } }
    }
    code_signing = { signing_profile_version_arns = ["arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop/abcdefghij"] }
  }

  assert {
    condition = one([for s in data.aws_iam_policy_document.service["orders"].statement : s.actions if s.sid == "TableOrders"]) == toset([
      "dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"
    ])
    error_message = "reading is not writing"
  }
  assert {
    condition     = alltrue(flatten([for s in data.aws_iam_policy_document.service["orders"].statement : [for r in s.resources : r != "*"] if s.sid != "Traces"]))
    error_message = "only what knows no resources is allowed everywhere"
  }
  assert {
    condition     = alltrue([for role in aws_iam_role.service : role.permissions_boundary == var.permissions_boundary_arn])
    error_message = "roles are below the boundary"
  }
  assert {
    condition     = aws_lambda_function.this["orders"].package_type == "Zip" && aws_lambda_function.this["invoices"].package_type == "Image"
    error_message = "a function is a zip or an image"
  }
  assert {
    condition     = aws_lambda_function.this["orders"].environment[0].variables["TABLE_ORDERS"] == "shop-test-data-orders"
    error_message = "a service is told the names of what it uses"
  }
  assert {
    condition     = aws_lambda_function.this["invoices"].environment[0].variables["SERVICE_ORDERS"] == "arn:aws:lambda:eu-west-1:123456789012:function:shop-test-compute-orders:live"
    error_message = "a service reaches another one through its alias"
  }
  assert {
    condition     = keys(aws_lambda_alias.shifted) == ["orders"] && keys(aws_lambda_alias.live) == ["invoices"]
    error_message = "what CodeDeploy shifts is not shifted back"
  }
  assert {
    condition     = aws_lambda_permission.api["orders/http-api-GET-orders-id-"].source_arn == "arn:aws:execute-api:eu-west-1:123456789012:api/*/GET/orders/*"
    error_message = "the API may invoke by the route's method and path only"
  }
  assert {
    condition     = length(aws_lambda_event_source_mapping.queue) == 1 && length(aws_lambda_event_source_mapping.table) == 1 && length(aws_cloudwatch_event_rule.this) == 1 && length(aws_scheduler_schedule.this) == 1
    error_message = "each trigger is there"
  }
  assert {
    condition     = aws_lambda_function_url.this["invoices"].authorization_type == "AWS_IAM" && length(aws_lambda_permission.function_url) == 0
    error_message = "a function URL asks for IAM unless it says otherwise"
  }
  assert {
    condition     = aws_lambda_code_signing_config.this[0].policies[0].untrusted_artifact_on_deployment == "Enforce"
    error_message = "unsigned code is refused"
  }
  assert {
    condition     = length([for s in data.aws_iam_policy_document.failed["orders"].statement : s if s.sid == "TlsOnly" && s.effect == "Deny"]) == 1
    error_message = "queues are reached through TLS only"
  }
}

run "containers_have_a_read_only_root_and_come_back_when_they_fail" {
  command = plan

  variables {
    services = {
      catalog = {
        runtime = "ecs"
        routes  = [{ path = "/catalog", via = "alb" }]
        uses    = { secrets = ["payments"], services = ["search"] }
        scaling = { min = 2, max = 6, cpu_percent = 60, memory_percent = 70, requests_per_target = 500 }
      }
      search = { runtime = "ecs", image = "public.ecr.aws/nginx/nginx:1", tracing = false }
      cart   = { runtime = "ecs", image = "public.ecr.aws/nginx/nginx:1", deployment = { strategy = "blue_green" } }
    }
    ecs                           = { spot_share = 40, ec2 = { instance_types = ["m7g.large"], max_size = 3, services = ["search"] } }
    mesh_kind                     = "service_connect"
    service_connect_namespace_arn = "arn:aws:servicediscovery:eu-west-1:123456789012:namespace/ns-1"
  }

  override_resource {
    target          = aws_ecr_repository.this
    override_during = plan
    values          = { repository_url = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop-test/catalog", arn = "arn:aws:ecr:eu-west-1:123456789012:repository/shop-test/catalog" }
  }

  assert {
    condition = alltrue(flatten([
      for task in aws_ecs_task_definition.this : [for c in jsondecode(task.container_definitions) : c.readonlyRootFilesystem && c.user == "10001:10001"]
    ]))
    error_message = "no container writes its root or runs as root"
  }
  assert {
    condition     = [for c in jsondecode(aws_ecs_task_definition.this["catalog"].container_definitions) : c.name] == ["catalog", "collector"]
    error_message = "a traced service has a collector beside it"
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this["catalog"].container_definitions)[0].secrets == [{ name = "SECRET_PAYMENTS", valueFrom = var.secret_arns["payments"] }]
    error_message = "secrets are handed over by reference"
  }
  assert {
    condition     = aws_ecs_service.rolling["catalog"].deployment_circuit_breaker[0].rollback
    error_message = "a deployment that fails goes back"
  }
  assert {
    condition     = aws_ecs_service.shifted["cart"].deployment_controller[0].type == "CODE_DEPLOY"
    error_message = "CodeDeploy replaces blue by green"
  }
  assert {
    condition     = { for s in aws_ecs_service.rolling["catalog"].capacity_provider_strategy : s.capacity_provider => s.weight } == { FARGATE = 60, FARGATE_SPOT = 40 }
    error_message = "a share of the tasks is on Spot"
  }
  assert {
    condition     = aws_ecs_task_definition.this["search"].requires_compatibilities == toset(["EC2"]) && one(aws_ecs_service.rolling["search"].capacity_provider_strategy).capacity_provider == "shop-test-compute-ec2"
    error_message = "a service that instances are for runs on them"
  }
  assert {
    condition     = length(aws_appautoscaling_policy.ecs) == 3
    error_message = "CPU, memory and requests scale a service"
  }
  assert {
    condition     = keys(aws_ecr_repository.this) == ["catalog"] && aws_ecr_repository.this["catalog"].image_tag_mutability == "IMMUTABLE"
    error_message = "a service without an image has a repository, whose tags stay what they are"
  }
  assert {
    condition     = aws_ecs_service.rolling["catalog"].service_connect_configuration[0].enabled
    error_message = "services find each other"
  }
}

run "instances_of_any_kind_that_ec2_has_are_taken" {
  command = plan

  variables {
    ecs = { ec2 = { instance_types = ["m8g.metal-48xl", "c7i-flex.large", "p6-b200.48xlarge", "u7in-32tb.224xlarge", "r8gd.2xlarge"], max_size = 3, services = [] } }
  }

  assert {
    condition     = length(var.ecs.ec2.instance_types) == 5
    error_message = "types of every form pass"
  }
}

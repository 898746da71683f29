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
  name_prefix              = "shop-test"
  region                   = "eu-west-1"
  account_id               = "123456789012"
  kms_key_arn              = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  logs_kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  messaging_kms_key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000003"
  used_kms_key_arns        = { data = "arn:aws:kms:eu-west-1:123456789012:key/d", messaging = "arn:aws:kms:eu-west-1:123456789012:key/m", secrets = "arn:aws:kms:eu-west-1:123456789012:key/s" }
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/shop-test-auth-boundary"
  vpc_id                   = "vpc-1"
  vpc_cidr                 = "10.0.0.0/16"
  private_subnet_ids       = ["subnet-1", "subnet-2"]
  table_arns               = { orders = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders" }
  table_names              = { orders = "shop-test-data-orders" }
  table_stream_arns        = { orders = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/1" }
  queue_arns               = { mail = "arn:aws:sqs:eu-west-1:123456789012:mail" }
  queue_urls               = { mail = "https://sqs.eu-west-1.amazonaws.com/123456789012/mail" }
  secret_arns              = { payments = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:payments-abcdef" }
  http_api_execution_arn   = "arn:aws:execute-api:eu-west-1:123456789012:api"

  target_group_arn_suffixes = { catalog = "targetgroup/catalog/1" }
  alb_arn_suffix            = "app/shop/1"
  alb_security_group_id     = "sg-alb"
}

run "services_in_vpc_lattice_are_registered_called_and_told" {
  command = plan

  variables {
    services = {
      orders   = { runtime = "lambda", image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders:1", in_vpc = true, uses = { services = ["catalog"] } }
      invoices = { runtime = "lambda", image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/invoices:1", uses = { services = ["orders"] } }
      catalog  = { runtime = "ecs", image = "public.ecr.aws/nginx/nginx:1", port = 8000, uses = { services = ["orders"] } }
      kiosk    = { runtime = "eks", image = "public.ecr.aws/nginx/nginx:1", port = 3000, uses = { services = ["catalog", "shelf"] } }
      shelf    = { runtime = "eks", image = "public.ecr.aws/nginx/nginx:1", port = 4000 }
    }
    eks       = { version = "1.34", node_groups = { general = { instance_types = ["m7g.large"], max_size = 2 } } }
    mesh_kind = "vpc_lattice"
    lattice_target_group_arns = {
      orders  = "arn:aws:vpc-lattice:eu-west-1:123456789012:targetgroup/tg-orders"
      catalog = "arn:aws:vpc-lattice:eu-west-1:123456789012:targetgroup/tg-catalog"
      shelf   = "arn:aws:vpc-lattice:eu-west-1:123456789012:targetgroup/tg-shelf"
    }
    lattice_service_arns = {
      orders  = "arn:aws:vpc-lattice:eu-west-1:123456789012:service/svc-orders"
      catalog = "arn:aws:vpc-lattice:eu-west-1:123456789012:service/svc-catalog"
      shelf   = "arn:aws:vpc-lattice:eu-west-1:123456789012:service/svc-shelf"
    }
    lattice_service_urls = { orders = "https://orders.example", catalog = "https://catalog.example", shelf = "https://shelf.example" }
  }

  assert {
    condition = one(aws_ecs_service.rolling["catalog"].vpc_lattice_configurations) == {
      port_name = "http", role_arn = aws_iam_role.infrastructure[0].arn, target_group_arn = var.lattice_target_group_arns["catalog"]
    }
    error_message = "ECS registers tasks"
  }
  assert {
    condition     = aws_ecs_service.rolling["catalog"].health_check_grace_period_seconds == 60
    error_message = "and gives them time before VPC Lattice's health checks count"
  }
  assert {
    condition     = one(one(data.aws_iam_policy_document.infrastructure_trust[0].statement).principals).identifiers == toset(["ecs.amazonaws.com"]) && endswith(aws_iam_role_policy_attachment.infrastructure[0].policy_arn, "AmazonECSInfrastructureRolePolicyForVpcLattice")
    error_message = "as a role of its own"
  }
  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.lattice) == ["catalog"] && aws_vpc_security_group_ingress_rule.lattice["catalog"].from_port == 8000 && data.aws_ec2_managed_prefix_list.lattice[0].name == "com.amazonaws.eu-west-1.vpc-lattice"
    error_message = "VPC Lattice reaches them"
  }
  assert {
    condition     = keys(aws_vpclattice_target_group_attachment.function) == ["orders"] && aws_lambda_permission.lattice["orders"].source_arn == var.lattice_target_group_arns["orders"] && aws_lambda_permission.lattice["orders"].qualifier == "live"
    error_message = "a function is registered by its alias, which VPC Lattice may invoke"
  }
  assert {
    condition     = one([for s in data.aws_iam_policy_document.service["catalog"].statement : s.resources if s.sid == "CallsServices"]) == toset(["arn:aws:vpc-lattice:eu-west-1:123456789012:service/svc-orders/*"])
    error_message = "a caller may invoke what it names"
  }
  assert {
    condition     = length([for s in data.aws_iam_policy_document.service["catalog"].statement : s if s.sid == "InvokesServices"]) == 0
    error_message = "and not past VPC Lattice"
  }
  assert {
    condition     = aws_lambda_function.this["orders"].environment[0].variables["SERVICE_CATALOG"] == "https://catalog.example"
    error_message = "a caller is told where VPC Lattice has it"
  }
  assert {
    condition     = aws_lambda_function.this["invoices"].environment[0].variables["SERVICE_ORDERS"] == "arn:aws:lambda:eu-west-1:123456789012:function:shop-test-compute-orders:live"
    error_message = "a function outside the VPC invokes the function"
  }
  assert {
    condition     = output.eks_service_environments["kiosk"] == { SERVICE_CATALOG = "https://catalog.example", SERVICE_SHELF = "http://shelf:4000" }
    error_message = "pods call through VPC Lattice; each other they call as before, since nothing registers them"
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.caller) == 0
    error_message = "callers come through VPC Lattice only"
  }
}

run "a_service_that_a_proxy_knows_comes_through_it" {
  command = plan

  variables {
    services = {
      catalog = { runtime = "ecs", image = "public.ecr.aws/nginx/nginx:1", uses = { databases = ["catalog", "ledger"] } }
      reports = { runtime = "lambda", image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/reports:1", in_vpc = true, uses = { databases = ["catalog"] } }
    }
    database_endpoints                 = { catalog = "catalog.cluster-x.example", ledger = "ledger.x.example" }
    database_ports                     = { catalog = 5432, ledger = 3306 }
    database_names                     = { catalog = "catalog", ledger = "ledger" }
    database_resource_ids              = { catalog = "cluster-CATALOG", ledger = "db-LEDGER" }
    database_client_security_group_ids = { catalog = "sg-catalog", ledger = "sg-ledger" }
    database_proxy_users               = { catalog = ["catalog"] }
    database_proxy_endpoints           = { catalog = "catalog.proxy-x.example" }
    database_proxy_resource_ids        = { catalog = "prx-1" }
  }

  assert {
    condition = { for e in jsondecode(aws_ecs_task_definition.this["catalog"].container_definitions)[0].environment : e.name => e.value if endswith(e.name, "_HOST") } == {
      DATABASE_CATALOG_HOST = "catalog.proxy-x.example", DATABASE_LEDGER_HOST = "ledger.x.example"
    }
    error_message = "it is told the proxy's name, of a database that has one"
  }
  assert {
    condition = one([for s in data.aws_iam_policy_document.service["catalog"].statement : s.resources if s.sid == "ConnectsToDatabases"]) == toset([
      "arn:aws:rds-db:eu-west-1:123456789012:dbuser:prx-1/catalog", "arn:aws:rds-db:eu-west-1:123456789012:dbuser:db-LEDGER/catalog"
    ])
    error_message = "and may connect to the proxy"
  }
  assert {
    condition     = aws_lambda_function.this["reports"].environment[0].variables["DATABASE_CATALOG_HOST"] == "catalog.cluster-x.example" && one([for s in data.aws_iam_policy_document.service["reports"].statement : s.resources if s.sid == "ConnectsToDatabases"]) == toset(["arn:aws:rds-db:eu-west-1:123456789012:dbuser:cluster-CATALOG/reports"])
    error_message = "a user that the proxy does not know reaches the database"
  }
  assert {
    condition     = contains(one(aws_ecs_service.rolling["catalog"].network_configuration).security_groups, "sg-catalog")
    error_message = "proxy and database admit the same clients"
  }
}

run "functions_are_started_by_the_wrapper_of_their_layer" {
  command = plan

  variables {
    services = {
      orders  = { runtime = "lambda", package = { filename = "orders.zip" }, handler = "a.b", lambda_runtime = "python3.13" }
      mail    = { runtime = "lambda", package = { filename = "mail.zip" }, handler = "a.b", lambda_runtime = "nodejs22.x" }
      search  = { runtime = "lambda", package = { filename = "search.zip" }, handler = "a.b", lambda_runtime = "java21" }
      quiet   = { runtime = "lambda", package = { filename = "quiet.zip" }, handler = "a.b", lambda_runtime = "python3.13", tracing = false }
      scripts = { runtime = "lambda", package = { filename = "scripts.zip" }, handler = "a.b", lambda_runtime = "provided.al2023" }
      image   = { runtime = "lambda", image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/image:1" }
    }
    adot_layer_arns = {
      python = "arn:aws:lambda:eu-west-1:901920570463:layer:aws-otel-python-arm64-ver-1-32-0:2"
      nodejs = "arn:aws:lambda:eu-west-1:615299751070:layer:AWSOpenTelemetryDistroJs:5"
      java   = "arn:aws:lambda:eu-west-1:901920570463:layer:aws-otel-java-agent-arm64-ver-1-32-0:2"
    }
  }

  assert {
    condition = { for name, function in aws_lambda_function.this : name => function.environment[0].variables["AWS_LAMBDA_EXEC_WRAPPER"] if contains(keys(function.environment[0].variables), "AWS_LAMBDA_EXEC_WRAPPER") } == {
      orders = "/opt/otel-instrument", mail = "/opt/otel-instrument", search = "/opt/otel-handler"
    }
    error_message = "each layer has its own"
  }
  assert {
    condition     = { for name, function in aws_lambda_function.this : name => one(function.layers) if length(function.layers) > 0 } == { orders = var.adot_layer_arns["python"], mail = var.adot_layer_arns["nodejs"], search = var.adot_layer_arns["java"] }
    error_message = "a function gets the layer of its language"
  }
}

run "the_collector_beside_a_container_reads_its_configuration" {
  command = plan

  variables {
    services = {
      catalog = { runtime = "ecs", image = "public.ecr.aws/nginx/nginx:1" }
      quiet   = { runtime = "ecs", image = "public.ecr.aws/nginx/nginx:1", tracing = false }
    }
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this["catalog"].container_definitions)[1].secrets == [{ name = "AOT_CONFIG_CONTENT", valueFrom = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop-test/compute/collector" }]
    error_message = "from the parameter"
  }
  assert {
    condition = {
      for name, document in data.aws_iam_policy_document.execution : name => one([for s in document.statement : s.resources if s.sid == "HandsOverTheCollectorsConfiguration"])
      } == {
      catalog = toset(["arn:aws:ssm:eu-west-1:123456789012:parameter/shop-test/compute/collector"]), quiet = null
    }
    error_message = "which ECS may hand over"
  }
  assert {
    condition = (
      yamldecode(aws_ssm_parameter.collector[0].value).service.pipelines.traces.exporters == ["awsxray"] &&
      yamldecode(aws_ssm_parameter.collector[0].value).service.pipelines.metrics.exporters == ["awsemf"]
    )
    error_message = "traces go to X-Ray, metrics to CloudWatch"
  }
  assert {
    condition     = one([for s in data.aws_iam_policy_document.service["catalog"].statement : s.resources if s.sid == "SendsMetrics"]) == toset(["${aws_cloudwatch_log_group.collector_metrics[0].arn}:*"])
    error_message = "as log events, which the task may write"
  }
  assert {
    condition     = contains([for e in jsondecode(aws_ecs_task_definition.this["catalog"].container_definitions)[1].environment : e.value if e.name == "CONFIGURATION_SHA256"], sha256(aws_ssm_parameter.collector[0].value))
    error_message = "another configuration is another task definition"
  }
}

run "a_collector_without_configuration_sends_traces" {
  command = plan

  variables {
    services  = { catalog = { runtime = "ecs", image = "public.ecr.aws/nginx/nginx:1" } }
    collector = null
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this["catalog"].container_definitions)[1].command == ["--config=/etc/ecs/ecs-xray.yaml"] && length(aws_ssm_parameter.collector) + length(aws_cloudwatch_log_group.collector_metrics) == 0
    error_message = "as its image has it"
  }
}

run "a_container_writes_to_tmp_and_nowhere_else" {
  command = plan

  variables {
    services = { catalog = { runtime = "ecs", image = "public.ecr.aws/nginx/nginx:1" } }
    ecs      = { tmp_mib = 128 }
  }

  assert {
    condition     = [for mount in jsondecode(aws_ecs_task_definition.this["catalog"].container_definitions)[0].linuxParameters.tmpfs : [mount.containerPath, mount.size]] == [["/tmp", 128]]
    error_message = "whoever it runs as"
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this["catalog"].container_definitions)[0].readonlyRootFilesystem && length(aws_ecs_task_definition.this["catalog"].volume) == 0
    error_message = "its root is read-only"
  }
  assert {
    condition     = length([for s in data.aws_iam_policy_document.service["catalog"].statement : s if s.sid == "OpensShells"]) == 0
    error_message = "nobody opens a shell"
  }
}

run "a_shell_needs_permissions_and_a_root_to_write_to" {
  command = plan

  variables {
    services = {
      catalog = { runtime = "ecs", image = "public.ecr.aws/nginx/nginx:1", tracing = false }
      orders  = { runtime = "lambda", image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders:1" }
    }
    ecs = { execute_command = true }
  }

  assert {
    condition     = one([for s in data.aws_iam_policy_document.service["catalog"].statement : s.actions if s.sid == "OpensShells"]) == toset(["ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"])
    error_message = "the task talks to Systems Manager"
  }
  assert {
    condition     = toset([for s in data.aws_iam_policy_document.service["catalog"].statement : s.sid]) == toset(["OpensShells", "FindsTheLogOfShells", "LogsShells", "EncryptsShells"]) && contains(keys(aws_iam_role_policy.service), "catalog")
    error_message = "and logs what was typed"
  }
  assert {
    condition     = !jsondecode(aws_ecs_task_definition.this["catalog"].container_definitions)[0].readonlyRootFilesystem && aws_ecs_service.rolling["catalog"].enable_execute_command
    error_message = "what opens it writes into the root"
  }
  assert {
    condition     = length([for s in data.aws_iam_policy_document.service["orders"].statement : s if s.sid == "OpensShells"]) == 0
    error_message = "a function has no shell"
  }
}

# One role a service, with what its entry says it uses and nothing else.

locals {
  trusted_service = { lambda = "lambda.amazonaws.com", ecs = "ecs-tasks.amazonaws.com", eks = "pods.eks.amazonaws.com" }

  table_actions = {
    read       = ["dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"]
    write      = ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    read_write = ["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateItem"]
  }
  object_actions = {
    read       = ["s3:GetObject", "s3:GetObjectVersion"]
    write      = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"]
    read_write = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
  }
  queue_actions = {
    send    = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"]
    receive = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]
  }

  # What each service may do, a list of {sid, actions, resources}.
  permissions = {
    for name, service in var.services : name => concat(
      [for used, access in service.uses.tables : {
        sid       = "Table${replace(title(replace(used, "/[-_]/", " ")), " ", "")}"
        actions   = local.table_actions[access]
        resources = [var.table_arns[used], "${var.table_arns[used]}/index/*"]
      }],
      [for used, access in service.uses.buckets : {
        sid       = "Objects${replace(title(replace(used, "/[-_]/", " ")), " ", "")}"
        actions   = local.object_actions[access]
        resources = ["${var.bucket_arns[used]}/*"]
      }],
      [for used, access in service.uses.buckets : {
        sid       = "Bucket${replace(title(replace(used, "/[-_]/", " ")), " ", "")}"
        actions   = ["s3:ListBucket"]
        resources = [var.bucket_arns[used]]
      } if access != "write"],
      [for used, access in service.uses.queues : {
        sid       = "Queue${replace(title(replace(used, "/[-_]/", " ")), " ", "")}"
        actions   = local.queue_actions[access]
        resources = [var.queue_arns[used]]
      }],
      [for used in keys(service.triggers.queues) : {
        sid       = "Consumes${replace(title(replace(used, "/[-_]/", " ")), " ", "")}"
        actions   = local.queue_actions["receive"]
        resources = [var.queue_arns[used]]
      }],
      [for used in keys(service.triggers.tables) : {
        sid       = "Follows${replace(title(replace(used, "/[-_]/", " ")), " ", "")}"
        actions   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]
        resources = [var.table_stream_arns[used]]
      }],
      length(service.uses.topics) == 0 ? [] : [{
        sid       = "Publishes"
        actions   = ["sns:Publish"]
        resources = [for used in sort(service.uses.topics) : var.topic_arns[used]]
      }],
      length(service.uses.event_buses) == 0 ? [] : [{
        sid     = "PutsEvents"
        actions = ["events:PutEvents"]
        resources = [
          for used in sort(service.uses.event_buses) :
          used == "default" ? "arn:${local.partition}:events:${var.region}:${var.account_id}:event-bus/default" : var.event_bus_arns[used]
        ]
      }],
      length(service.uses.state_machines) == 0 ? [] : [{
        sid       = "StartsWorkflows"
        actions   = ["states:StartExecution"]
        resources = [for used in sort(service.uses.state_machines) : var.state_machine_arns[used]]
      }],
      length(service.uses.secrets) == 0 ? [] : [{
        sid       = "ReadsSecrets"
        actions   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
        resources = [for used in sort(service.uses.secrets) : var.secret_arns[used]]
      }],
      # The database's user has the service's name.
      length(service.uses.databases) == 0 ? [] : [{
        sid     = "ConnectsToDatabases"
        actions = ["rds-db:connect"]
        resources = [
          for used in sort(service.uses.databases) :
          "arn:${local.partition}:rds-db:${var.region}:${var.account_id}:dbuser:${contains(local.proxied_databases[name], used) ? var.database_proxy_resource_ids[used] : var.database_resource_ids[used]}/${name}"
        ]
      }],
      length(service.uses.caches) == 0 ? [] : [{
        sid     = "ConnectsToCaches"
        actions = ["elasticache:Connect"]
        resources = concat(
          [for used in sort(service.uses.caches) : var.cache_arns[used]],
          [for used in sort(service.uses.caches) : "arn:${local.partition}:elasticache:${var.region}:${var.account_id}:user:${var.cache_user_names[used]}" if try(var.cache_user_names[used], null) != null],
        )
      }],
      length(local.function_calls[name]) == 0 ? [] : [{
        sid       = "InvokesServices"
        actions   = ["lambda:InvokeFunction"]
        resources = [for used in local.function_calls[name] : "${local.function_arns[used]}:live"]
      }],
      # A service's ARN, and the path below it.
      # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonvpclatticeservices.html
      length(local.lattice_calls[name]) == 0 ? [] : [{
        sid       = "CallsServices"
        actions   = ["vpc-lattice-svcs:Invoke"]
        resources = [for used in sort(local.lattice_calls[name]) : "${var.lattice_service_arns[used]}/*"]
      }],
      contains(keys(local.collected), name) && local.collector_metrics ? [{
        sid       = "SendsMetrics"
        actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        resources = ["${aws_cloudwatch_log_group.collector_metrics[0].arn}:*"]
      }] : [],
      # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
      service.runtime != "ecs" || !var.ecs.execute_command ? [] : [
        {
          sid       = "OpensShells"
          actions   = ["ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"]
          resources = ["*"] # they know no resource
        },
        {
          sid       = "FindsTheLogOfShells"
          actions   = ["logs:DescribeLogGroups"]
          resources = ["*"] # before it asks for one
        },
        {
          sid       = "LogsShells"
          actions   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
          resources = ["${aws_cloudwatch_log_group.execute_command[0].arn}:*"]
        },
        {
          sid       = "EncryptsShells"
          actions   = ["kms:Decrypt"]
          resources = [var.kms_key_arn]
        },
      ],
      service.runtime != "lambda" ? [] : [
        {
          sid       = "Logs"
          actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          resources = ["${aws_cloudwatch_log_group.service[name].arn}:*"]
        },
        {
          sid       = "PutsAsideWhatFailed"
          actions   = ["sqs:SendMessage"]
          resources = [aws_sqs_queue.failed[name].arn]
        },
      ],
    )
  }

  # Data is encrypted; a service decrypts it through the service that keeps it, never by itself.
  key_purposes = {
    for name, service in var.services : name => merge(
      length(service.uses.tables) + length(service.triggers.tables) == 0 ? {} : { dynamodb = "data" },
      length(service.uses.buckets) == 0 ? {} : { s3 = "data" },
      length(service.uses.queues) + length(service.triggers.queues) == 0 && service.runtime != "lambda" ? {} : { sqs = "messaging" },
      length(service.uses.topics) == 0 ? {} : { sns = "messaging" },
      length(service.uses.event_buses) == 0 ? {} : { events = "messaging" },
      length(service.uses.secrets) == 0 ? {} : { secretsmanager = "secrets" },
    )
  }
}

data "aws_iam_policy_document" "trust" {
  for_each = var.services

  statement {
    actions = each.value.runtime == "eks" ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [local.trusted_service[each.value.runtime]]
    }

    # Lambda does not say for whom it assumes a role.
    dynamic "condition" {
      for_each = each.value.runtime == "lambda" ? [] : [var.account_id]

      content {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [condition.value]
      }
    }
  }
}

resource "aws_iam_role" "service" {
  for_each = var.services

  name                 = "${local.prefix}-${each.key}"
  description          = "What the service ${each.key} may do"
  assume_role_policy   = data.aws_iam_policy_document.trust[each.key].json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "service" {
  for_each = var.services

  dynamic "statement" {
    for_each = local.permissions[each.key]

    content {
      sid       = statement.value.sid
      actions   = statement.value.actions
      resources = statement.value.resources
    }
  }

  dynamic "statement" {
    for_each = local.key_purposes[each.key]

    content {
      sid       = "Decrypts${title(statement.key)}"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [var.used_kms_key_arns[statement.value]]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["${statement.key}.${var.region}.amazonaws.com"]
      }
    }
  }

  # X-Ray's actions know no resources.
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
  dynamic "statement" {
    for_each = each.value.tracing ? [true] : []

    content {
      sid       = "Traces"
      actions   = ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      resources = ["*"]
    }
  }
}

# A service that uses nothing has no policy.
resource "aws_iam_role_policy" "service" {
  for_each = {
    for name, service in var.services : name => service
    if service.runtime == "lambda" || service.tracing || (service.runtime == "ecs" && var.ecs.execute_command) || sum([
      length(service.uses.tables), length(service.uses.buckets), length(service.uses.queues), length(service.uses.topics),
      length(service.uses.event_buses), length(service.uses.state_machines), length(service.uses.secrets),
      length(service.uses.databases), length(service.uses.caches),
      length(local.function_calls[name]), length(local.lattice_calls[name]),
    ]) > 0
  }

  name   = "uses"
  role   = aws_iam_role.service[each.key].id
  policy = data.aws_iam_policy_document.service[each.key].json
}

# Lambda makes network interfaces for functions in a VPC; AWS keeps this policy.
resource "aws_iam_role_policy_attachment" "vpc_access" {
  for_each = { for name, service in local.lambda_services : name => service if service.in_vpc }

  role       = aws_iam_role.service[each.key].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
}

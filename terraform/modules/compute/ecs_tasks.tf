# What a task is: one container with a read-only root, beside it the collector of its traces.

data "aws_iam_policy_document" "execution_trust" {
  for_each = local.ecs_services

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

# ECS itself, before the container runs: it fetches the image and the secrets, and opens the log.
resource "aws_iam_role" "execution" {
  for_each = local.ecs_services

  name                 = "${local.prefix}-${each.key}-execution"
  description          = "Starts tasks of the service ${each.key}"
  assume_role_policy   = data.aws_iam_policy_document.execution_trust[each.key].json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "execution" {
  for_each = local.ecs_services

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.service[each.key].arn}:*"]
  }

  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
  statement {
    sid       = "SignsInToRegistries"
    actions   = ["ecr:GetAuthorizationToken"] # it knows no resource
    resources = ["*"]
  }

  statement {
    sid     = "PullsImages"
    actions = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = [
      each.value.image == null ? aws_ecr_repository.this[each.key].arn : "arn:${local.partition}:ecr:${var.region}:${var.account_id}:repository/*"
    ]
  }

  dynamic "statement" {
    for_each = length(each.value.uses.secrets) > 0 ? [true] : []

    content {
      sid       = "HandsOverSecrets"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = [for used in sort(each.value.uses.secrets) : var.secret_arns[used]]
    }
  }

  dynamic "statement" {
    for_each = length(each.value.uses.secrets) > 0 ? [true] : []

    content {
      sid       = "DecryptsSecrets"
      actions   = ["kms:Decrypt"]
      resources = [var.used_kms_key_arns["secrets"]]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["secretsmanager.${var.region}.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role_policy" "execution" {
  for_each = local.ecs_services

  name   = "execution"
  role   = aws_iam_role.execution[each.key].id
  policy = data.aws_iam_policy_document.execution[each.key].json
}

locals {
  images = {
    for name, service in local.ecs_services :
    name => service.image == null ? "${aws_ecr_repository.this[name].repository_url}:${service.image_tag}" : service.image
  }

  logged = {
    for name in keys(local.ecs_services) : name => {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.service[name].name
        awslogs-region        = var.region
        awslogs-stream-prefix = name
        mode                  = "non-blocking" # a full log does not stop the service
        max-buffer-size       = "25m"
      }
    }
  }

  containers = {
    for name, service in local.ecs_services : name => concat(
      [{
        name                   = name
        image                  = local.images[name]
        essential              = true
        user                   = var.ecs.user
        readonlyRootFilesystem = true
        environment            = [for key in sort(keys(local.container_environment[name])) : { name = key, value = local.container_environment[name][key] }]
        secrets                = [for used in sort(service.uses.secrets) : { name = "SECRET_${upper(replace(used, "-", "_"))}", valueFrom = var.secret_arns[used] }]
        portMappings           = [{ name = "http", containerPort = service.port, hostPort = service.port, protocol = "tcp", appProtocol = "http" }]
        mountPoints            = [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]
        linuxParameters        = { initProcessEnabled = true, capabilities = { add = [], drop = ["ALL"] } }
        logConfiguration       = local.logged[name]
        stopTimeout            = 30
      }],
      !service.tracing || var.ecs.collector_image == null ? [] : [{
        name                   = "collector"
        image                  = var.ecs.collector_image
        essential              = false # the service goes on without its traces
        user                   = var.ecs.user
        readonlyRootFilesystem = true
        command                = ["--config=/etc/ecs/ecs-xray.yaml"]
        environment            = [{ name = "AWS_REGION", value = var.region }]
        linuxParameters        = { capabilities = { add = [], drop = ["ALL"] } }
        logConfiguration       = local.logged[name]
      }],
    )
  }

  container_environment = {
    for name, service in local.ecs_services : name => merge(
      local.used_environment[name],
      { PORT = tostring(service.port) },
      service.tracing && var.ecs.collector_image != null ? {
        OTEL_EXPORTER_OTLP_ENDPOINT = "http://localhost:4317"
        OTEL_PROPAGATORS            = "xray"
        OTEL_SERVICE_NAME           = name
      } : {},
    )
  }
}

resource "aws_ecs_task_definition" "this" {
  for_each = local.ecs_services

  family                   = "${local.prefix}-${each.key}"
  requires_compatibilities = [contains(local.on_instances, each.key) ? "EC2" : "FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = each.value.cpu
  memory                   = each.value.memory
  execution_role_arn       = aws_iam_role.execution[each.key].arn
  task_role_arn            = aws_iam_role.service[each.key].arn
  container_definitions    = jsonencode(local.containers[each.key])

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = each.value.architecture == "arm64" ? "ARM64" : "X86_64"
  }

  # The one place a container can write to; gone with the task.
  volume {
    name = "tmp"
  }
}

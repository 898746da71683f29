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
    for_each = contains(keys(local.collected), each.key) && var.collector != null ? [local.collector_parameter_arn] : []

    content {
      sid       = "HandsOverTheCollectorsConfiguration"
      actions   = ["ssm:GetParameters"]
      resources = [statement.value]
    }
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

  collectors = var.ecs.collector_image == null ? [] : [merge(
    {
      name                   = "collector"
      image                  = var.ecs.collector_image
      essential              = false # the service goes on without its traces
      user                   = var.ecs.user
      readonlyRootFilesystem = true
      environment = concat(
        [{ name = "AWS_REGION", value = var.region }],
        # Another configuration is another task definition, so that tasks start anew with it.
        [for key, config in local.collector_configs : { name = "CONFIGURATION_SHA256", value = sha256(yamlencode(config)) } if key == "ecs"],
      )
      linuxParameters = { capabilities = { add = [], drop = ["ALL"] } }
    },
    { for key in ["command"] : key => ["--config=/etc/ecs/ecs-xray.yaml"] if var.collector == null },
    { for key in ["secrets"] : key => [{ name = "AOT_CONFIG_CONTENT", valueFrom = local.collector_parameter_arn }] if var.collector != null },
  )]

  containers = {
    for name, service in local.ecs_services : name => concat(
      [{
        name                   = name
        image                  = local.images[name]
        essential              = true
        user                   = var.ecs.user
        readonlyRootFilesystem = !var.ecs.execute_command # ECS Exec works with no other root: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
        environment            = [for key in sort(keys(local.container_environment[name])) : { name = key, value = local.container_environment[name][key] }]
        secrets                = [for used in sort(service.uses.secrets) : { name = "SECRET_${upper(replace(used, "-", "_"))}", valueFrom = var.secret_arns[used] }]
        portMappings           = [{ name = "http", containerPort = service.port, hostPort = service.port, protocol = "tcp", appProtocol = "http" }]
        # An empty volume would belong to root: whom else it belongs to, only an image with VOLUME can say. Anyone writes to a tmpfs.
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
        linuxParameters = {
          initProcessEnabled = true
          capabilities       = { add = [], drop = ["ALL"] }
          tmpfs              = [{ containerPath = "/tmp", size = var.ecs.tmp_mib, mountOptions = ["rw", "nosuid", "nodev"] }]
        }
        logConfiguration = local.logged[name]
        stopTimeout      = 30
      }],
      [for collector in local.collectors : merge(collector, { logConfiguration = local.logged[name] }) if contains(keys(local.collected), name)],
    )
  }

  container_environment = {
    for name, service in local.ecs_services : name => merge(
      local.used_environment[name],
      { PORT = tostring(service.port) },
      contains(keys(local.collected), name) ? {
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
}

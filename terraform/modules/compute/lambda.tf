# Services that run as functions: a version for each change, reached through the alias `live`.

resource "aws_sqs_queue" "failed" {
  for_each = local.lambda_services

  name                      = "${local.prefix}-${each.key}-failed"
  kms_master_key_id         = var.messaging_kms_key_arn
  message_retention_seconds = 1209600
}

data "aws_iam_policy_document" "failed" {
  for_each = local.lambda_services

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.failed[each.key].arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  # A rule's target puts events aside on EventBridge's own behalf.
  dynamic "statement" {
    for_each = length(each.value.triggers.events) > 0 ? [true] : []

    content {
      sid       = "EventsThatCouldNotBeDelivered"
      actions   = ["sqs:SendMessage"]
      resources = [aws_sqs_queue.failed[each.key].arn]

      principals {
        type        = "Service"
        identifiers = ["events.amazonaws.com"]
      }

      condition {
        test     = "ArnLike"
        variable = "aws:SourceArn"
        values   = ["arn:${local.partition}:events:${var.region}:${var.account_id}:rule/*${local.prefix}-${each.key}-*"]
      }
    }
  }
}

resource "aws_sqs_queue_policy" "failed" {
  for_each = local.lambda_services

  queue_url = aws_sqs_queue.failed[each.key].id
  policy    = data.aws_iam_policy_document.failed[each.key].json
}

resource "aws_lambda_code_signing_config" "this" {
  count = var.code_signing == null ? 0 : 1

  description = "Code that ${var.name_prefix} trusts"

  allowed_publishers {
    signing_profile_version_arns = var.code_signing.signing_profile_version_arns
  }

  policies {
    untrusted_artifact_on_deployment = var.code_signing.enforce ? "Enforce" : "Warn"
  }
}

locals {
  function_languages = {
    for name, service in local.lambda_services : name => try(regex("^[a-z]+", service.lambda_runtime), null)
  }

  # A layer changes nothing until its wrapper starts the function. AWS's newer layers (AWSOpenTelemetryDistro…) call it
  # otel-instrument in each language. https://aws-otel.github.io/docs/getting-started/lambda
  instrumented = {
    for name, service in local.lambda_services : name => {
      layer = var.adot_layer_arns[local.function_languages[name]]
      wrapper = (
        contains(["python", "dotnet"], local.function_languages[name]) || strcontains(var.adot_layer_arns[local.function_languages[name]], ":layer:AWSOpenTelemetryDistro")
        ? "/opt/otel-instrument" : "/opt/otel-handler"
      )
    } if service.package != null && service.tracing && contains(keys(var.adot_layer_arns), coalesce(local.function_languages[name], "none"))
  }
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_117:A function is in the VPC when it uses something there (in_vpc); others reach AWS's interfaces without it
  #checkov:skip=CKV_AWS_115:reserved_concurrency takes from the account's pool; each service says whether it needs its own
  #checkov:skip=CKV_AWS_272:code_signing says whose code runs; it needs a signing profile, which the account's owners make
  for_each = local.lambda_services

  function_name                  = "${local.prefix}-${each.key}"
  description                    = each.value.description
  role                           = aws_iam_role.service[each.key].arn
  architectures                  = [each.value.architecture]
  memory_size                    = each.value.memory
  timeout                        = each.value.timeout_seconds
  reserved_concurrent_executions = coalesce(each.value.scaling.reserved_concurrency, -1)
  kms_key_arn                    = var.kms_key_arn
  code_signing_config_arn        = each.value.package == null ? null : one(aws_lambda_code_signing_config.this[*].arn) # images are signed otherwise
  publish                        = true

  package_type      = each.value.package == null ? "Image" : "Zip"
  image_uri         = each.value.image
  filename          = try(each.value.package.filename, null)
  source_code_hash  = try(each.value.package.source_code_hash, null)
  s3_bucket         = try(each.value.package.s3_bucket, null)
  s3_key            = try(each.value.package.s3_key, null)
  s3_object_version = try(each.value.package.s3_object_version, null)
  handler           = each.value.package == null ? null : each.value.handler
  runtime           = each.value.package == null ? null : each.value.lambda_runtime
  layers            = contains(keys(local.instrumented), each.key) ? [local.instrumented[each.key].layer] : []

  environment {
    variables = merge(
      contains(keys(local.instrumented), each.key) ? { AWS_LAMBDA_EXEC_WRAPPER = local.instrumented[each.key].wrapper } : {},
      local.used_environment[each.key],
    )
  }

  tracing_config {
    mode = each.value.tracing ? "Active" : "PassThrough"
  }

  dead_letter_config {
    target_arn = aws_sqs_queue.failed[each.key].arn
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.service[each.key].name
  }

  dynamic "vpc_config" {
    for_each = each.value.in_vpc ? [true] : []

    content {
      subnet_ids         = var.private_subnet_ids
      security_group_ids = concat([aws_security_group.service[each.key].id], local.client_groups[each.key])
    }
  }

  depends_on = [aws_iam_role_policy.service, aws_iam_role_policy_attachment.vpc_access]
}

# Twice is enough: what fails then is put aside.
resource "aws_lambda_function_event_invoke_config" "this" {
  for_each = local.lambda_services

  function_name                = aws_lambda_function.this[each.key].function_name
  qualifier                    = "live"
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = 3600

  depends_on = [aws_lambda_alias.live, aws_lambda_alias.shifted]
}

resource "aws_lambda_alias" "live" {
  for_each = { for name, service in local.lambda_services : name => service if !contains(local.shifted, name) }

  name             = "live"
  description      = "The version that answers"
  function_name    = aws_lambda_function.this[each.key].function_name
  function_version = aws_lambda_function.this[each.key].version
}

resource "aws_lambda_alias" "shifted" {
  for_each = { for name, service in local.lambda_services : name => service if contains(local.shifted, name) }

  name             = "live"
  description      = "The version that answers; CodeDeploy moves it"
  function_name    = aws_lambda_function.this[each.key].function_name
  function_version = aws_lambda_function.this[each.key].version

  lifecycle {
    ignore_changes = [function_version, routing_config]
  }
}

locals {
  aliases = merge(aws_lambda_alias.live, aws_lambda_alias.shifted)
}

resource "aws_lambda_provisioned_concurrency_config" "this" {
  for_each = { for name, service in local.lambda_services : name => service if service.scaling.provisioned_concurrency != null }

  function_name                     = aws_lambda_function.this[each.key].function_name
  qualifier                         = local.aliases[each.key].name
  provisioned_concurrent_executions = each.value.scaling.provisioned_concurrency
}

resource "aws_lambda_function_url" "this" {
  for_each = { for name, service in local.lambda_services : name => service if service.function_url != null }

  function_name      = aws_lambda_function.this[each.key].function_name
  qualifier          = local.aliases[each.key].name
  authorization_type = each.value.function_url.authorization == "iam" ? "AWS_IAM" : "NONE"
}

# Anybody may call what asks for no authorization; that is said in the environment file.
resource "aws_lambda_permission" "function_url" {
  #checkov:skip=CKV_AWS_301:Only where the service says function_url.authorization none
  #checkov:skip=CKV_AWS_364:A function URL without authorization has no source to name
  for_each = { for name, service in local.lambda_services : name => service if try(service.function_url.authorization, "iam") == "none" }

  statement_id           = "function-url"
  action                 = "lambda:InvokeFunctionUrl"
  function_name          = aws_lambda_function.this[each.key].function_name
  qualifier              = local.aliases[each.key].name
  principal              = "*"
  function_url_auth_type = "NONE"
}

# A role for a service that acts on behalf of one thing, with what that thing needs and no more.

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["${var.service}.amazonaws.com"]
    }

    # So that the service can't be made to take it for somebody else.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = var.source_arns
    }
  }
}

locals {
  statements = {
    for sid, statement in {
      SendToQueues          = { actions = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"], resources = var.grants.send_queues }
      ReceiveFromQueues     = { actions = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage"], resources = var.grants.receive_queues }
      PublishToTopics       = { actions = ["sns:Publish"], resources = var.grants.publish_topics }
      InvokeFunctions       = { actions = ["lambda:InvokeFunction"], resources = var.grants.invoke_functions }
      StartStateMachines    = { actions = ["states:StartExecution"], resources = var.grants.start_state_machines }
      RunExpressMachines    = { actions = ["states:StartSyncExecution"], resources = var.grants.run_express_machines }
      PutEvents             = { actions = ["events:PutEvents"], resources = var.grants.put_events }
      InvokeApiDestinations = { actions = ["events:InvokeApiDestination"], resources = var.grants.invoke_api_destinations }
      ReadTables = {
        actions   = ["dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"]
        resources = flatten([for arn in var.grants.read_tables : [arn, "${arn}/index/*"]])
      }
      WriteTables = {
        actions   = ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
        resources = var.grants.write_tables
      }
      ReadTableStreams = { actions = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"], resources = var.grants.read_table_streams }
      ReadStreams = {
        actions   = ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards", "kinesis:SubscribeToShard"]
        resources = var.grants.read_streams
      }
      PutToStreams   = { actions = ["kinesis:PutRecord", "kinesis:PutRecords"], resources = var.grants.put_streams }
      WriteLogGroups = { actions = ["logs:CreateLogStream", "logs:PutLogEvents"], resources = [for arn in var.grants.write_log_groups : "${arn}:*"] }
    } : sid => statement if length(statement.resources) > 0
  }

  # Callers of an encrypted queue or table use its key through the service.
  key_services = sort(distinct(concat(
    length(concat(var.grants.send_queues, var.grants.receive_queues)) > 0 ? ["sqs"] : [],
    length(var.grants.publish_topics) > 0 ? ["sns"] : [],
  )))
  data_key_services = sort(distinct(concat(
    length(concat(var.grants.read_tables, var.grants.write_tables, var.grants.read_table_streams)) > 0 ? ["dynamodb"] : [],
    length(concat(var.grants.read_streams, var.grants.put_streams)) > 0 ? ["kinesis"] : [],
  )))
  has_policy = length(local.statements) + length(var.encryption_context) + length(var.policy_documents) > 0
}

data "aws_iam_policy_document" "this" {
  source_policy_documents = var.policy_documents

  dynamic "statement" {
    for_each = local.statements
    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = sort(distinct(statement.value.resources))
    }
  }

  dynamic "statement" {
    for_each = length(local.key_services) > 0 ? [local.key_services] : []
    content {
      sid       = "UseKeyThroughServices"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [var.kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [for service in statement.value : "${service}.${var.region}.amazonaws.com"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.data_kms_key_arn != null && length(local.data_key_services) > 0 ? [local.data_key_services] : []
    content {
      sid       = "UseDataKeyThroughServices"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [var.data_kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [for service in statement.value : "${service}.${var.region}.amazonaws.com"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.encryption_context
    content {
      sid       = "UseKeyFor${join("", [for word in regexall("[A-Za-z]+", statement.key) : title(word)])}"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [var.kms_key_arn]

      condition {
        test     = "ArnLike"
        variable = "kms:EncryptionContext:${statement.key}"
        values   = statement.value
      }
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = var.name
  description          = var.description
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "this" {
  count = local.has_policy ? 1 : 0

  name   = "use"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}

# One key a purpose, so that access to one kind of data can be given, watched and taken away on its own.

data "aws_partition" "current" {}

locals {
  # What the platform's layers need; settings from the environment are laid over it.
  default_keys = merge(local.audit_keys, {
    data = {
      description        = "Data at rest: buckets, tables, databases."
      via_services       = ["s3", "dynamodb", "rds", "elasticache", "backup"]
      service_principals = []
      cloudwatch_logs    = false
    }
    messaging = {
      description  = "Queues, topics, event buses, pipes, schedules and state machines."
      via_services = ["sqs", "sns", "events", "pipes", "scheduler", "secretsmanager", "states"]
      # These deliver into encrypted queues and topics on their own behalf.
      service_principals = ["sns", "s3", "events", "cloudwatch", "cloudtrail"]
      cloudwatch_logs    = false
    }
    logs = {
      description = "Log groups, the trail, traces, and what logs are delivered into."
      # Log delivery, indexes of logs and artifacts of canaries lie under the same key as the logs themselves.
      via_services       = ["aoss", "es", "firehose", "logs", "s3", "xray"]
      service_principals = ["cloudtrail"]
      cloudwatch_logs    = true
    }
    secrets = {
      description        = "Secrets and secure parameters."
      via_services       = ["secretsmanager", "ssm"]
      service_principals = []
      cloudwatch_logs    = false
    }
    compute = {
      description        = "Container images, functions' settings, Kubernetes secrets, volumes."
      via_services       = ["ec2", "ecr", "ecs", "eks", "lambda", "s3"]
      service_principals = []
      cloudwatch_logs    = false
      auto_scaling       = true # starts the nodes and instances whose volumes lie under this key
    }
    cicd = {
      description        = "Artifacts of pipelines and builds."
      via_services       = ["codebuild", "s3"]
      service_principals = []
      cloudwatch_logs    = false
    }
    ml = {
      description        = "Models, features and documents."
      via_services       = ["s3", "sagemaker", "ec2", "elasticfilesystem", "comprehend", "rekognition", "textract", "dynamodb", "kinesis", "kinesisvideo"]
      service_principals = []
      cloudwatch_logs    = false
    }
    backup = {
      description        = "Recovery points, apart from what they recover."
      via_services       = ["backup"]
      service_principals = []
      cloudwatch_logs    = false
    }
  })

  # Only where something is audited into a bucket of this layer.
  audit_keys = local.audits_to_bucket ? {
    audit = {
      description        = "What AWS Config and GuardDuty write down."
      via_services       = ["s3"]
      service_principals = ["config", "guardduty"]
      cloudwatch_logs    = false
    }
  } : {}

  purposes = setunion(keys(local.default_keys), keys(var.kms_keys))

  keys = {
    for purpose in local.purposes : purpose => {
      description = coalesce(
        try(var.kms_keys[purpose].description, null),
        try(local.default_keys[purpose].description, null),
        "Key for ${purpose}.",
      )
      deletion_window_in_days = coalesce(
        try(var.kms_keys[purpose].deletion_window_in_days, null),
        var.deletion_window_in_days,
      )
      rotation_period_in_days = try(var.kms_keys[purpose].rotation_period_in_days, 365)
      via_services = sort(setunion(
        try(local.default_keys[purpose].via_services, []),
        try(var.kms_keys[purpose].via_services, []),
      ))
      service_principals = sort(setunion(
        try(local.default_keys[purpose].service_principals, []),
        try(var.kms_keys[purpose].service_principals, []),
      ))
      cloudwatch_logs = anytrue([
        try(local.default_keys[purpose].cloudwatch_logs, false),
        try(var.kms_keys[purpose].cloudwatch_logs, false),
      ])
      auto_scaling = anytrue([
        try(local.default_keys[purpose].auto_scaling, false),
        try(var.kms_keys[purpose].auto_scaling, false),
      ])
      users   = sort(try(var.kms_keys[purpose].users, []))
      replica = try(var.kms_keys[purpose].replica, false)
      # A replica has its own policy; here it is the same, for both regions.
      regions = try(var.kms_keys[purpose].replica, false) ? [var.region, var.replica_region] : [var.region]
    }
  }

  # Auto Scaling's own role, which it makes with the account's first group. What an account statement lets IAM decide
  # is no use here: the role's policy is AWS's, and grants no key.
  auto_scaling_role_arn = "arn:${data.aws_partition.current.partition}:iam::${var.account_id}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"

  auto_scaling_statements = {
    AutoScalingUsesVolumes   = { actions = local.use_actions, grants = false }
    AutoScalingAttachVolumes = { actions = ["kms:CreateGrant"], grants = true }
  }

  root_arn = "arn:${data.aws_partition.current.partition}:iam::${var.account_id}:root"

  administration_actions = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias", # not kms:CreateGrant, which would hand out the use of the key
    "kms:Delete*",
    "kms:Describe*",
    "kms:Disable*",
    "kms:Enable*",
    "kms:Get*",
    "kms:List*",
    "kms:Put*",
    "kms:Revoke*",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:Update*",
  ]
  use_actions = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
}

resource "aws_kms_key" "this" {
  for_each = local.keys

  description             = "${var.name_prefix}-security-${each.key}: ${each.value.description}"
  enable_key_rotation     = true
  rotation_period_in_days = each.value.rotation_period_in_days
  deletion_window_in_days = each.value.deletion_window_in_days
  multi_region            = each.value.replica
  policy                  = data.aws_iam_policy_document.key[each.key].json

  tags = merge(
    { Name = "${var.name_prefix}-security-${each.key}" },
    # EventBridge uses a key for connections only if it has this tag:
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/encryption-connections.html
    each.key == "messaging" ? { EventBridgeApiDestinations = "true" } : {},
  )
}

resource "aws_kms_alias" "this" {
  for_each = local.keys

  name          = "alias/${var.name_prefix}-security-${each.key}"
  target_key_id = aws_kms_key.this[each.key].key_id
}

# Key policies: the account administers, services use. No statement gives an IAM principal the use of a
# key by itself; it must come through a service (kms:ViaService) or be named.

data "aws_iam_policy_document" "key" {
  for_each = local.keys

  # Without it a key whose administrators are gone can't be managed by anybody. It delegates
  # administration to IAM policies of this account, and no cryptographic use.
  #checkov:skip=CKV_AWS_109:A key policy applies to its own key only; "*" is the key itself
  #checkov:skip=CKV_AWS_111:A key policy applies to its own key only; "*" is the key itself
  #checkov:skip=CKV_AWS_356:A key policy applies to its own key only; "*" is the key itself
  statement {
    sid       = "AccountAdministersThroughIam"
    actions   = local.administration_actions
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [local.root_arn]
    }
  }

  dynamic "statement" {
    for_each = length(var.key_administrators) > 0 ? [sort(var.key_administrators)] : []

    content {
      sid       = "NamedAdministrators"
      actions   = local.administration_actions
      resources = ["*"]

      principals {
        type        = "AWS"
        identifiers = statement.value
      }
    }
  }

  dynamic "statement" {
    for_each = length(each.value.via_services) > 0 ? [each.value.via_services] : []

    content {
      sid       = "AccountUsesThroughServices"
      actions   = local.use_actions
      resources = ["*"]

      principals {
        type        = "AWS"
        identifiers = [local.root_arn]
      }

      condition {
        test     = "StringEquals"
        variable = "kms:CallerAccount"
        values   = [var.account_id]
      }

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [for pair in setproduct(statement.value, each.value.regions) : "${pair[0]}.${pair[1]}.amazonaws.com"]
      }
    }
  }

  # Services such as DynamoDB, RDS and Backup keep a key open by a grant.
  dynamic "statement" {
    for_each = length(each.value.via_services) > 0 ? [each.value.via_services] : []

    content {
      sid       = "ServicesHoldGrants"
      actions   = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
      resources = ["*"]

      principals {
        type        = "AWS"
        identifiers = [local.root_arn]
      }

      condition {
        test     = "Bool"
        variable = "kms:GrantIsForAWSResource"
        values   = ["true"]
      }

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [for pair in setproduct(statement.value, each.value.regions) : "${pair[0]}.${pair[1]}.amazonaws.com"]
      }
    }
  }

  dynamic "statement" {
    for_each = length(each.value.service_principals) > 0 ? [each.value.service_principals] : []

    content {
      sid       = "ServicesDeliver"
      actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"]
      resources = ["*"]

      principals {
        type        = "Service"
        identifiers = [for service in statement.value : "${service}.amazonaws.com"]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [var.account_id]
      }
    }
  }

  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
  dynamic "statement" {
    for_each = each.value.cloudwatch_logs ? [true] : []

    content {
      sid       = "LogGroupsOfThisAccount"
      actions   = local.use_actions
      resources = ["*"]

      principals {
        type        = "Service"
        identifiers = [for region in each.value.regions : "logs.${region}.amazonaws.com"]
      }

      condition {
        test     = "ArnLike"
        variable = "kms:EncryptionContext:aws:logs:arn"
        values = flatten([
          for region in each.value.regions : [
            for kind in ["anomaly-detector", "log-group"] :
            "arn:${data.aws_partition.current.partition}:logs:${region}:${var.account_id}:${kind}:*"
          ]
        ])
      }
    }
  }

  dynamic "statement" {
    for_each = length(each.value.users) > 0 ? [each.value.users] : []

    content {
      sid       = "NamedUsers"
      actions   = local.use_actions
      resources = ["*"]

      principals {
        type        = "AWS"
        identifiers = statement.value
      }
    }
  }

  # https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
  # KMS refuses a policy that names a role which isn't there yet, as on a fresh account: so anybody, if it is that role.
  dynamic "statement" {
    for_each = each.value.auto_scaling ? local.auto_scaling_statements : {}

    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = ["*"]

      principals {
        type        = "AWS"
        identifiers = ["*"]
      }

      condition {
        test     = "StringEquals"
        variable = "kms:CallerAccount"
        values   = [var.account_id]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:PrincipalArn"
        values   = [local.auto_scaling_role_arn]
      }

      dynamic "condition" {
        for_each = statement.value.grants ? [true] : []

        content {
          test     = "Bool"
          variable = "kms:GrantIsForAWSResource"
          values   = ["true"]
        }
      }
    }
  }

  # State machines, schedules and pipes use the key as the role that they run with: IAM decides which role, the
  # context which thing. https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
  dynamic "statement" {
    for_each = each.key == "messaging" ? {
      StateMachines = { context = "aws:states:stateMachineArn", arn = "states:${var.region}:${var.account_id}:stateMachine:*" }
      Schedules     = { context = "aws:scheduler:schedule:arn", arn = "scheduler:${var.region}:${var.account_id}:schedule/*" }
      Pipes         = { context = "aws:pipes:arn", arn = "pipes:${var.region}:${var.account_id}:pipe/*" }
      DeliveredLogs = { context = "SourceArn", arn = "logs:${var.region}:${var.account_id}:*" }
    } : {}

    content {
      sid       = "Account${statement.key}"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
      resources = ["*"]

      principals {
        type        = "AWS"
        identifiers = [local.root_arn]
      }

      condition {
        test     = "ArnLike"
        variable = "kms:EncryptionContext:${statement.value.context}"
        values   = ["arn:${data.aws_partition.current.partition}:${statement.value.arn}"]
      }
    }
  }

  # Logs of state machines that are encrypted reach their group through the delivery service.
  dynamic "statement" {
    for_each = each.key == "messaging" ? [true] : []

    content {
      sid       = "DeliveryOfLogs"
      actions   = ["kms:Decrypt"]
      resources = ["*"]

      principals {
        type        = "Service"
        identifiers = ["delivery.logs.amazonaws.com"]
      }

      condition {
        test     = "ArnLike"
        variable = "kms:EncryptionContext:SourceArn"
        values   = ["arn:${data.aws_partition.current.partition}:logs:${var.region}:${var.account_id}:*"]
      }
    }
  }
}

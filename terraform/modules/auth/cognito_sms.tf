# How Cognito sends text messages: by a role of ours, for this user pool's account only.
# https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-sms-settings.html

data "aws_iam_policy_document" "sms_trust" {
  count = local.sms == null ? 0 : 1

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["cognito-idp.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [local.sms_external_id]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${data.aws_partition.current.partition}:cognito-idp:${var.region}:${var.account_id}:userpool/*"]
    }
  }
}

# A telephone number is no resource: what can be said is that it must not be a topic.
data "aws_iam_policy_document" "sms" {
  count = local.sms == null ? 0 : 1

  statement {
    sid           = "TextMessages"
    actions       = ["sns:Publish"]
    not_resources = ["arn:${data.aws_partition.current.partition}:sns:*:*:*"]
  }
}

resource "aws_iam_role" "sms" {
  count = local.sms == null ? 0 : 1

  name                 = "${var.name_prefix}-auth-sms"
  description          = "Cognito sends text messages"
  assume_role_policy   = data.aws_iam_policy_document.sms_trust[0].json
  permissions_boundary = aws_iam_policy.boundary.arn
}

resource "aws_iam_role_policy" "sms" {
  count = local.sms == null ? 0 : 1

  name   = "sms"
  role   = aws_iam_role.sms[0].id
  policy = data.aws_iam_policy_document.sms[0].json
}

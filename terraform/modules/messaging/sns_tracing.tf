# X-Ray takes segments from SNS only where a policy of the account's says so.
# https://docs.aws.amazon.com/sns/latest/dg/sns-active-tracing.html

locals {
  traced_topics = [for key in sort(keys(var.topics)) : key if var.topics[key].tracing && !var.topics[key].fifo]
}

data "aws_iam_policy_document" "topic_tracing" {
  count = length(local.traced_topics) > 0 ? 1 : 0

  # X-Ray's actions know no resources.
  statement {
    sid       = "TopicsSendTraces"
    actions   = ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTraceSegments"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [for key in local.traced_topics : local.arns.topics[key]]
    }
  }
}

resource "aws_xray_resource_policy" "topics" {
  count = length(local.traced_topics) > 0 ? 1 : 0

  policy_name                 = "${local.prefix}-topics"
  policy_document             = data.aws_iam_policy_document.topic_tracing[0].json
  bypass_policy_lockout_check = true # the policy names a service; whoever deploys keeps what IAM grants
}

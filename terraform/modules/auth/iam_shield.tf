# Shield's response team works with a role of this account. It is made here, where the boundary is.
# https://docs.aws.amazon.com/waf/latest/developerguide/ddos-srt-access.html

data "aws_iam_policy_document" "shield_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["drt.shield.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "shield" {
  count = var.shield_response_team_access ? 1 : 0

  name                 = "${var.name_prefix}-auth-shield-response-team"
  description          = "Lets the Shield Response Team look at and change protections during an attack"
  assume_role_policy   = data.aws_iam_policy_document.shield_trust.json
  permissions_boundary = aws_iam_policy.boundary.arn
}

# AWS asks for this very policy.
resource "aws_iam_role_policy_attachment" "shield" {
  count = length(aws_iam_role.shield)

  role       = aws_iam_role.shield[0].name
  policy_arn = "${local.managed_policy_arn}/service-role/AWSShieldDRTAccessPolicy"
}

resource "aws_shield_drt_access_role_arn_association" "this" {
  count = length(aws_iam_role.shield)

  role_arn = aws_iam_role.shield[0].arn

  depends_on = [aws_iam_role_policy_attachment.shield]
}

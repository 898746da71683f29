# The role with which API Gateway writes logs of REST APIs: one for the account and region.

data "aws_iam_policy_document" "rest_logs_trust" {
  count = try(var.rest_api.cloudwatch_role, false) ? 1 : 0

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["apigateway.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "rest_logs" {
  count = try(var.rest_api.cloudwatch_role, false) ? 1 : 0

  name                 = "${local.name}-rest-logs"
  description          = "Lets API Gateway write logs of REST APIs"
  assume_role_policy   = data.aws_iam_policy_document.rest_logs_trust[0].json
  permissions_boundary = var.permissions_boundary_arn
}

# API Gateway accepts a role only when it may do what AWS's own policy for the purpose says.
resource "aws_iam_role_policy_attachment" "rest_logs" {
  count = try(var.rest_api.cloudwatch_role, false) ? 1 : 0

  role       = aws_iam_role.rest_logs[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

resource "aws_api_gateway_account" "this" {
  count = try(var.rest_api.cloudwatch_role, false) ? 1 : 0

  cloudwatch_role_arn = aws_iam_role.rest_logs[0].arn

  depends_on = [aws_iam_role_policy_attachment.rest_logs]
}

# The account's trust in GitHub Actions, and which of their jobs it trusts with what.
# https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws

locals {
  github_host         = "token.actions.githubusercontent.com"
  github_provider_arn = "${local.iam_arn}:oidc-provider/${local.github_host}"

  # Which GitHub environment's jobs may assume which role: the environment's own protection rules then decide who deploys.
  github_subjects = var.github == null ? {} : {
    plan  = "repo:${var.github.repository}:environment:${coalesce(var.github.plan_environment, var.environment_name)}"
    apply = "repo:${var.github.repository}:environment:${coalesce(var.github.environment, var.environment_name)}"
  }
}

resource "aws_iam_openid_connect_provider" "github" {
  count = try(var.github.create_provider, false) ? 1 : 0

  url            = "https://${local.github_host}"
  client_id_list = ["sts.amazonaws.com"]
}

# Database users that come through the proxy. A client signs in to the proxy with IAM; the proxy signs in to the database
# with the user's password, which it finds in a secret of its own for each:
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-iam-setup.html
# (Without secrets, with IAM on both sides, is what `default_auth_scheme` does, which the AWS provider has in version 6 only.)

ephemeral "aws_secretsmanager_random_password" "user" {
  for_each = var.proxy.users

  password_length     = 40
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret" "user" {
  #checkov:skip=CKV2_AWS_57:The database's user has to get the same password; raising password_version makes a new one for both
  for_each = var.proxy.users

  name                    = "${var.name}-proxy-${each.key}"
  description             = "User ${each.key} of ${var.name}, as the proxy signs in"
  kms_key_id              = var.secrets_kms_key_arn
  recovery_window_in_days = var.secret_recovery_window_in_days
}

resource "aws_secretsmanager_secret_version" "user" {
  for_each = var.proxy.users

  secret_id                = aws_secretsmanager_secret.user[each.key].id
  secret_string_wo_version = var.proxy.password_version
  secret_string_wo = jsonencode({
    username = each.key
    password = ephemeral.aws_secretsmanager_random_password.user[each.key].random_password
  })
}

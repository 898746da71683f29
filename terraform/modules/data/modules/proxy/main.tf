# A pool of connections in front of a database: clients sign in with IAM over TLS, the proxy with the secret of the user
# that they sign in as, the master or one of `users`.

locals {
  secrets_host = "secretsmanager.${var.region}.amazonaws.com"
  user_names   = sort(var.proxy.users)
  secret_arns  = concat([var.secret_arn], [for name in local.user_names : aws_secretsmanager_secret.user[name].arn])
}

# Through the proxy, clients keep the security group that they reach the database with.
resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:It is attached to the proxy below, which the check does not know as something that has groups
  name        = "${var.name}-proxy"
  description = "${var.name}-proxy: admits the clients of ${var.name}"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-proxy" }
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  security_group_id            = aws_security_group.this.id
  description                  = "From clients"
  referenced_security_group_id = var.client_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = var.port
  to_port                      = var.port
}

resource "aws_vpc_security_group_egress_rule" "clients" {
  security_group_id            = var.client_security_group_id
  description                  = "To ${var.name}-proxy"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = var.port
  to_port                      = var.port
}

resource "aws_vpc_security_group_egress_rule" "database" {
  security_group_id            = aws_security_group.this.id
  description                  = "To ${var.name}"
  referenced_security_group_id = var.database_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = var.port
  to_port                      = var.port
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  security_group_id            = var.database_security_group_id
  description                  = "From ${var.name}-proxy"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = var.port
  to_port                      = var.port
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["rds.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

data "aws_iam_policy_document" "secret" {
  statement {
    sid       = "ReadSecrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = local.secret_arns
  }

  statement {
    sid       = "DecryptSecrets"
    actions   = ["kms:Decrypt"]
    resources = [var.secrets_kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [local.secrets_host]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-proxy"
  description          = "Lets the proxy of ${var.name} read the secrets of its users"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "this" {
  name   = "read-secrets"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.secret.json
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:The environment says how long logs are kept
  name              = "/aws/rds/proxy/${var.name}"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

resource "aws_db_proxy" "this" {
  name                   = var.name
  engine_family          = var.engine_family
  role_arn               = aws_iam_role.this.arn
  require_tls            = true
  idle_client_timeout    = var.proxy.idle_client_timeout_seconds
  debug_logging          = var.proxy.debug_logging
  vpc_subnet_ids         = var.subnet_ids
  vpc_security_group_ids = [aws_security_group.this.id]

  dynamic "auth" {
    for_each = local.secret_arns

    content {
      auth_scheme = "SECRETS"
      iam_auth    = "REQUIRED"
      secret_arn  = auth.value
    }
  }

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this, aws_secretsmanager_secret_version.user]
}

resource "aws_db_proxy_default_target_group" "this" {
  db_proxy_name = aws_db_proxy.this.name

  connection_pool_config {
    max_connections_percent      = var.proxy.max_connections_percent
    max_idle_connections_percent = var.proxy.max_idle_connections_percent
    connection_borrow_timeout    = var.proxy.connection_borrow_timeout_seconds
    session_pinning_filters      = var.proxy.session_pinning_filters
  }
}

resource "aws_db_proxy_target" "this" {
  db_proxy_name          = aws_db_proxy.this.name
  target_group_name      = aws_db_proxy_default_target_group.this.name
  db_instance_identifier = var.cluster ? null : var.database_identifier
  db_cluster_identifier  = var.cluster ? var.database_identifier : null
}

# An OpenSearch domain: in the VPC, reached over TLS by members of its client security group, administered through an
# IAM role. https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html

locals {
  domain_name = "${substr(var.name_prefix, 0, 23)}-logs" # at most 28 characters
  domain_arn  = "arn:${local.partition}:es:${local.here}:domain/${local.domain_name}"
  domain_logs = {
    for kind in ["AUDIT_LOGS", "ES_APPLICATION_LOGS", "INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS"] : kind => "/${var.name_prefix}/observability/opensearch/${replace(lower(trimprefix(kind, "ES_")), "_", "-")}" if var.opensearch_domain != null
  }

  # T instances tune nothing, and can't stand by.
  domain_burstable = try(startswith(var.opensearch_domain.instance_type, "t"), false)
}

resource "aws_iam_service_linked_role" "opensearch" {
  count = try(var.opensearch_domain.service_linked_role, false) ? 1 : 0

  aws_service_name = "opensearchservice.amazonaws.com"
}

data "aws_iam_policy_document" "opensearch_master_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = sort(try(var.opensearch_domain.administrators, []))
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = [var.account_id]
    }
  }
}

data "aws_iam_policy_document" "opensearch_master" {
  statement {
    actions   = ["es:ESHttp*"]
    resources = ["${local.domain_arn}/*"]
  }
}

# Whoever assumes it is OpenSearch's administrator, and maps other IAM roles to what they may do.
resource "aws_iam_role" "opensearch_master" {
  count = var.opensearch_domain == null ? 0 : 1

  name                 = "${local.name}-opensearch-master"
  description          = "Administers the OpenSearch domain ${local.domain_name}"
  assume_role_policy   = data.aws_iam_policy_document.opensearch_master_trust.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "opensearch_master" {
  count = var.opensearch_domain == null ? 0 : 1

  name   = "use-domain"
  role   = aws_iam_role.opensearch_master[0].id
  policy = data.aws_iam_policy_document.opensearch_master.json
}

resource "aws_cloudwatch_log_group" "opensearch" {
  for_each = local.domain_logs

  name              = each.value
  retention_in_days = var.opensearch_domain.log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

data "aws_iam_policy_document" "opensearch_logs" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:PutLogEventsBatch"]
    resources = ["arn:${local.partition}:logs:${local.here}:log-group:/${var.name_prefix}/observability/opensearch/*"]

    principals {
      type        = "Service"
      identifiers = ["es.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [local.domain_arn]
    }
  }
}

resource "aws_cloudwatch_log_resource_policy" "opensearch" {
  count = var.opensearch_domain == null ? 0 : 1

  policy_name     = "${local.name}-opensearch"
  policy_document = data.aws_iam_policy_document.opensearch_logs.json
}

resource "aws_security_group" "opensearch" {
  count = var.opensearch_domain == null ? 0 : 1

  name        = "${local.name}-opensearch"
  description = "The OpenSearch domain"
  vpc_id      = var.vpc_id

  tags = { Name = "${local.name}-opensearch" }
}

resource "aws_security_group" "opensearch_client" {
  #checkov:skip=CKV2_AWS_5:Whoever shall reach the domain is made a member of it, in other layers
  count = var.opensearch_domain == null ? 0 : 1

  name        = "${local.name}-opensearch-client"
  description = "Members reach the OpenSearch domain"
  vpc_id      = var.vpc_id

  tags = { Name = "${local.name}-opensearch-client" }
}

resource "aws_vpc_security_group_ingress_rule" "opensearch_client" {
  count = var.opensearch_domain == null ? 0 : 1

  security_group_id            = aws_security_group.opensearch[0].id
  description                  = "Clients"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.opensearch_client[0].id
}

resource "aws_vpc_security_group_ingress_rule" "opensearch" {
  for_each = toset(try(var.opensearch_domain.client_security_group_ids, []))

  security_group_id            = aws_security_group.opensearch[0].id
  description                  = "Named in the environment"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = each.key
}

resource "aws_vpc_security_group_egress_rule" "opensearch_client" {
  count = var.opensearch_domain == null ? 0 : 1

  security_group_id            = aws_security_group.opensearch_client[0].id
  description                  = "To the domain"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.opensearch[0].id
}

# The network is one gate, a signature by a principal of this account the next, OpenSearch's roles the last.
data "aws_iam_policy_document" "opensearch_access" {
  statement {
    actions   = ["es:ESHttp*"]
    resources = ["${local.domain_arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${var.account_id}:root"]
    }
  }
}

resource "aws_opensearch_domain" "this" {
  count = var.opensearch_domain == null ? 0 : 1

  domain_name     = local.domain_name
  engine_version  = var.opensearch_domain.engine_version
  access_policies = data.aws_iam_policy_document.opensearch_access.json

  cluster_config {
    instance_type                 = var.opensearch_domain.instance_type
    instance_count                = var.opensearch_domain.instance_count
    zone_awareness_enabled        = var.opensearch_domain.zones > 1
    multi_az_with_standby_enabled = var.opensearch_domain.standby
    dedicated_master_enabled      = var.opensearch_domain.dedicated_masters != null
    dedicated_master_type         = try(var.opensearch_domain.dedicated_masters.instance_type, null)
    dedicated_master_count        = try(var.opensearch_domain.dedicated_masters.count, null)

    dynamic "zone_awareness_config" {
      for_each = var.opensearch_domain.zones > 1 ? [var.opensearch_domain.zones] : []

      content {
        availability_zone_count = zone_awareness_config.value
      }
    }
  }

  ebs_options {
    ebs_enabled = true
    volume_size = var.opensearch_domain.volume.size
    volume_type = var.opensearch_domain.volume.type
    iops        = var.opensearch_domain.volume.iops
    throughput  = var.opensearch_domain.volume.throughput
  }

  vpc_options {
    subnet_ids         = slice(var.private_subnet_ids, 0, var.opensearch_domain.zones)
    security_group_ids = [aws_security_group.opensearch[0].id]
  }

  encrypt_at_rest {
    enabled    = true
    kms_key_id = var.logs_kms_key_arn
  }

  node_to_node_encryption {
    enabled = true
  }

  domain_endpoint_options {
    enforce_https                   = true
    tls_security_policy             = "Policy-Min-TLS-1-2-PFS-2023-10"
    custom_endpoint_enabled         = var.opensearch_domain.custom_endpoint != null
    custom_endpoint                 = try(var.opensearch_domain.custom_endpoint.hostname, null)
    custom_endpoint_certificate_arn = try(var.opensearch_domain.custom_endpoint.certificate_arn, null)
  }

  advanced_security_options {
    enabled                        = true
    anonymous_auth_enabled         = false
    internal_user_database_enabled = false

    master_user_options {
      master_user_arn = aws_iam_role.opensearch_master[0].arn
    }
  }

  dynamic "log_publishing_options" {
    for_each = aws_cloudwatch_log_group.opensearch

    content {
      log_type                 = log_publishing_options.key
      cloudwatch_log_group_arn = log_publishing_options.value.arn
    }
  }

  auto_tune_options {
    desired_state       = var.opensearch_domain.auto_tune && !local.domain_burstable ? "ENABLED" : "DISABLED"
    rollback_on_disable = "NO_ROLLBACK"
    use_off_peak_window = var.opensearch_domain.auto_tune && !local.domain_burstable
  }

  off_peak_window_options {
    enabled = true

    off_peak_window {
      window_start_time {
        hours   = 1
        minutes = 0
      }
    }
  }

  software_update_options {
    auto_software_update_enabled = true
  }

  snapshot_options {
    automated_snapshot_start_hour = var.opensearch_domain.snapshot_hour
  }

  depends_on = [aws_cloudwatch_log_resource_policy.opensearch, aws_iam_service_linked_role.opensearch]
}

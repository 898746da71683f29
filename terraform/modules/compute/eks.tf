# The Kubernetes cluster: its API inside the VPC, secrets under the platform's key, every log of the control plane kept.

locals {
  eks_enabled = var.eks != null
  eks_name    = local.prefix
}

data "aws_iam_policy_document" "cluster_trust" {
  count = local.eks_enabled ? 1 : 0

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["eks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_iam_role" "cluster" {
  count = local.eks_enabled ? 1 : 0

  name                 = "${local.prefix}-eks-cluster"
  description          = "The control plane of ${local.eks_name}"
  assume_role_policy   = data.aws_iam_policy_document.cluster_trust[0].json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "cluster" {
  count = local.eks_enabled ? 1 : 0

  role       = aws_iam_role.cluster[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/AmazonEKSClusterPolicy"
}

# https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html
data "aws_iam_policy_document" "cluster" {
  count = local.eks_enabled ? 1 : 0

  statement {
    sid       = "EncryptsSecrets"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"]
    resources = [var.kms_key_arn]
  }

  statement {
    sid       = "GrantsEks"
    actions   = ["kms:CreateGrant"]
    resources = [var.kms_key_arn]

    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role_policy" "cluster" {
  count = local.eks_enabled ? 1 : 0

  name   = "encryption"
  role   = aws_iam_role.cluster[0].id
  policy = data.aws_iam_policy_document.cluster[0].json
}

# EKS writes to this group; made beforehand, so that its retention and key are ours.
resource "aws_cloudwatch_log_group" "cluster" {
  count = local.eks_enabled ? 1 : 0

  name              = "/aws/eks/${local.eks_name}/cluster"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

resource "aws_eks_cluster" "this" {
  count = local.eks_enabled ? 1 : 0

  name                          = local.eks_name
  version                       = var.eks.version
  role_arn                      = aws_iam_role.cluster[0].arn
  enabled_cluster_log_types     = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
  bootstrap_self_managed_addons = false

  vpc_config {
    subnet_ids              = var.private_subnet_ids
    endpoint_private_access = true
    endpoint_public_access  = length(var.eks.public_access_cidrs) > 0
    public_access_cidrs     = length(var.eks.public_access_cidrs) > 0 ? var.eks.public_access_cidrs : null
  }

  kubernetes_network_config {
    service_ipv4_cidr = var.eks.service_cidr
  }

  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = false
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = var.kms_key_arn
    }
  }

  upgrade_policy {
    support_type = var.eks.support
  }

  zonal_shift_config {
    enabled = var.eks.zonal_shift
  }

  depends_on = [aws_cloudwatch_log_group.cluster, aws_iam_role_policy.cluster, aws_iam_role_policy_attachment.cluster]
}

# The load balancer reaches pods on the ports of the services that have routes.
resource "aws_vpc_security_group_ingress_rule" "pods" {
  for_each = { for name, service in local.eks_services : name => service if length(service.routes) > 0 }

  security_group_id            = aws_eks_cluster.this[0].vpc_config[0].cluster_security_group_id
  description                  = "From the load balancer to ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  referenced_security_group_id = var.alb_security_group_id
}

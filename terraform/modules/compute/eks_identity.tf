# Roles of pods: services and add-ons through Pod Identity; through the cluster's OIDC provider where that can't be.

locals {
  # https://docs.aws.amazon.com/eks/latest/userguide/add-ons-iam.html
  addon_roles = {
    vpc-cni                         = { service_account = "aws-node", policies = ["AmazonEKS_CNI_Policy"] }
    aws-ebs-csi-driver              = { service_account = "ebs-csi-controller-sa", policies = ["service-role/AmazonEBSCSIDriverPolicy"] }
    aws-efs-csi-driver              = { service_account = "efs-csi-controller-sa", policies = ["service-role/AmazonEFSCSIDriverPolicy"] }
    amazon-cloudwatch-observability = { service_account = "cloudwatch-agent", policies = ["AWSXrayWriteOnlyAccess", "CloudWatchAgentServerPolicy"] }
    adot                            = { service_account = "adot-collector", policies = ["AWSXrayWriteOnlyAccess", "CloudWatchAgentServerPolicy"] }
  }
  addons_with_roles = { for name in keys(local.addons) : name => local.addon_roles[name] if contains(keys(local.addon_roles), name) }

  pod_roles = local.eks_enabled ? var.eks.pod_roles : {}
  irsa      = { for name, role in local.pod_roles : name => role if role.irsa }
  issuer    = local.eks_enabled ? trimprefix(aws_eks_cluster.this[0].identity[0].oidc[0].issuer, "https://") : null

  load_balancer_controller = local.eks_enabled ? var.eks.load_balancer_controller : false
  bound_services           = { for name, service in local.eks_services : name => service if length(service.routes) > 0 }
}

data "aws_iam_policy_document" "pod_trust" {
  count = local.eks_enabled ? 1 : 0

  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:eks:${var.region}:${var.account_id}:cluster/${local.eks_name}"]
    }
  }
}

resource "aws_eks_pod_identity_association" "service" {
  for_each = local.eks_services

  cluster_name    = aws_eks_cluster.this[0].name
  namespace       = var.eks.namespace
  service_account = each.key
  role_arn        = aws_iam_role.service[each.key].arn
}

resource "aws_iam_role" "addon" {
  for_each = local.addons_with_roles

  name                 = "${local.prefix}-eks-${each.key}"
  description          = "The add-on ${each.key}"
  assume_role_policy   = data.aws_iam_policy_document.pod_trust[0].json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "addon" {
  for_each = merge([
    for name, role in local.addons_with_roles : { for policy in role.policies : "${name}/${policy}" => { name = name, policy = policy } }
  ]...)

  role       = aws_iam_role.addon[each.value.name].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.value.policy}"
}

# Volumes of pods are encrypted with the platform's key.
data "aws_iam_policy_document" "volumes" {
  count = contains(keys(local.addons), "aws-ebs-csi-driver") ? 1 : 0

  statement {
    sid       = "EncryptsVolumes"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
    resources = [var.kms_key_arn]
  }

  statement {
    sid       = "GrantsEc2"
    actions   = ["kms:CreateGrant"]
    resources = [var.kms_key_arn]

    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role_policy" "volumes" {
  count = contains(keys(local.addons), "aws-ebs-csi-driver") ? 1 : 0

  name   = "encryption"
  role   = aws_iam_role.addon["aws-ebs-csi-driver"].id
  policy = data.aws_iam_policy_document.volumes[0].json
}

# Target groups belong to the layer api; the controller registers pods with them and makes no load balancers of its own.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
data "aws_iam_policy_document" "load_balancer_controller" {
  count = local.load_balancer_controller ? 1 : 0

  statement {
    sid = "Looks"
    actions = [
      "ec2:DescribeAvailabilityZones", "ec2:DescribeInstances", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups",
      "ec2:DescribeSubnets", "ec2:DescribeVpcs", "elasticloadbalancing:DescribeTargetGroupAttributes",
      "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
    ]
    resources = ["*"] # these actions know no resources
  }

  dynamic "statement" {
    for_each = length(local.bound_services) > 0 ? [true] : []

    content {
      sid       = "RegistersPods"
      actions   = ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"]
      resources = [for name in sort(keys(local.bound_services)) : var.target_group_arns[name]]
    }
  }
}

resource "aws_iam_role" "load_balancer_controller" {
  count = local.load_balancer_controller ? 1 : 0

  name                 = "${local.prefix}-eks-load-balancer-controller"
  description          = "Registers pods with the platform's target groups"
  assume_role_policy   = data.aws_iam_policy_document.pod_trust[0].json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "load_balancer_controller" {
  count = local.load_balancer_controller ? 1 : 0

  name   = "targets"
  role   = aws_iam_role.load_balancer_controller[0].id
  policy = data.aws_iam_policy_document.load_balancer_controller[0].json
}

resource "aws_eks_pod_identity_association" "load_balancer_controller" {
  count = local.load_balancer_controller ? 1 : 0

  cluster_name    = aws_eks_cluster.this[0].name
  namespace       = "kube-system"
  service_account = "aws-load-balancer-controller"
  role_arn        = aws_iam_role.load_balancer_controller[0].arn
}

resource "aws_iam_openid_connect_provider" "cluster" {
  count = local.eks_enabled ? 1 : 0

  url            = aws_eks_cluster.this[0].identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "irsa_trust" {
  for_each = local.irsa

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.cluster[0].arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values   = ["system:serviceaccount:${each.value.namespace}:${each.value.service_account}"]
    }
  }
}

resource "aws_iam_role" "pod" {
  for_each = local.pod_roles

  name                 = "${local.prefix}-eks-pod-${each.key}"
  description          = "Pods of ${each.value.namespace}/${each.value.service_account}"
  assume_role_policy   = each.value.irsa ? data.aws_iam_policy_document.irsa_trust[each.key].json : data.aws_iam_policy_document.pod_trust[0].json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "pod" {
  for_each = { for name, role in local.pod_roles : name => role if role.policy != null }

  name   = "uses"
  role   = aws_iam_role.pod[each.key].id
  policy = each.value.policy
}

resource "aws_iam_role_policy_attachment" "pod" {
  for_each = merge([
    for name, role in local.pod_roles : { for arn in role.policy_arns : "${name}/${arn}" => { name = name, arn = arn } }
  ]...)

  role       = aws_iam_role.pod[each.value.name].name
  policy_arn = each.value.arn
}

resource "aws_eks_pod_identity_association" "pod" {
  for_each = { for name, role in local.pod_roles : name => role if !role.irsa }

  cluster_name    = aws_eks_cluster.this[0].name
  namespace       = each.value.namespace
  service_account = each.value.service_account
  role_arn        = aws_iam_role.pod[each.key].arn
}

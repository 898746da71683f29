# What pods run on: managed node groups, and Fargate for pods that a profile selects.

locals {
  node_groups = local.eks_enabled ? var.eks.node_groups : {}
  profiles    = local.eks_enabled ? var.eks.fargate_profiles : {}

  ami_types = {
    al2023       = { arm64 = "AL2023_ARM_64_STANDARD", x86_64 = "AL2023_x86_64_STANDARD" }
    bottlerocket = { arm64 = "BOTTLEROCKET_ARM_64", x86_64 = "BOTTLEROCKET_x86_64" }
  }
  # Bottlerocket keeps images and volumes on a second disk.
  data_device = { al2023 = "/dev/xvda", bottlerocket = "/dev/xvdb" }

  # Pods have their node's groups: those of the clients of what services on nodes use.
  node_client_groups = distinct(concat(
    flatten([for service in values(local.eks_services) : [for used in service.uses.databases : var.database_client_security_group_ids[used]]]),
    flatten([for service in values(local.eks_services) : [for used in service.uses.caches : var.cache_client_security_group_ids[used]]]),
  ))
}

data "aws_iam_policy_document" "node_trust" {
  count = length(local.node_groups) > 0 ? 1 : 0

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "node" {
  count = length(local.node_groups) > 0 ? 1 : 0

  name                 = "${local.prefix}-eks-node"
  description          = "Nodes of ${local.eks_name}; pods have roles of their own"
  assume_role_policy   = data.aws_iam_policy_document.node_trust[0].json
  permissions_boundary = var.permissions_boundary_arn
}

# Joining the cluster, pulling images, and a shell through Systems Manager instead of SSH; AWS keeps these policies.
resource "aws_iam_role_policy_attachment" "node" {
  for_each = length(local.node_groups) == 0 ? toset([]) : toset(["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy", "AmazonSSMManagedInstanceCore"])

  role       = aws_iam_role.node[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.key}"
}

resource "aws_launch_template" "node" {
  for_each = local.node_groups

  name_prefix            = "${local.prefix}-eks-${each.key}-"
  description            = "Nodes of the group ${each.key}"
  update_default_version = true
  vpc_security_group_ids = concat([aws_eks_cluster.this[0].vpc_config[0].cluster_security_group_id], local.node_client_groups)

  # Pods can't reach the node's own credentials: their answers end after one hop.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  monitoring {
    enabled = true
  }

  block_device_mappings {
    device_name = local.data_device[each.value.os]

    ebs {
      volume_type           = "gp3"
      volume_size           = each.value.volume_gib
      encrypted             = true
      kms_key_id            = var.kms_key_arn
      delete_on_termination = true
    }
  }

  tag_specifications {
    resource_type = "instance"
    tags          = { Name = "${local.prefix}-eks-${each.key}" }
  }
}

resource "aws_eks_node_group" "this" {
  for_each = local.node_groups

  cluster_name    = aws_eks_cluster.this[0].name
  node_group_name = each.key
  version         = aws_eks_cluster.this[0].version
  node_role_arn   = aws_iam_role.node[0].arn
  subnet_ids      = var.private_subnet_ids
  ami_type        = local.ami_types[each.value.os][each.value.architecture]
  capacity_type   = upper(each.value.capacity)
  instance_types  = each.value.instance_types
  labels          = each.value.labels

  launch_template {
    id      = aws_launch_template.node[each.key].id
    version = aws_launch_template.node[each.key].latest_version
  }

  scaling_config {
    min_size     = each.value.min_size
    max_size     = each.value.max_size
    desired_size = max(1, each.value.min_size)
  }

  update_config {
    max_unavailable_percentage = each.value.max_unavailable_percent
  }

  node_repair_config {
    enabled = true
  }

  dynamic "taint" {
    for_each = each.value.taints

    content {
      key    = taint.key
      value  = taint.value.value
      effect = taint.value.effect
    }
  }

  # An autoscaler says how many there are.
  lifecycle {
    ignore_changes = [scaling_config[0].desired_size]
  }

  depends_on = [aws_eks_addon.first, aws_iam_role_policy_attachment.node]
}

data "aws_iam_policy_document" "fargate_trust" {
  count = length(local.profiles) > 0 ? 1 : 0

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["eks-fargate-pods.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:eks:${var.region}:${var.account_id}:fargateprofile/${local.eks_name}/*"]
    }
  }
}

resource "aws_iam_role" "fargate" {
  count = length(local.profiles) > 0 ? 1 : 0

  name                 = "${local.prefix}-eks-fargate"
  description          = "Starts pods of ${local.eks_name} on Fargate"
  assume_role_policy   = data.aws_iam_policy_document.fargate_trust[0].json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "fargate" {
  count = length(local.profiles) > 0 ? 1 : 0

  role       = aws_iam_role.fargate[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/AmazonEKSFargatePodExecutionRolePolicy"
}

resource "aws_eks_fargate_profile" "this" {
  for_each = local.profiles

  cluster_name           = aws_eks_cluster.this[0].name
  fargate_profile_name   = each.key
  pod_execution_role_arn = aws_iam_role.fargate[0].arn
  subnet_ids             = var.private_subnet_ids

  dynamic "selector" {
    for_each = each.value.selectors

    content {
      namespace = selector.value.namespace
      labels    = selector.value.labels
    }
  }

  depends_on = [aws_iam_role_policy_attachment.fargate]
}

# What runs in the cluster beside the services. Networking and identity are there before the first node.

locals {
  addons       = local.eks_enabled ? var.eks.addons : {}
  first_addons = toset(["vpc-cni", "kube-proxy", "eks-pod-identity-agent"])
}

resource "aws_eks_addon" "first" {
  for_each = { for name, addon in local.addons : name => addon if contains(local.first_addons, name) }

  cluster_name                = aws_eks_cluster.this[0].name
  addon_name                  = each.key
  addon_version               = each.value.version
  configuration_values        = each.value.configuration
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "PRESERVE"

  dynamic "pod_identity_association" {
    for_each = { for name, role in local.addons_with_roles : name => role if name == each.key }

    content {
      service_account = pod_identity_association.value.service_account
      role_arn        = aws_iam_role.addon[each.key].arn
    }
  }

  depends_on = [aws_iam_role_policy_attachment.addon]
}

resource "aws_eks_addon" "this" {
  for_each = { for name, addon in local.addons : name => addon if !contains(local.first_addons, name) }

  cluster_name                = aws_eks_cluster.this[0].name
  addon_name                  = each.key
  addon_version               = each.value.version
  configuration_values        = each.value.configuration
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "PRESERVE"

  dynamic "pod_identity_association" {
    for_each = { for name, role in local.addons_with_roles : name => role if name == each.key }

    content {
      service_account = pod_identity_association.value.service_account
      role_arn        = aws_iam_role.addon[each.key].arn
    }
  }

  # Its pods need somewhere to run, or EKS calls it degraded.
  depends_on = [aws_eks_fargate_profile.this, aws_eks_node_group.this, aws_iam_role_policy.volumes, aws_iam_role_policy_attachment.addon]
}

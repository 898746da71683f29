# Who gets into the cluster: IAM principals, by access entries. Nobody is in by having made it.

locals {
  access = local.eks_enabled ? var.eks.access : {}
}

resource "aws_eks_access_entry" "this" {
  for_each = local.access

  cluster_name      = aws_eks_cluster.this[0].name
  principal_arn     = each.value.principal_arn
  kubernetes_groups = each.value.kubernetes_groups
}

resource "aws_eks_access_policy_association" "this" {
  for_each = {
    for pair in flatten([
      for name, entry in local.access : [for policy, namespaces in entry.policies : { name = name, policy = policy, namespaces = namespaces }]
    ]) : "${pair.name}/${pair.policy}" => pair
  }

  cluster_name  = aws_eks_cluster.this[0].name
  principal_arn = aws_eks_access_entry.this[each.value.name].principal_arn
  policy_arn    = "arn:${local.partition}:eks::aws:cluster-access-policy/${each.value.policy}"

  access_scope {
    type       = length(each.value.namespaces) == 0 ? "cluster" : "namespace"
    namespaces = length(each.value.namespaces) == 0 ? null : each.value.namespaces
  }
}

# OpenSearch Serverless: collections under our key, reached through an endpoint in the VPC, by whom a policy names.
# https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-security.html

locals {
  collection_names = { for key in keys(var.opensearch_collections) : key => "${var.name_prefix}-${key}" }
  collections      = length(var.opensearch_collections) > 0

  # Deliveries into each collection.
  collection_deliveries = {
    for key in keys(var.opensearch_collections) : key => sort([for name, delivery in var.log_delivery : name if delivery.to == "collection/${key}"])
  }

  # AWS wants a list of principals in each rule, and refuses an empty one.
  collection_access = {
    for key, collection in var.opensearch_collections : key => [
      for rule in [
        {
          description = "administrators"
          principals  = sort(collection.administrators)
          collection  = ["aoss:*"]
          index       = ["aoss:*"]
        },
        {
          description = "writers"
          principals  = concat(sort(collection.writers), [for name in local.collection_deliveries[key] : aws_iam_role.delivery[name].arn])
          collection  = ["aoss:DescribeCollectionItems"]
          index       = ["aoss:CreateIndex", "aoss:DescribeIndex", "aoss:UpdateIndex", "aoss:WriteDocument"]
        },
        {
          description = "readers"
          principals  = sort(collection.readers)
          collection  = ["aoss:DescribeCollectionItems"]
          index       = ["aoss:DescribeIndex", "aoss:ReadDocument"]
        },
      ] : rule if length(rule.principals) > 0
    ]
  }
}

resource "aws_security_group" "opensearch_serverless" {
  count = local.collections ? 1 : 0

  name        = "${local.name}-opensearch-serverless"
  description = "Endpoint of OpenSearch Serverless in the VPC"
  vpc_id      = var.vpc_id

  tags = { Name = "${local.name}-opensearch-serverless" }
}

resource "aws_vpc_security_group_ingress_rule" "opensearch_serverless" {
  count = local.collections ? 1 : 0

  security_group_id = aws_security_group.opensearch_serverless[0].id
  description       = "The VPC; who may do what is decided by signature and access policy"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = var.vpc_cidr
}

resource "aws_opensearchserverless_vpc_endpoint" "this" {
  count = local.collections ? 1 : 0

  name               = substr("${var.name_prefix}-observability", 0, 32)
  vpc_id             = var.vpc_id
  subnet_ids         = var.private_subnet_ids
  security_group_ids = [aws_security_group.opensearch_serverless[0].id]
}

resource "aws_opensearchserverless_security_policy" "encryption" {
  for_each = local.collection_names

  name        = each.value
  type        = "encryption"
  description = "Key of the collection ${each.value}"
  policy = jsonencode({
    Rules       = [{ ResourceType = "collection", Resource = ["collection/${each.value}"] }]
    AWSOwnedKey = false
    KmsARN      = var.logs_kms_key_arn
  })
}

resource "aws_opensearchserverless_security_policy" "network" {
  for_each = local.collection_names

  name        = each.value
  type        = "network"
  description = "Ways to the collection ${each.value}"
  policy = jsonencode([{
    Description = "From the VPC"
    Rules = [
      { ResourceType = "collection", Resource = ["collection/${each.value}"] },
      { ResourceType = "dashboard", Resource = ["collection/${each.value}"] },
    ]
    AllowFromPublic = false
    SourceVPCEs     = [aws_opensearchserverless_vpc_endpoint.this[0].id]
  }])
}

resource "aws_opensearchserverless_access_policy" "this" {
  for_each = {
    for key, collection in var.opensearch_collections : key => local.collection_names[key]
    if length(collection.administrators) + length(collection.writers) + length(collection.readers) + length(local.collection_deliveries[key]) > 0
  }

  name        = each.value
  type        = "data"
  description = "Who may do what in the collection ${each.value}"
  policy = jsonencode([
    for rule in local.collection_access[each.key] : {
      Description = rule.description
      Principal   = rule.principals
      Rules = [
        { ResourceType = "collection", Resource = ["collection/${each.value}"], Permission = rule.collection },
        { ResourceType = "index", Resource = ["index/${each.value}/*"], Permission = rule.index },
      ]
    }
  ])
}

resource "aws_opensearchserverless_lifecycle_policy" "this" {
  for_each = { for key, collection in var.opensearch_collections : key => collection.retention_days if collection.retention_days != null }

  name        = local.collection_names[each.key]
  type        = "retention"
  description = "How long the collection ${local.collection_names[each.key]} keeps documents"
  policy = jsonencode({
    Rules = [{ ResourceType = "index", Resource = ["index/${local.collection_names[each.key]}/*"], MinIndexRetention = "${each.value}d" }]
  })
}

resource "aws_opensearchserverless_collection" "this" {
  for_each = var.opensearch_collections

  name             = local.collection_names[each.key]
  description      = coalesce(each.value.description, "Collection ${each.key} of ${var.name_prefix}")
  type             = each.value.type
  standby_replicas = each.value.standby_replicas ? "ENABLED" : "DISABLED"

  depends_on = [aws_opensearchserverless_security_policy.encryption]
}

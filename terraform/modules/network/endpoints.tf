# AWS services without the internet. Endpoints let only principals of this account through, so that a
# stolen foreign credential can't carry data out of the VPC.

data "aws_partition" "current" {}

data "aws_iam_policy_document" "endpoint" {
  #checkov:skip=CKV_AWS_1:An endpoint policy grants nothing; it narrows what the caller's own policies allow
  #checkov:skip=CKV_AWS_49:An endpoint policy grants nothing; it narrows what the caller's own policies allow
  statement {
    sid       = "PrincipalsOfThisAccount"
    actions   = ["*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = [var.account_id]
    }
  }
}

# ECR keeps image layers in a bucket of AWS's own, and packages of Amazon Linux come from others; those are read with
# the caller's or no credentials.
data "aws_iam_policy_document" "s3_endpoint" {
  #checkov:skip=CKV_AWS_283:Objects that AWS publishes are read without credentials of this account
  source_policy_documents = [data.aws_iam_policy_document.endpoint.json]

  statement {
    sid     = "ImagesAndPackagesOfAws"
    actions = ["s3:GetObject"]
    resources = [
      "arn:${data.aws_partition.current.partition}:s3:::prod-${var.region}-starport-layer-bucket/*",
      "arn:${data.aws_partition.current.partition}:s3:::al2023-repos-${var.region}-de612dc2/*",
    ]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = var.gateway_endpoints

  vpc_id            = aws_vpc.this.id
  vpc_endpoint_type = "Gateway"
  service_name      = "com.amazonaws.${var.region}.${each.key}"
  route_table_ids = concat(
    [for zone in var.availability_zones : aws_route_table.private[zone].id],
    [aws_route_table.isolated.id],
  )
  policy = each.key == "s3" ? data.aws_iam_policy_document.s3_endpoint.json : data.aws_iam_policy_document.endpoint.json

  tags = { Name = "${local.name}-${each.key}" }
}

resource "aws_security_group" "endpoints" {
  #checkov:skip=CKV2_AWS_5:It is attached to the interface endpoints, of which an environment may have none yet
  name        = "${local.name}-endpoints"
  description = "Interface endpoints: HTTPS from inside the VPC"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${local.name}-endpoints" }
}

resource "aws_vpc_security_group_ingress_rule" "endpoints_https" {
  security_group_id = aws_security_group.endpoints.id
  description       = "HTTPS from the VPC"
  cidr_ipv4         = var.vpc_cidr
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.interface_endpoints

  vpc_id              = aws_vpc.this.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  subnet_ids          = [for zone in var.availability_zones : aws_subnet.private[zone].id]
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
  policy              = data.aws_iam_policy_document.endpoint.json

  tags = { Name = "${local.name}-${each.key}" }
}

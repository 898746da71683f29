# VPC Lattice: a service network in the VPC, and a service for each service that another one calls. Requests are signed,
# and a service's policy lets only its callers in.

locals {
  lattice          = var.mesh.kind == "vpc_lattice"
  lattice_services = local.lattice ? local.called_services : toset([])
  lattice_cidrs    = local.lattice ? coalesce(var.mesh.vpc_lattice.allowed_cidrs, ["vpc"]) : toset([])
}

resource "aws_vpclattice_service_network" "this" {
  count = local.lattice ? 1 : 0

  name      = local.name
  auth_type = var.mesh.vpc_lattice.auth_type
}

resource "aws_security_group" "lattice" {
  count = local.lattice ? 1 : 0

  name        = "${local.name}-lattice"
  description = "The service network's entrance in the VPC"
  vpc_id      = var.vpc_id

  tags = { Name = "${local.name}-lattice" }
}

resource "aws_vpc_security_group_ingress_rule" "lattice" {
  for_each = local.lattice_cidrs

  security_group_id = aws_security_group.lattice[0].id
  description       = "Services that call others"
  cidr_ipv4         = each.key == "vpc" ? var.vpc_cidr : each.key
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpclattice_service_network_vpc_association" "this" {
  count = local.lattice ? 1 : 0

  service_network_identifier = aws_vpclattice_service_network.this[0].id
  vpc_identifier             = var.vpc_id
  security_group_ids         = [aws_security_group.lattice[0].id]
}

# Nobody from outside the account, whatever a service's own policy says.
data "aws_iam_policy_document" "lattice_network" {
  count = local.lattice ? 1 : 0

  statement {
    sid       = "PrincipalsOfThisAccount"
    actions   = ["vpc-lattice-svcs:Invoke"]
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

    condition {
      test     = "StringEquals"
      variable = "vpc-lattice-svcs:SourceVpc"
      values   = [var.vpc_id]
    }
  }
}

resource "aws_vpclattice_auth_policy" "network" {
  count = local.lattice && var.mesh.vpc_lattice.auth_type == "AWS_IAM" ? 1 : 0

  resource_identifier = aws_vpclattice_service_network.this[0].arn
  policy              = data.aws_iam_policy_document.lattice_network[0].minified_json
}

resource "aws_cloudwatch_log_group" "lattice" {
  count = local.lattice ? 1 : 0

  name              = "/${var.name_prefix}/api/vpc-lattice"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

resource "aws_vpclattice_access_log_subscription" "network" {
  count = local.lattice ? 1 : 0

  resource_identifier = aws_vpclattice_service_network.this[0].id
  destination_arn     = aws_cloudwatch_log_group.lattice[0].arn
}

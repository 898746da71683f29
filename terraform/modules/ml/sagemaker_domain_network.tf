# A domain's apps talk to each other and to the home file system, and reach AWS over TLS. Nothing else comes in.
# https://docs.aws.amazon.com/sagemaker/latest/dg/studio-notebooks-and-internet-access.html

resource "aws_security_group" "domain" {
  #checkov:skip=CKV2_AWS_5:Attached by the domain's settings, which the check does not know
  for_each = var.domains

  name        = "${local.prefix}-domain-${each.key}"
  description = "Apps of the domain ${each.key}: in from each other, out over TLS"
  vpc_id      = var.vpc_id

  tags = {
    Name = "${local.prefix}-domain-${each.key}"
  }
}

resource "aws_vpc_security_group_ingress_rule" "domain_apps" {
  for_each = var.domains

  security_group_id            = aws_security_group.domain[each.key].id
  description                  = "From one app to another"
  referenced_security_group_id = aws_security_group.domain[each.key].id
  ip_protocol                  = "tcp"
  from_port                    = 8192
  to_port                      = 65535
}

resource "aws_vpc_security_group_egress_rule" "domain_apps" {
  for_each = var.domains

  security_group_id            = aws_security_group.domain[each.key].id
  description                  = "From one app to another"
  referenced_security_group_id = aws_security_group.domain[each.key].id
  ip_protocol                  = "tcp"
  from_port                    = 8192
  to_port                      = 65535
}

# SageMaker makes the file system and its security group.
resource "aws_vpc_security_group_egress_rule" "domain_files" {
  for_each = var.domains

  security_group_id = aws_security_group.domain[each.key].id
  description       = "NFS to the home file system"
  cidr_ipv4         = var.vpc_cidr
  ip_protocol       = "tcp"
  from_port         = 2049
  to_port           = 2049
}

resource "aws_vpc_security_group_egress_rule" "domain_tls" {
  for_each = var.domains

  security_group_id = aws_security_group.domain[each.key].id
  description       = "TLS to AWS and registries"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

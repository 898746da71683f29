# Who may connect: whoever carries the client security group, and nobody else.

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:It is attached to the database, proxy or cache by the module that calls this one
  name        = var.name
  description = "${var.name}: admits its clients' security group"
  vpc_id      = var.vpc_id

  tags = { Name = var.name }
}

resource "aws_security_group" "client" {
  #checkov:skip=CKV2_AWS_5:The services that use it attach it, in a later layer
  name        = "${var.name}-client"
  description = "Carried by those who may connect to ${var.name}"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-client" }
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each = var.ports

  security_group_id            = aws_security_group.this.id
  description                  = "${each.key} from clients"
  referenced_security_group_id = aws_security_group.client.id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

resource "aws_vpc_security_group_egress_rule" "clients" {
  for_each = var.ports

  security_group_id            = aws_security_group.client.id
  description                  = "${each.key} to ${var.name}"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

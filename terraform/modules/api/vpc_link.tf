# The HTTP API's way into the VPC.

locals {
  vpc_link = length(local.http_container_services) > 0
}

resource "aws_security_group" "vpc_link" {
  count = local.vpc_link ? 1 : 0

  name        = "${local.name}-vpc-link"
  description = "The HTTP API's connections to the load balancer"
  vpc_id      = var.vpc_id

  tags = { Name = "${local.name}-vpc-link" }
}

resource "aws_vpc_security_group_egress_rule" "vpc_link_to_alb" {
  count = local.vpc_link ? 1 : 0

  security_group_id            = aws_security_group.vpc_link[0].id
  description                  = "To the load balancer"
  referenced_security_group_id = aws_security_group.alb[0].id
  ip_protocol                  = "tcp"
  from_port                    = local.alb_port
  to_port                      = local.alb_port
}

resource "aws_apigatewayv2_vpc_link" "this" {
  count = local.vpc_link ? 1 : 0

  name               = "${local.name}-http"
  subnet_ids         = var.private_subnet_ids
  security_group_ids = [aws_security_group.vpc_link[0].id]
}

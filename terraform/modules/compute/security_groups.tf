# A security group for each service that has network interfaces: it admits those who call it, and reaches what it uses.

locals {
  networked = {
    for name, service in var.services : name => service if service.runtime == "ecs" || (service.runtime == "lambda" && service.in_vpc)
  }
  load_balanced = { for name, service in local.ecs_services : name => service if length(service.routes) > 0 }

  # caller/callee, where both have network interfaces and nothing is between them
  calls = {
    for pair in flatten([
      for caller, service in local.networked : [
        for callee in setsubtract(service.uses.services, local.lattice_calls[caller]) : { caller = caller, callee = callee } if contains(keys(local.ecs_services), callee)
      ]
    ]) : "${pair.caller}/${pair.callee}" => pair
  }

  client_groups = {
    for name, service in local.networked : name => concat(
      [for used in service.uses.databases : var.database_client_security_group_ids[used]],
      [for used in service.uses.caches : var.cache_client_security_group_ids[used]],
    )
  }
}

resource "aws_security_group" "service" {
  for_each = local.networked

  name_prefix = "${local.prefix}-${each.key}-"
  description = "Network interfaces of the service ${each.key}"
  vpc_id      = var.vpc_id

  tags = {
    Name = "${local.prefix}-${each.key}"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# AWS's interfaces, and other people's, over TLS; databases and caches through their own client groups.
resource "aws_vpc_security_group_egress_rule" "https" {
  for_each = local.networked

  security_group_id = aws_security_group.service[each.key].id
  description       = "HTTPS"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_ingress_rule" "load_balancer" {
  for_each = local.load_balanced

  security_group_id            = aws_security_group.service[each.key].id
  description                  = "From the load balancer"
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  referenced_security_group_id = var.alb_security_group_id
}

resource "aws_vpc_security_group_ingress_rule" "caller" {
  for_each = local.calls

  security_group_id            = aws_security_group.service[each.value.callee].id
  description                  = "From the service ${each.value.caller}"
  ip_protocol                  = "tcp"
  from_port                    = var.services[each.value.callee].port
  to_port                      = var.services[each.value.callee].port
  referenced_security_group_id = aws_security_group.service[each.value.caller].id
}

resource "aws_vpc_security_group_egress_rule" "callee" {
  for_each = local.calls

  security_group_id            = aws_security_group.service[each.value.caller].id
  description                  = "To the service ${each.value.callee}"
  ip_protocol                  = "tcp"
  from_port                    = var.services[each.value.callee].port
  to_port                      = var.services[each.value.callee].port
  referenced_security_group_id = aws_security_group.service[each.value.callee].id
}

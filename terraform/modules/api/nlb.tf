# The network load balancer.

locals {
  # The REST API comes to containers through it and the application load balancer.
  rest_container = var.nlb != null && anytrue([for route in values(local.rest_routes) : route.container])

  nlb_listeners = var.nlb == null ? {} : merge(
    { for key, listener in var.nlb.listeners : key => merge(listener, { target_port = coalesce(listener.target_port, listener.port) }) },
    local.rest_container ? {
      rest = {
        port                         = local.alb_port
        protocol                     = "TCP"
        certificate                  = null
        certificate_arn              = null
        target                       = "alb"
        target_port                  = local.alb_port
        deregistration_delay_seconds = 60
        preserve_client_ip           = true
      }
    } : {},
  )
  nlb_to_alb = anytrue([for listener in values(local.nlb_listeners) : listener.target == "alb"])

  nlb_cidrs = var.nlb == null ? toset([]) : coalesce(var.nlb.allowed_cidrs, var.nlb.internal ? ["vpc"] : ["0.0.0.0/0"])
  nlb_ingress = merge([
    for cidr in local.nlb_cidrs : { for key, listener in local.nlb_listeners : "${cidr}-${key}" => { cidr = cidr, port = listener.port } }
  ]...)
}

resource "aws_security_group" "nlb" {
  count = var.nlb == null ? 0 : 1

  name        = "${local.name}-nlb"
  description = "The network load balancer"
  vpc_id      = var.vpc_id

  tags = { Name = "${local.name}-nlb" }

  lifecycle {
    precondition {
      condition     = var.vpc_id != null
      error_message = "A load balancer stands in a VPC: the environment needs the layer network."
    }
  }
}

resource "aws_vpc_security_group_ingress_rule" "nlb" {
  #checkov:skip=CKV_AWS_260:Open where nlb.internal is false and no allowed_cidrs are set; the port is the environment's
  for_each = local.nlb_ingress

  security_group_id = aws_security_group.nlb[0].id
  description       = "Clients"
  cidr_ipv4         = each.value.cidr == "vpc" ? var.vpc_cidr : each.value.cidr
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "nlb_to_targets" {
  for_each = toset([for listener in values(local.nlb_listeners) : tostring(listener.target_port)])

  security_group_id = aws_security_group.nlb[0].id
  description       = "Targets that listen on ${each.key}"
  cidr_ipv4         = var.vpc_cidr
  ip_protocol       = "tcp"
  from_port         = tonumber(each.key)
  to_port           = tonumber(each.key)
}

resource "aws_vpc_security_group_ingress_rule" "alb_from_nlb" {
  count = local.nlb_to_alb ? 1 : 0

  security_group_id            = aws_security_group.alb[0].id
  description                  = "The network load balancer"
  referenced_security_group_id = aws_security_group.nlb[0].id
  ip_protocol                  = "tcp"
  from_port                    = local.alb_port
  to_port                      = local.alb_port
}

resource "aws_lb" "nlb" {
  #checkov:skip=CKV_AWS_150:deletion_protection is the environment's decision, on unless it says otherwise
  #checkov:skip=CKV2_AWS_20:It passes connections on and speaks no HTTP that could be redirected
  #checkov:skip=CKV_AWS_152:cross_zone is the environment's decision, on unless it says otherwise
  count = var.nlb == null ? 0 : 1

  name                             = local.short_names["${local.name}-nlb"]
  load_balancer_type               = "network"
  internal                         = var.nlb.internal
  subnets                          = var.nlb.internal ? var.private_subnet_ids : var.public_subnet_ids
  security_groups                  = [aws_security_group.nlb[0].id]
  enable_cross_zone_load_balancing = var.nlb.cross_zone
  enable_deletion_protection       = var.deletion_protection

  # API Gateway comes through PrivateLink, with no address that a rule could name.
  enforce_security_group_inbound_rules_on_private_link_traffic = local.rest_container ? "off" : "on"

  access_logs {
    bucket  = aws_s3_bucket.access_logs[0].bucket
    prefix  = "nlb"
    enabled = true
  }

  tags = { Name = "${local.name}-nlb" }

  depends_on = [aws_s3_bucket_policy.access_logs]
}

resource "aws_lb_target_group" "nlb" {
  for_each = local.nlb_listeners

  name                 = local.short_names["${local.name}-nlb-${each.key}"]
  vpc_id               = var.vpc_id
  target_type          = each.value.target
  protocol             = "TCP"
  port                 = each.value.target_port
  deregistration_delay = each.value.target == "ip" ? each.value.deregistration_delay_seconds : null
  preserve_client_ip   = each.value.target == "ip" ? tostring(each.value.preserve_client_ip) : null

  health_check {
    # The application load balancer is well when it answers at all, and to an unknown path it answers 404.
    protocol            = each.value.target == "ip" ? "TCP" : (local.alb_tls ? "HTTPS" : "HTTP")
    path                = each.value.target == "ip" ? null : "/"
    matcher             = each.value.target == "ip" ? null : "200-404"
    interval            = 10
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }

  tags = { Name = "${local.name}-nlb-${each.key}" }
}

resource "aws_lb_target_group_attachment" "nlb_to_alb" {
  for_each = { for key, listener in local.nlb_listeners : key => listener if listener.target == "alb" }

  target_group_arn = aws_lb_target_group.nlb[each.key].arn
  target_id        = aws_lb.alb[0].arn
  port             = each.value.target_port

  # AWS takes a load balancer as a target only when it listens on that port.
  depends_on = [aws_lb_listener.https, aws_lb_listener.plain, aws_lb_listener.redirect]
}

resource "aws_lb_listener" "nlb" {
  for_each = local.nlb_listeners

  load_balancer_arn = aws_lb.nlb[0].arn
  port              = each.value.port
  protocol          = each.value.protocol
  ssl_policy        = each.value.protocol == "TLS" ? var.nlb.ssl_policy : null
  alpn_policy       = each.value.protocol == "TLS" ? "HTTP2Preferred" : null
  certificate_arn = each.value.protocol != "TLS" ? null : (
    each.value.certificate_arn != null ? each.value.certificate_arn : local.certificate_arns[each.value.certificate]
  )

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.nlb[each.key].arn
  }
}

resource "aws_api_gateway_vpc_link" "rest" {
  count = local.rest_container ? 1 : 0

  name        = "${local.name}-rest"
  description = "The REST API's way to containers"
  target_arns = [aws_lb.nlb[0].arn]
}

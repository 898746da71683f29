# The application load balancer: who may connect, and whom it connects to.

locals {
  # AWS allows 32 characters for load balancers and target groups: a longer name keeps its beginning and gets a fingerprint.
  short_names = {
    for name in concat(
      ["${local.name}-alb", "${local.name}-nlb", "${local.name}-nlb-alb"],
      flatten([for service_name in keys(local.load_balanced) : ["${var.name_prefix}-${service_name}-blue", "${var.name_prefix}-${service_name}-green"]]),
      [for service_name in local.lattice_services : "${var.name_prefix}-${service_name}"],
      [for key in keys(local.nlb_listeners) : "${local.name}-nlb-${key}"],
    ) : name => length(name) <= 32 ? name : "${trimsuffix(substr(name, 0, 23), "-")}-${substr(md5(name), 0, 8)}"
  }

  alb_tls         = try(var.alb.certificate, null) != null || try(var.alb.certificate_arn, null) != null
  alb_port        = local.alb_tls ? 443 : 80
  alb_server_name = local.alb_tls ? try(coalesce(var.alb.server_name, try(var.certificates[var.alb.certificate].domain_name, null)), null) : null
  alb_internal    = try(var.alb.internal, true)

  alb_cidrs = var.alb == null ? toset([]) : coalesce(var.alb.allowed_cidrs, local.alb_internal ? ["vpc"] : ["0.0.0.0/0"])
  alb_ports = toset(local.alb_tls ? ["80", "443"] : ["80"])

  # Keyed by what the environment says, not by a range that is known only when the VPC is there.
  alb_ingress = merge([
    for cidr in local.alb_cidrs : { for port in local.alb_ports : "${cidr}-${port}" => { cidr = cidr, port = tonumber(port) } }
  ]...)
  alb_target_ports = toset([for service in values(local.load_balanced) : tostring(service.port)])
}

resource "aws_security_group" "alb" {
  count = var.alb == null ? 0 : 1

  name        = "${local.name}-alb"
  description = "The application load balancer"
  vpc_id      = var.vpc_id

  tags = { Name = "${local.name}-alb" }

  lifecycle {
    precondition {
      condition     = var.vpc_id != null
      error_message = "A load balancer stands in a VPC: the environment needs the layer network."
    }
  }
}

resource "aws_vpc_security_group_ingress_rule" "alb" {
  #checkov:skip=CKV_AWS_260:Port 80 of an internet-facing load balancer answers with a redirect to HTTPS only
  for_each = local.alb_ingress

  security_group_id = aws_security_group.alb[0].id
  description       = each.value.port == 80 && local.alb_tls ? "HTTP, to be redirected" : "Clients"
  cidr_ipv4         = each.value.cidr == "vpc" ? var.vpc_cidr : each.value.cidr
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}

resource "aws_vpc_security_group_ingress_rule" "alb_from_vpc_link" {
  count = local.vpc_link ? 1 : 0

  security_group_id            = aws_security_group.alb[0].id
  description                  = "The HTTP API"
  referenced_security_group_id = aws_security_group.vpc_link[0].id
  ip_protocol                  = "tcp"
  from_port                    = local.alb_port
  to_port                      = local.alb_port
}

# The test listener is for deployments, which try a version from inside.
resource "aws_vpc_security_group_ingress_rule" "alb_test" {
  count = local.alb_test_listener ? 1 : 0

  security_group_id = aws_security_group.alb[0].id
  description       = "New versions, tried from the VPC"
  cidr_ipv4         = var.vpc_cidr
  ip_protocol       = "tcp"
  from_port         = var.alb.test_listener_port
  to_port           = var.alb.test_listener_port
}

resource "aws_vpc_security_group_egress_rule" "alb_to_targets" {
  for_each = local.alb_target_ports

  security_group_id = aws_security_group.alb[0].id
  description       = "Containers that listen on ${each.key}"
  cidr_ipv4         = var.vpc_cidr
  ip_protocol       = "tcp"
  from_port         = tonumber(each.key)
  to_port           = tonumber(each.key)
}

resource "aws_lb" "alb" {
  #checkov:skip=CKV2_AWS_28:The web ACL is associated where the security layer has one (security.web_acl_enabled)
  #checkov:skip=CKV2_AWS_20:Port 80 redirects to HTTPS where there is a certificate; without one the load balancer is internal
  #checkov:skip=CKV_AWS_150:deletion_protection is the environment's decision, on unless it says otherwise
  count = var.alb == null ? 0 : 1

  name                       = local.short_names["${local.name}-alb"]
  load_balancer_type         = "application"
  internal                   = local.alb_internal
  subnets                    = local.alb_internal ? var.private_subnet_ids : var.public_subnet_ids
  security_groups            = [aws_security_group.alb[0].id]
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "defensive"
  enable_http2               = true
  enable_deletion_protection = var.deletion_protection
  idle_timeout               = var.alb.idle_timeout_seconds
  # A request that no firewall could look at is refused.
  enable_waf_fail_open = false

  access_logs {
    bucket  = aws_s3_bucket.access_logs[0].bucket
    prefix  = "alb"
    enabled = true
  }

  connection_logs {
    bucket  = aws_s3_bucket.access_logs[0].bucket
    prefix  = "alb-connections"
    enabled = var.alb.connection_logs
  }

  tags = { Name = "${local.name}-alb" }

  # AWS writes a test file before it accepts the bucket.
  depends_on = [aws_s3_bucket_policy.access_logs]
}

resource "aws_wafv2_web_acl_association" "alb" {
  count = var.alb != null && var.web_acl_enabled ? 1 : 0

  resource_arn = aws_lb.alb[0].arn
  web_acl_arn  = var.regional_web_acl_arn
}

# Shield Advanced guards what the internet reaches.
resource "aws_shield_protection" "alb" {
  count = var.alb != null && !local.alb_internal && var.shield_enabled ? 1 : 0

  name         = "${local.name}-alb"
  resource_arn = aws_lb.alb[0].arn
}

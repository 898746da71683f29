# HTTPS with a redirect from HTTP where there is a certificate; HTTP inside the VPC where there is none.
# What no rule takes gets 404.

locals {
  alb_certificate_arn = !local.alb_tls ? null : var.alb.certificate_arn != null ? var.alb.certificate_arn : local.certificate_arns[var.alb.certificate]

  alb_listener_arn = try(one(concat(aws_lb_listener.https[*].arn, aws_lb_listener.plain[*].arn)), null)

  # Services whose deployments shift traffic themselves.
  shifted           = toset([for service_name, service in local.load_balanced : service_name if service.runtime == "ecs" && !contains(["rolling", "all_at_once"], service.deployment.strategy)])
  alb_test_listener = var.alb != null && length(local.shifted) > 0
}

resource "aws_lb_listener" "https" {
  count = var.alb != null && local.alb_tls ? 1 : 0

  load_balancer_arn = aws_lb.alb[0].arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = var.alb.ssl_policy
  certificate_arn   = local.alb_certificate_arn

  routing_http_response_server_enabled                         = false
  routing_http_response_strict_transport_security_header_value = "max-age=31536000; includeSubDomains"
  routing_http_response_x_content_type_options_header_value    = "nosniff"

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "application/json"
      message_body = jsonencode({ message = "Not Found" })
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener_certificate" "additional" {
  for_each = var.alb == null ? toset([]) : var.alb.additional_certificate_arns

  listener_arn    = aws_lb_listener.https[0].arn
  certificate_arn = each.value
}

resource "aws_lb_listener" "redirect" {
  count = var.alb != null && local.alb_tls ? 1 : 0

  load_balancer_arn = aws_lb.alb[0].arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "plain" {
  #checkov:skip=CKV_AWS_2:Only an internal load balancer may be without a certificate; variable alb refuses others
  #checkov:skip=CKV_AWS_103:It speaks no TLS; see above
  count = var.alb != null && !local.alb_tls ? 1 : 0

  load_balancer_arn = aws_lb.alb[0].arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "application/json"
      message_body = jsonencode({ message = "Not Found" })
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener" "test" {
  #checkov:skip=CKV_AWS_2:It speaks what the listener that it stands in for speaks, and is open to the VPC only
  #checkov:skip=CKV_AWS_103:The policy is that of the HTTPS listener where there is a certificate
  count = local.alb_test_listener ? 1 : 0

  load_balancer_arn = aws_lb.alb[0].arn
  port              = var.alb.test_listener_port
  protocol          = local.alb_tls ? "HTTPS" : "HTTP"
  ssl_policy        = local.alb_tls ? var.alb.ssl_policy : null
  certificate_arn   = local.alb_certificate_arn

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "application/json"
      message_body = jsonencode({ message = "Not Found" })
      status_code  = "404"
    }
  }
}

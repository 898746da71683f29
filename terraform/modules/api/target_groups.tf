# Two target groups a container service: blue takes the traffic, green the version that is to come. A service that is
# deployed in place leaves green empty, and may change its strategy without a new target group.

locals {
  target_groups = merge([
    for service_name, service in local.load_balanced : {
      for colour in ["blue", "green"] : "${service_name}/${colour}" => {
        name              = local.short_names["${var.name_prefix}-${service_name}-${colour}"]
        health_check_path = service.health_check_path
      }
    }
  ]...)
}

resource "aws_lb_target_group" "this" {
  #checkov:skip=CKV_AWS_378:TLS ends at the load balancer; inside the VPC security groups admit it alone to the containers
  for_each = local.target_groups

  name        = each.value.name
  vpc_id      = var.vpc_id
  target_type = "ip"
  protocol    = "HTTP"
  # Every target brings its own port; another one here would mean another target group under the rules that use it.
  port                          = 80
  deregistration_delay          = var.alb.deregistration_delay_seconds
  load_balancing_algorithm_type = "least_outstanding_requests"

  health_check {
    path                = each.value.health_check_path
    matcher             = "200-299"
    interval            = 15
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  tags = { Name = "${local.name}-${replace(each.key, "/", "-")}" }
}

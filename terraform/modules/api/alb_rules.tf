# One rule a service and path. Where paths overlap, the load balancer takes the rule with the lowest number, so the
# number says how particular a path is, and within that comes from the rule's own name: a route that is added or taken
# away renumbers no other. (AWS refuses two rules of one number even for the moment in which they swap.)
#
#        1 –  7999   no parameters
#     8000 – 21999   {parameters}, paths of many segments first
#    22000 – 49999   {name+} at the end, paths of many segments first

locals {
  rule_paths = {
    for key, routes in { for route in local.routes : "${route.service} ${route.path}" => route... if route.container } : key => {
      service = routes[0].service
      pattern = replace(routes[0].path, "/[{][^}]+[}]/", "*")
      methods = anytrue([for route in routes : route.method == "ANY"]) ? [] : sort(distinct([for route in routes : route.method]))
      # Zero for more than seven segments: there is nothing more particular.
      breadth = max(0, 7 - length(split("/", trimprefix(routes[0].path, "/"))))
      greedy  = endswith(routes[0].path, "+}")
      literal = !strcontains(routes[0].path, "{")
    }
  }

  rules = {
    for key, rule in local.rule_paths : key => merge(rule, {
      hosts = sort(try(var.alb.hosts[rule.service], []))
      priority = coalesce(
        try(var.alb.rule_priorities[key], null),
        rule.literal ? 1 + parseint(substr(md5(key), 0, 6), 16) % 7999 : (
          rule.greedy
          ? 22000 + min(6, rule.breadth) * 4000 + parseint(substr(md5(key), 0, 6), 16) % 4000
          : 8000 + min(6, rule.breadth) * 2000 + parseint(substr(md5(key), 0, 6), 16) % 2000
        ),
      )
    })
  }

  rules_by_priority = { for key, rule in local.rules : tostring(rule.priority) => key... }

  steady_rules = { for key, rule in local.rules : key => rule if !contains(local.shifted, rule.service) }

  # A service whose deployments shift traffic has each rule twice: for everybody, and for those who try the next version.
  shifted_rules = merge([
    for key, rule in local.rules : {
      (key)         = merge(rule, { test = false, first = "blue", second = "green" })
      "test ${key}" = merge(rule, { test = true, first = "green", second = "blue" })
    } if contains(local.shifted, rule.service)
  ]...)
}

resource "aws_lb_listener_rule" "steady" {
  for_each = local.steady_rules

  listener_arn = local.alb_listener_arn
  priority     = each.value.priority

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this["${each.value.service}/blue"].arn
  }

  condition {
    path_pattern {
      values = [each.value.pattern]
    }
  }

  dynamic "condition" {
    for_each = length(each.value.methods) > 0 ? [each.value.methods] : []

    content {
      http_request_method {
        values = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = length(each.value.hosts) > 0 ? [each.value.hosts] : []

    content {
      host_header {
        values = condition.value
      }
    }
  }

  tags = { Name = each.key }

  lifecycle {
    precondition {
      condition     = length(local.rules_by_priority[tostring(each.value.priority)]) == 1
      error_message = "Two rules of the load balancer get the number ${each.value.priority}: ${join(" and ", local.rules_by_priority[tostring(each.value.priority)])}. Give one of them another in alb.rule_priorities."
    }
    precondition {
      condition     = 1 + length(each.value.methods) + length(each.value.hosts) <= 5
      error_message = "A rule of a load balancer has room for five values; ${each.key} has ${1 + length(each.value.methods) + length(each.value.hosts)} (path, methods, hosts). Use method ANY or fewer alb.hosts."
    }
  }
}

resource "aws_lb_listener_rule" "shifted" {
  for_each = local.shifted_rules

  listener_arn = each.value.test ? aws_lb_listener.test[0].arn : local.alb_listener_arn
  priority     = each.value.priority

  action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.this["${each.value.service}/${each.value.first}"].arn
        weight = 100
      }

      target_group {
        arn    = aws_lb_target_group.this["${each.value.service}/${each.value.second}"].arn
        weight = 0
      }
    }
  }

  condition {
    path_pattern {
      values = [each.value.pattern]
    }
  }

  dynamic "condition" {
    for_each = length(each.value.methods) > 0 ? [each.value.methods] : []

    content {
      http_request_method {
        values = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = length(each.value.hosts) > 0 ? [each.value.hosts] : []

    content {
      host_header {
        values = condition.value
      }
    }
  }

  tags = { Name = each.key }

  lifecycle {
    # The deployment moves traffic between blue and green.
    ignore_changes = [action]

    precondition {
      condition     = length(local.rules_by_priority[tostring(each.value.priority)]) == 1
      error_message = "Two rules of the load balancer get the number ${each.value.priority}: ${join(" and ", local.rules_by_priority[tostring(each.value.priority)])}. Give one of them another in alb.rule_priorities."
    }
    precondition {
      condition     = 1 + length(each.value.methods) + length(each.value.hosts) <= 5
      error_message = "A rule of a load balancer has room for five values; ${each.key} has ${1 + length(each.value.methods) + length(each.value.hosts)} (path, methods, hosts). Use method ANY or fewer alb.hosts."
    }
  }
}

# Each service of the service network: its policy, its targets and where its requests go.

resource "aws_vpclattice_service" "this" {
  for_each = local.lattice_services

  name      = local.short_names["${var.name_prefix}-${each.key}"]
  auth_type = var.mesh.vpc_lattice.auth_type
}

resource "aws_vpclattice_service_network_service_association" "this" {
  for_each = local.lattice_services

  service_identifier         = aws_vpclattice_service.this[each.key].id
  service_network_identifier = aws_vpclattice_service_network.this[0].id
}

# The compute layer names a service's roles <prefix>-compute-<service>, with what they are for behind it.
data "aws_iam_policy_document" "lattice_service" {
  for_each = local.lattice_services

  statement {
    sid       = "CallersOnly"
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

    # Nobody at all when nobody names this service in uses.services.
    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values = concat(["arn:${local.partition}:iam::${var.account_id}:role/${var.name_prefix}-compute-${each.key}"], flatten([
        for caller in local.callers[each.key] : [
          "arn:${local.partition}:iam::${var.account_id}:role/${var.name_prefix}-compute-${caller}",
          "arn:${local.partition}:iam::${var.account_id}:role/${var.name_prefix}-compute-${caller}-*",
        ]
      ]))
    }
  }
}

resource "aws_vpclattice_auth_policy" "service" {
  for_each = var.mesh.vpc_lattice.auth_type == "AWS_IAM" ? local.lattice_services : toset([])

  resource_identifier = aws_vpclattice_service.this[each.key].arn
  policy              = data.aws_iam_policy_document.lattice_service[each.key].minified_json
}

# The compute layer registers the targets: a function has to be there to be registered.
resource "aws_vpclattice_target_group" "this" {
  for_each = local.lattice_services

  name = local.short_names["${var.name_prefix}-${each.key}"]
  type = var.services[each.key].runtime == "lambda" ? "LAMBDA" : "IP"

  dynamic "config" {
    for_each = var.services[each.key].runtime == "lambda" ? [] : [var.services[each.key]]

    content {
      vpc_identifier   = var.vpc_id
      port             = config.value.port
      protocol         = "HTTP"
      protocol_version = "HTTP1"

      health_check {
        enabled                       = true
        path                          = config.value.health_check_path
        protocol                      = "HTTP"
        protocol_version              = "HTTP1"
        health_check_interval_seconds = 15
        health_check_timeout_seconds  = 5
        healthy_threshold_count       = 2
        unhealthy_threshold_count     = 3

        matcher {
          value = "200-299"
        }
      }
    }
  }

  dynamic "config" {
    for_each = var.services[each.key].runtime == "lambda" ? ["V2"] : []

    content {
      lambda_event_structure_version = config.value
    }
  }
}

# TLS with a certificate that VPC Lattice keeps for the service's name.
resource "aws_vpclattice_listener" "https" {
  for_each = local.lattice_services

  name               = "https"
  service_identifier = aws_vpclattice_service.this[each.key].id
  protocol           = "HTTPS"
  port               = 443

  default_action {
    forward {
      target_groups {
        target_group_identifier = aws_vpclattice_target_group.this[each.key].id
        weight                  = 100
      }
    }
  }
}

# The provider sends no priority when it changes a rule, so that another priority makes another rule.
resource "terraform_data" "lattice_priority" {
  for_each = local.lattice ? var.mesh.vpc_lattice.rules : {}

  input = each.value.priority
}

resource "aws_vpclattice_listener_rule" "this" {
  for_each = local.lattice ? var.mesh.vpc_lattice.rules : {}

  name                = each.key
  service_identifier  = aws_vpclattice_service.this[each.value.service].id
  listener_identifier = aws_vpclattice_listener.https[each.value.service].listener_id
  priority            = each.value.priority

  match {
    http_match {
      method = each.value.method

      dynamic "path_match" {
        for_each = each.value.path_exact != null || each.value.path_prefix != null ? [each.value] : []

        content {
          case_sensitive = true

          match {
            exact  = path_match.value.path_exact
            prefix = path_match.value.path_prefix
          }
        }
      }

      dynamic "header_matches" {
        for_each = each.value.headers

        content {
          name           = header_matches.key
          case_sensitive = false

          match {
            exact = header_matches.value
          }
        }
      }
    }
  }

  action {
    dynamic "forward" {
      for_each = length(each.value.forward) > 0 ? [each.value.forward] : []

      content {
        dynamic "target_groups" {
          for_each = forward.value

          content {
            target_group_identifier = aws_vpclattice_target_group.this[target_groups.key].id
            weight                  = target_groups.value
          }
        }
      }
    }

    dynamic "fixed_response" {
      for_each = each.value.status_code == null ? [] : [each.value.status_code]

      content {
        status_code = fixed_response.value
      }
    }
  }

  lifecycle {
    replace_triggered_by = [terraform_data.lattice_priority[each.key]]
  }
}

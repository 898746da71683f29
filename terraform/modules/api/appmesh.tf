# App Mesh, for accounts that still have it: AWS ended it on 2026-09-30, and variable mesh asks twice.
# https://docs.aws.amazon.com/app-mesh/latest/userguide/what-is-app-mesh.html

locals {
  appmesh          = var.mesh.kind == "appmesh"
  appmesh_services = local.appmesh ? { for service_name, service in var.services : service_name => service if service.runtime != "lambda" } : {}
  appmesh_names    = { for service_name in keys(local.appmesh_services) : service_name => "${service_name}.${local.name}" }

  # What the gateway sends where: the part of each route before its first parameter.
  appmesh_entrances = merge([
    for service_name in keys(local.appmesh_services) : {
      for prefix in distinct([for route in var.services[service_name].routes : coalesce(trimsuffix(split("{", route.path)[0], "/"), "/")]) :
      "${service_name}${replace(prefix, "/[^A-Za-z0-9]+/", "-")}" => { service = service_name, prefix = prefix }
    }
  ]...)
}

resource "aws_appmesh_mesh" "this" {
  count = local.appmesh ? 1 : 0

  name = local.name

  spec {
    # A service calls what it names in uses.services, and nothing else.
    egress_filter {
      type = "DROP_ALL"
    }
  }
}

resource "aws_service_discovery_service" "mesh" {
  for_each = local.appmesh_services

  name         = each.key
  description  = "Where ${each.key} runs"
  namespace_id = aws_service_discovery_http_namespace.mesh[0].id

  # The platform that runs the container says whether it is well.
  health_check_custom_config {
    failure_threshold = 1
  }

  lifecycle {
    # AWS has fixed it at 1 and answers nothing.
    ignore_changes = [health_check_custom_config]
  }
}

resource "aws_appmesh_virtual_node" "this" {
  for_each = local.appmesh_services

  name      = each.key
  mesh_name = aws_appmesh_mesh.this[0].id

  spec {
    listener {
      port_mapping {
        port     = each.value.port
        protocol = "http"
      }

      health_check {
        protocol            = "http"
        path                = each.value.health_check_path
        healthy_threshold   = 2
        unhealthy_threshold = 3
        interval_millis     = 15000
        timeout_millis      = 5000
      }

      timeout {
        http {
          per_request {
            unit  = "s"
            value = 15
          }

          idle {
            unit  = "s"
            value = 60
          }
        }
      }
    }

    service_discovery {
      aws_cloud_map {
        namespace_name = aws_service_discovery_http_namespace.mesh[0].name
        service_name   = aws_service_discovery_service.mesh[each.key].name
      }
    }

    dynamic "backend" {
      for_each = toset([for service_name in each.value.uses.services : service_name if contains(keys(local.appmesh_services), service_name)])

      content {
        virtual_service {
          virtual_service_name = local.appmesh_names[backend.value]
        }
      }
    }

    logging {
      access_log {
        file {
          path = "/dev/stdout"
        }
      }
    }
  }
}

resource "aws_appmesh_virtual_router" "this" {
  for_each = local.appmesh_services

  name      = each.key
  mesh_name = aws_appmesh_mesh.this[0].id

  spec {
    listener {
      port_mapping {
        port     = each.value.port
        protocol = "http"
      }
    }
  }
}

resource "aws_appmesh_route" "this" {
  for_each = local.appmesh_services

  name                = each.key
  mesh_name           = aws_appmesh_mesh.this[0].id
  virtual_router_name = aws_appmesh_virtual_router.this[each.key].name

  spec {
    http_route {
      match {
        prefix = "/"
      }

      action {
        weighted_target {
          virtual_node = aws_appmesh_virtual_node.this[each.key].name
          weight       = 100
        }
      }

      dynamic "retry_policy" {
        for_each = var.mesh.appmesh.retries > 0 ? [var.mesh.appmesh.retries] : []

        content {
          http_retry_events = ["gateway-error"]
          tcp_retry_events  = ["connection-error"]
          max_retries       = retry_policy.value

          per_retry_timeout {
            unit  = "s"
            value = 5
          }
        }
      }
    }
  }
}

resource "aws_appmesh_virtual_service" "this" {
  for_each = local.appmesh_services

  name      = local.appmesh_names[each.key]
  mesh_name = aws_appmesh_mesh.this[0].id

  spec {
    provider {
      virtual_router {
        virtual_router_name = aws_appmesh_virtual_router.this[each.key].name
      }
    }
  }

  depends_on = [aws_appmesh_route.this]
}

resource "aws_appmesh_virtual_gateway" "this" {
  count = local.appmesh ? 1 : 0

  name      = "gateway"
  mesh_name = aws_appmesh_mesh.this[0].id

  spec {
    listener {
      port_mapping {
        port     = var.mesh.appmesh.gateway_port
        protocol = "http"
      }

      health_check {
        protocol            = "http"
        path                = "/healthz"
        healthy_threshold   = 2
        unhealthy_threshold = 3
        interval_millis     = 15000
        timeout_millis      = 5000
      }
    }

    logging {
      access_log {
        file {
          path = "/dev/stdout"
        }
      }
    }
  }
}

resource "aws_appmesh_gateway_route" "this" {
  for_each = local.appmesh_entrances

  name                 = each.key
  mesh_name            = aws_appmesh_mesh.this[0].id
  virtual_gateway_name = aws_appmesh_virtual_gateway.this[0].name

  spec {
    http_route {
      match {
        prefix = each.value.prefix
      }

      action {
        target {
          virtual_service {
            virtual_service_name = aws_appmesh_virtual_service.this[each.value.service].name
          }
        }

        # The service gets the path that the client asked for.
        rewrite {
          prefix {
            default_prefix = "DISABLED"
          }
        }
      }
    }
  }
}

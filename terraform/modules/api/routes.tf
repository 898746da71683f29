# What the services ask for, laid out for each front door.

data "aws_partition" "current" {}

locals {
  name      = "${var.name_prefix}-api"
  partition = data.aws_partition.current.partition

  routes = flatten([
    for service_name, service in var.services : [
      for route in service.routes : merge(route, {
        service   = service_name
        container = service.runtime != "lambda"
        key       = "${route.method} ${route.path}"
      })
    ]
  ])

  http_routes = { for route in local.routes : route.key => route if route.via == "http_api" }
  rest_routes = { for route in local.routes : route.key => route if route.via == "rest_api" }

  # Services behind each front door; the integration is one for all routes of a service.
  http_lambda_services    = toset([for route in values(local.http_routes) : route.service if !route.container])
  http_container_services = toset([for route in values(local.http_routes) : route.service if route.container])

  # Container services that are reached at all have target groups, whatever they are reached through.
  load_balanced = { for service_name, service in var.services : service_name => service if service.runtime != "lambda" && length(service.routes) > 0 }

  # The compute layer publishes each function under this name and alias, and lets the APIs call it.
  function_arns = {
    for service_name, service in var.services : service_name =>
    "arn:${local.partition}:lambda:${var.region}:${var.account_id}:function:${var.name_prefix}-compute-${service_name}:live"
    if service.runtime == "lambda"
  }
}

# What the services are, sorted by what runs them, and what they are told about what they use.

data "aws_partition" "current" {}

locals {
  prefix    = "${var.name_prefix}-compute"
  partition = data.aws_partition.current.partition

  lambda_services = { for name, service in var.services : name => service if service.runtime == "lambda" }
  ecs_services    = { for name, service in var.services : name => service if service.runtime == "ecs" }
  eks_services    = { for name, service in var.services : name => service if service.runtime == "eks" }

  # CodeDeploy shifts the traffic of these; Terraform must not shift it back.
  shifted = toset([
    for name, service in var.services : name if contains(["blue_green", "canary", "linear"], service.deployment.strategy)
  ])

  # Convention that layers before this one rely on.
  function_arns = {
    for name in keys(local.lambda_services) :
    name => "arn:${local.partition}:lambda:${var.region}:${var.account_id}:function:${local.prefix}-${name}"
  }

  # A proxy lets in the users that it knows; the database's user has the service's name.
  proxied_databases = {
    for name, service in var.services : name => [
      for used in service.uses.databases : used if contains(try(var.database_proxy_users[used], []), name)
    ]
  }

  # caller/callee: where the one reaches the other
  service_addresses = merge([
    for name, service in var.services : {
      for used in service.uses.services : "${name}/${used}" => (
        contains(local.lattice_calls[name], used) ? var.lattice_service_urls[used] :
        contains(keys(local.lambda_services), used) ? "${local.function_arns[used]}:live" :
        "http://${used}:${var.services[used].port}"
      )
    }
  ]...)

  # Those that it invokes itself.
  function_calls = {
    for name, service in var.services : name => sort(setsubtract(
      setintersection(service.uses.services, keys(local.lambda_services)), local.lattice_calls[name]
    ))
  }

  # TABLE_ORDERS, QUEUE_FULFILMENT_URL, …: names and addresses of what a service uses.
  used_environment = {
    for name, service in var.services : name => merge(
      { for used in keys(service.uses.tables) : "TABLE_${upper(replace(used, "-", "_"))}" => var.table_names[used] },
      { for used in keys(service.uses.buckets) : "BUCKET_${upper(replace(used, "-", "_"))}" => var.bucket_names[used] },
      { for used in keys(service.uses.queues) : "QUEUE_${upper(replace(used, "-", "_"))}_URL" => var.queue_urls[used] },
      { for used in service.uses.topics : "TOPIC_${upper(replace(used, "-", "_"))}_ARN" => var.topic_arns[used] },
      { for used in service.uses.event_buses : "EVENT_BUS_${upper(replace(used, "-", "_"))}" => used == "default" ? "default" : var.event_bus_names[used] },
      { for used in service.uses.state_machines : "STATE_MACHINE_${upper(replace(used, "-", "_"))}_ARN" => var.state_machine_arns[used] },
      { for used in service.uses.secrets : "SECRET_${upper(replace(used, "-", "_"))}_ARN" => var.secret_arns[used] },
      { for used in service.uses.databases : "DATABASE_${upper(replace(used, "-", "_"))}_HOST" => contains(local.proxied_databases[name], used) ? var.database_proxy_endpoints[used] : var.database_endpoints[used] },
      { for used in service.uses.databases : "DATABASE_${upper(replace(used, "-", "_"))}_PORT" => tostring(var.database_ports[used]) },
      { for used in service.uses.databases : "DATABASE_${upper(replace(used, "-", "_"))}_NAME" => var.database_names[used] },
      { for used in service.uses.caches : "CACHE_${upper(replace(used, "-", "_"))}_HOST" => var.cache_endpoints[used] },
      { for used in service.uses.caches : "CACHE_${upper(replace(used, "-", "_"))}_PORT" => tostring(var.cache_ports[used]) },
      { for used in service.uses.caches : "CACHE_${upper(replace(used, "-", "_"))}_USER" => var.cache_user_names[used] if try(var.cache_user_names[used], null) != null },
      { for used in service.uses.services : "SERVICE_${upper(replace(used, "-", "_"))}" => local.service_addresses["${name}/${used}"] },
      service.environment,
    )
  }
}

resource "aws_cloudwatch_log_group" "service" {
  for_each = var.services

  name              = "/${var.name_prefix}/compute/${each.key}"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

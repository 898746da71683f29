# Alarms over what the other layers made: APIs, queues, state machines, tables, databases, caches, ways out.

locals {
  routes_via = distinct(flatten([for service in values(var.services) : [for route in service.routes : route.via]]))

  api_alarmed = {
    http_api      = coalesce(var.api_alarms.http_api, contains(local.routes_via, "http_api"))
    rest_api      = coalesce(var.api_alarms.rest_api, contains(local.routes_via, "rest_api"))
    load_balancer = coalesce(var.api_alarms.load_balancer, contains(local.routes_via, "alb"))
  }

  # Names of the two kinds of API differ in CloudWatch. A load balancer's own errors have no calls to be a share of.
  apis = {
    for api, settings in {
      http-api = { enabled = local.api_alarmed.http_api, metric = "5xx", dimensions = { ApiId = var.http_api_id } }
      rest-api = { enabled = local.api_alarmed.rest_api, metric = "5XXError", dimensions = { ApiName = coalesce(var.rest_api_name, "${var.name_prefix}-api-rest"), Stage = var.rest_api_stage_name } }
    } : api => settings if settings.enabled
  }

  api_alarms = merge(flatten([
    for api, settings in local.apis : [
      {
        "${api}-errors" = merge(local.alarm_defaults, {
          description = "More than ${var.api_alarms.server_error_percent} % of the answers of the ${replace(api, "-", " ")} are server errors (5xx)."
          threshold   = var.api_alarms.server_error_percent
          queries = {
            share  = { expression = local.failed_share, label = "Server errors (%)", return_data = true, metric = null }
            failed = { expression = null, label = null, return_data = false, metric = { namespace = "AWS/ApiGateway", name = settings.metric, statistic = "Sum", dimensions = settings.dimensions } }
            calls  = { expression = null, label = null, return_data = false, metric = { namespace = "AWS/ApiGateway", name = "Count", statistic = "SampleCount", dimensions = settings.dimensions } }
          }
        })
        "${api}-latency" = merge(local.alarm_defaults, {
          description = "One request in a hundred of the ${replace(api, "-", " ")} takes more than ${var.api_alarms.latency_p99_ms} ms."
          threshold   = var.api_alarms.latency_p99_ms
          metric      = { namespace = "AWS/ApiGateway", name = "Latency", statistic = "p99", dimensions = settings.dimensions }
        })
      },
    ]
    ])...
  )

  load_balancer_alarms = {
    for key, alarm in {
      load-balancer-errors = merge(local.alarm_defaults, {
        description = "The load balancer itself answers with server errors (5xx): no target could be reached, or none answered in time."
        threshold   = 10
        metric      = { namespace = "AWS/ApplicationELB", name = "HTTPCode_ELB_5XX_Count", statistic = "Sum", dimensions = { LoadBalancer = var.alb_arn_suffix } }
      })
      load-balancer-rejected = merge(local.alarm_defaults, {
        description = "The load balancer has as many connections as it can hold."
        threshold   = 0
        metric      = { namespace = "AWS/ApplicationELB", name = "RejectedConnectionCount", statistic = "Sum", dimensions = { LoadBalancer = var.alb_arn_suffix } }
      })
    } : key => alarm if local.api_alarmed.load_balancer
  }

  queue_alarms = merge(
    {
      for key, name in coalesce(var.queue_names, {}) : "queue-${key}-age" => merge(local.alarm_defaults, {
        description = "Messages wait in the queue ${name} for too long."
        threshold   = try(var.platform_alarms.queue_age_seconds_by_queue[key], var.platform_alarms.queue_age_seconds)
        metric      = { namespace = "AWS/SQS", name = "ApproximateAgeOfOldestMessage", statistic = "Maximum", dimensions = { QueueName = name } }
      })
    },
    {
      for key, name in coalesce(var.dead_letter_queue_names, {}) : "queue-${key}-dead-letters" => merge(local.alarm_defaults, {
        description         = "Messages that could not be processed lie in ${name}."
        threshold           = 0
        evaluation_periods  = 1
        datapoints_to_alarm = 1
        metric              = { namespace = "AWS/SQS", name = "ApproximateNumberOfMessagesVisible", statistic = "Maximum", dimensions = { QueueName = name } }
      })
    },
  )

  state_machine_alarms = {
    for entry in setproduct(keys(coalesce(var.state_machine_arns, {})), ["Failed", "TimedOut", "Throttled"]) : "state-machine-${entry[0]}-${lower(entry[1])}" => merge(local.alarm_defaults, {
      description         = "Executions of the state machine ${entry[0]}: ${entry[1]}."
      threshold           = 0
      period_seconds      = 300
      evaluation_periods  = 1
      datapoints_to_alarm = 1
      metric = {
        namespace  = "AWS/States"
        name       = entry[1] == "Throttled" ? "ExecutionThrottled" : "Executions${entry[1]}"
        statistic  = "Sum"
        dimensions = { StateMachineArn = var.state_machine_arns[entry[0]] }
      }
    })
  }

  table_alarms = {
    for key, name in coalesce(var.table_names, {}) : "table-${key}-throttles" => merge(local.alarm_defaults, {
      description = "Reads or writes of the table ${name} are throttled."
      threshold   = 0
      queries = {
        throttled = { expression = "FILL(reads, 0) + FILL(writes, 0)", label = "Throttled requests", return_data = true, metric = null }
        reads     = { expression = null, label = null, return_data = false, metric = { namespace = "AWS/DynamoDB", name = "ReadThrottleEvents", statistic = "Sum", dimensions = { TableName = name } } }
        writes    = { expression = null, label = null, return_data = false, metric = { namespace = "AWS/DynamoDB", name = "WriteThrottleEvents", statistic = "Sum", dimensions = { TableName = name } } }
      }
    })
  }

  database_dimensions = {
    for key, identifier in coalesce(var.database_identifiers, {}) : key => { (
      try(var.database_kinds[key], "instance") == "cluster" ? "DBClusterIdentifier" : "DBInstanceIdentifier"
    ) = identifier }
  }
  database_alarms = {
    for alarm in flatten([
      for key, dimensions in local.database_dimensions : [
        for kind, settings in {
          cpu         = { metric = "CPUUtilization", comparison = "GreaterThanThreshold", threshold = var.platform_alarms.database_cpu_percent, says = "uses most of its CPU" }
          memory      = { metric = "FreeableMemory", comparison = "LessThanThreshold", threshold = var.platform_alarms.database_freeable_memory_bytes, says = "runs out of memory" }
          connections = { metric = "DatabaseConnections", comparison = "GreaterThanThreshold", threshold = var.platform_alarms.database_connections, says = "has more connections than it should" }
          # A cluster's storage grows by itself.
          storage = { metric = "FreeStorageSpace", comparison = "LessThanThreshold", threshold = contains(keys(dimensions), "DBClusterIdentifier") ? null : var.platform_alarms.database_free_storage_bytes, says = "runs out of storage" }
          } : {
          name        = "database-${key}-${kind}"
          description = "The database ${key} ${settings.says}."
          threshold   = settings.threshold
          comparison  = settings.comparison
          metric      = { namespace = "AWS/RDS", name = settings.metric, statistic = "Average", dimensions = dimensions }
        } if settings.threshold != null
      ]
    ]) : alarm.name => merge(local.alarm_defaults, { for attribute, value in alarm : attribute => value if attribute != "name" })
  }

  cache_alarms = {
    for alarm in flatten(concat(
      [
        for key, id in coalesce(var.cache_cluster_ids, {}) : [
          for kind, settings in {
            cpu       = { metric = "EngineCPUUtilization", threshold = var.platform_alarms.cache_cpu_percent, statistic = "Average", says = "uses most of its CPU" }
            memory    = { metric = "DatabaseMemoryUsagePercentage", threshold = var.platform_alarms.cache_memory_percent, statistic = "Average", says = "is almost full" }
            evictions = { metric = "Evictions", threshold = var.platform_alarms.cache_evictions, statistic = "Sum", says = "throws out what it should keep" }
          } : { name = "cache-${key}-${kind}", description = "The cache ${key} ${settings.says}.", threshold = settings.threshold, metric = { namespace = "AWS/ElastiCache", name = settings.metric, statistic = settings.statistic, dimensions = { CacheClusterId = id } } }
        ]
      ],
      [
        for key, name in coalesce(var.serverless_cache_names, {}) : [
          for kind, settings in {
            evictions = { metric = "Evictions", threshold = var.platform_alarms.cache_evictions, says = "throws out what it should keep" }
            throttles = { metric = "ThrottledCmds", threshold = 0, says = "refuses commands: it can't grow as fast as it is used" }
          } : { name = "cache-${key}-${kind}", description = "The cache ${key} ${settings.says}.", threshold = settings.threshold, metric = { namespace = "AWS/ElastiCache", name = settings.metric, statistic = "Sum", dimensions = { clusterId = name } } }
        ]
      ],
    )) : alarm.name => merge(local.alarm_defaults, { for attribute, value in alarm : attribute => value if attribute != "name" })
  }

  nat_alarms = merge([
    for zone, id in coalesce(var.nat_gateway_ids, {}) : {
      "nat-${zone}-ports" = merge(local.alarm_defaults, {
        description = "The NAT gateway of ${zone} has no port left for new connections to a destination."
        threshold   = 0
        metric      = { namespace = "AWS/NATGateway", name = "ErrorPortAllocation", statistic = "Sum", dimensions = { NatGatewayId = id } }
      })
      "nat-${zone}-drops" = merge(local.alarm_defaults, {
        description = "The NAT gateway of ${zone} drops packets."
        threshold   = 100
        metric      = { namespace = "AWS/NATGateway", name = "PacketsDropCount", statistic = "Sum", dimensions = { NatGatewayId = id } }
      })
    }
  ]...)

  platform_alarms = merge(
    local.api_alarms,
    local.load_balancer_alarms,
    local.queue_alarms,
    local.state_machine_alarms,
    local.table_alarms,
    local.database_alarms,
    local.cache_alarms,
    local.nat_alarms,
  )
}

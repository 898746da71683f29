# Alarms of each service, by what runs it and by what is in front of it. Thresholds are the service's own
# (`alarms:` of its entry); one that is null makes no alarm.

locals {
  function_names = {
    for name, service in var.services : name => try(var.function_names[name], "${var.name_prefix}-compute-${name}") if service.runtime == "lambda"
  }
  ecs_cluster_name = coalesce(var.ecs_cluster_name, "${var.name_prefix}-compute")
  ecs_service_names = {
    for name, service in var.services : name => try(var.ecs_service_names[name], "${var.name_prefix}-compute-${name}") if service.runtime == "ecs"
  }
  eks_cluster_name = coalesce(var.eks_cluster_name, "${var.name_prefix}-compute")
  eks_services     = { for name, service in var.services : name => service if service.runtime == "eks" }

  target_group_suffixes = { for name, suffix in coalesce(var.target_group_arn_suffixes, {}) : name => suffix if contains(keys(var.services), name) }

  service_notifies = var.service_alarms.notify == "alarm"
  service_default  = merge(local.alarm_defaults, { notify = local.service_notifies })

  # The share of calls that failed, nothing while nobody calls.
  failed_share = "IF(calls > 0, 100 * failed / calls, 0)"

  lambda_alarms = merge(flatten([
    for name, function in local.function_names : [
      {
        for kind in ["errors"] : "${name}-errors" => merge(local.service_default, {
          description = "More than ${var.services[name].alarms.error_percent} % of the calls of the function ${function} fail."
          threshold   = var.services[name].alarms.error_percent
          queries = {
            share  = { expression = local.failed_share, label = "Failed calls (%)", return_data = true, metric = null }
            failed = { expression = null, label = null, return_data = false, metric = { namespace = "AWS/Lambda", name = "Errors", statistic = "Sum", dimensions = { FunctionName = function } } }
            calls  = { expression = null, label = null, return_data = false, metric = { namespace = "AWS/Lambda", name = "Invocations", statistic = "Sum", dimensions = { FunctionName = function } } }
          }
        }) if var.services[name].alarms.error_percent != null
      },
      {
        "${name}-throttles" = merge(local.service_default, {
          description = "Calls of the function ${function} are refused because it runs as often as it may."
          threshold   = 0
          metric      = { namespace = "AWS/Lambda", name = "Throttles", statistic = "Sum", dimensions = { FunctionName = function } }
        })
        "${name}-dead-letter-errors" = merge(local.service_default, {
          description         = "Events that the function ${function} could not process could not be put into its dead-letter queue either: they are lost."
          threshold           = 0
          evaluation_periods  = 1
          datapoints_to_alarm = 1
          metric              = { namespace = "AWS/Lambda", name = "DeadLetterErrors", statistic = "Sum", dimensions = { FunctionName = function } }
        })
        "${name}-timeout" = merge(local.service_default, {
          description = "The slowest call of the function ${function} comes near its time-out of ${var.services[name].timeout_seconds} s."
          threshold   = floor(var.services[name].timeout_seconds * 900)
          metric      = { namespace = "AWS/Lambda", name = "Duration", statistic = "Maximum", dimensions = { FunctionName = function } }
        })
      },
      {
        for kind in ["latency"] : "${name}-latency" => merge(local.service_default, {
          description = "One call in a hundred of the function ${function} takes more than ${var.services[name].alarms.latency_p99_ms} ms."
          threshold   = var.services[name].alarms.latency_p99_ms
          metric      = { namespace = "AWS/Lambda", name = "Duration", statistic = "p99", dimensions = { FunctionName = function } }
        }) if var.services[name].alarms.latency_p99_ms != null
      },
      {
        for kind in ["traffic"] : "${name}-traffic" => merge(local.service_default, {
          description  = "The function ${function} is called unusually often or rarely."
          anomaly_band = var.service_alarms.anomaly_band
          comparison   = "LessThanLowerOrGreaterThanUpperThreshold"
          metric       = { namespace = "AWS/Lambda", name = "Invocations", statistic = "Sum", dimensions = { FunctionName = function } }
        }) if var.service_alarms.anomaly_detection
      },
    ]
  ])...)

  # Container Insights counts the tasks; it is on for the platform's cluster.
  ecs_alarms = merge(flatten([
    for name, service in local.ecs_service_names : [
      {
        for kind, metric in { cpu = "CPUUtilization", memory = "MemoryUtilization" } : "${name}-${kind}" => merge(local.service_default, {
          description = "The tasks of the service ${service} use more than ${var.services[name].alarms["${kind}_percent"]} % of their ${kind}."
          threshold   = var.services[name].alarms["${kind}_percent"]
          metric      = { namespace = "AWS/ECS", name = metric, statistic = "Average", dimensions = { ClusterName = local.ecs_cluster_name, ServiceName = service } }
        }) if var.services[name].alarms["${kind}_percent"] != null
      },
      {
        for kind in ["tasks"] : "${name}-tasks" => merge(local.service_default, {
          description  = "Fewer than ${var.services[name].scaling.min} tasks of the service ${service} run."
          threshold    = var.services[name].scaling.min
          comparison   = "LessThanThreshold"
          missing_data = "breaching"
          metric       = { namespace = "ECS/ContainerInsights", name = "RunningTaskCount", statistic = "Minimum", dimensions = { ClusterName = local.ecs_cluster_name, ServiceName = service } }
        }) if var.services[name].scaling.min > 0
      },
    ]
  ])...)

  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-EKS.html
  eks_alarms = merge(flatten([
    for name, service in local.eks_services : [
      {
        for kind in ["cpu", "memory"] : "${name}-${kind}" => merge(local.service_default, {
          description = "The pods of ${name} use more than ${service.alarms["${kind}_percent"]} % of their ${kind}."
          threshold   = service.alarms["${kind}_percent"]
          metric      = { namespace = "ContainerInsights", name = "pod_${kind}_utilization_over_pod_limit", statistic = "Average", dimensions = { ClusterName = local.eks_cluster_name, Namespace = var.eks_namespace, PodName = name } }
        }) if service.alarms["${kind}_percent"] != null
      },
      {
        "${name}-pods" = merge(local.service_default, {
          description  = "Fewer than ${max(service.scaling.min, 1)} pods of ${name} run."
          threshold    = max(service.scaling.min, 1)
          comparison   = "LessThanThreshold"
          missing_data = "breaching"
          metric       = { namespace = "ContainerInsights", name = "service_number_of_running_pods", statistic = "Minimum", dimensions = { ClusterName = local.eks_cluster_name, Namespace = var.eks_namespace, Service = name } }
        })
        "${name}-restarts" = merge(local.service_default, {
          description = "Containers of ${name} start again and again."
          threshold   = 3
          metric      = { namespace = "ContainerInsights", name = "pod_number_of_container_restarts", statistic = "Maximum", dimensions = { ClusterName = local.eks_cluster_name, Namespace = var.eks_namespace, PodName = name } }
        })
      },
    ]
  ])...)

  target_group_alarms = merge(flatten([
    for name, suffix in local.target_group_suffixes : [
      {
        for kind in ["errors"] : "${name}-http-errors" => merge(local.service_default, {
          description = "More than ${var.services[name].alarms.error_percent} % of the answers of ${name} are server errors (5xx)."
          threshold   = var.services[name].alarms.error_percent
          queries = {
            share  = { expression = local.failed_share, label = "Server errors (%)", return_data = true, metric = null }
            failed = { expression = null, label = null, return_data = false, metric = { namespace = "AWS/ApplicationELB", name = "HTTPCode_Target_5XX_Count", statistic = "Sum", dimensions = { LoadBalancer = var.alb_arn_suffix, TargetGroup = suffix } } }
            calls  = { expression = null, label = null, return_data = false, metric = { namespace = "AWS/ApplicationELB", name = "RequestCount", statistic = "Sum", dimensions = { LoadBalancer = var.alb_arn_suffix, TargetGroup = suffix } } }
          }
        }) if var.services[name].alarms.error_percent != null
      },
      {
        for kind in ["latency"] : "${name}-http-latency" => merge(local.service_default, {
          description = "One request in a hundred of ${name} takes more than ${var.services[name].alarms.latency_p99_ms} ms."
          threshold   = var.services[name].alarms.latency_p99_ms / 1000
          metric      = { namespace = "AWS/ApplicationELB", name = "TargetResponseTime", statistic = "p99", dimensions = { LoadBalancer = var.alb_arn_suffix, TargetGroup = suffix } }
        }) if var.services[name].alarms.latency_p99_ms != null
      },
      {
        "${name}-unhealthy" = merge(local.service_default, {
          description = "The load balancer finds targets of ${name} unhealthy."
          threshold   = 0
          metric      = { namespace = "AWS/ApplicationELB", name = "UnHealthyHostCount", statistic = "Maximum", dimensions = { LoadBalancer = var.alb_arn_suffix, TargetGroup = suffix } }
        })
      },
      {
        for kind in ["traffic"] : "${name}-http-traffic" => merge(local.service_default, {
          description  = "${name} gets unusually many or few requests."
          anomaly_band = var.service_alarms.anomaly_band
          comparison   = "LessThanLowerOrGreaterThanUpperThreshold"
          metric       = { namespace = "AWS/ApplicationELB", name = "RequestCount", statistic = "Sum", dimensions = { LoadBalancer = var.alb_arn_suffix, TargetGroup = suffix } }
        }) if var.service_alarms.anomaly_detection
      },
    ]
  ])...)

  service_alarms = merge(local.lambda_alarms, local.ecs_alarms, local.eks_alarms, local.target_group_alarms)

  # Which alarms are a service's: not by their names, which may begin alike ("orders", "orders-archive").
  service_alarm_keys = {
    for name, service in var.services : name => sort([
      for key in keys(local.service_alarms) : key if contains([
        for kind in local.service_alarm_kinds : "${name}-${kind}"
      ], key)
    ])
  }
  service_alarm_kinds = [
    "errors", "throttles", "dead-letter-errors", "timeout", "latency", "traffic", "cpu", "memory", "tasks", "pods", "restarts",
    "http-errors", "http-latency", "unhealthy", "http-traffic",
  ]
}

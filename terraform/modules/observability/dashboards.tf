# Dashboards: one a service, of what its alarms watch, and one for the environment.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html

locals {
  # Title, statistic and metrics ([namespace, metric, dimension, value, ...]) of each service's graphs.
  service_graphs = {
    for name, service in var.services : name => concat(
      [
        for graph in [
          { title = "Calls", stat = "Sum", metrics = ["Invocations", "Errors", "Throttles"] },
          { title = "Duration (ms)", stat = "p99", metrics = ["Duration"] },
          { title = "Running at once", stat = "Maximum", metrics = ["ConcurrentExecutions", "ProvisionedConcurrentExecutions"] },
          { title = "Lost events", stat = "Sum", metrics = ["DeadLetterErrors", "AsyncEventsDropped"] },
        ] : { title = graph.title, stat = graph.stat, metrics = [for metric in graph.metrics : ["AWS/Lambda", metric, "FunctionName", local.function_names[name]]] } if service.runtime == "lambda"
      ],
      [
        for graph in [
          { title = "Use (%)", stat = "Average", namespace = "AWS/ECS", metrics = ["CPUUtilization", "MemoryUtilization"] },
          { title = "Tasks", stat = "Average", namespace = "ECS/ContainerInsights", metrics = ["RunningTaskCount", "DesiredTaskCount", "PendingTaskCount"] },
          ] : {
          title   = graph.title
          stat    = graph.stat
          metrics = [for metric in graph.metrics : [graph.namespace, metric, "ClusterName", local.ecs_cluster_name, "ServiceName", local.ecs_service_names[name]]]
        } if service.runtime == "ecs"
      ],
      [
        for graph in [
          { title = "Use of limits (%)", stat = "Average", dimension = "PodName", metrics = ["pod_cpu_utilization_over_pod_limit", "pod_memory_utilization_over_pod_limit"] },
          { title = "Pods", stat = "Average", dimension = "Service", metrics = ["service_number_of_running_pods"] },
          { title = "Restarts", stat = "Maximum", dimension = "PodName", metrics = ["pod_number_of_container_restarts"] },
          ] : {
          title   = graph.title
          stat    = graph.stat
          metrics = [for metric in graph.metrics : ["ContainerInsights", metric, "ClusterName", local.eks_cluster_name, "Namespace", var.eks_namespace, graph.dimension, name]]
        } if service.runtime == "eks"
      ],
      [
        for graph in [
          { title = "Requests", stat = "Sum", metrics = ["RequestCount", "HTTPCode_Target_4XX_Count", "HTTPCode_Target_5XX_Count"] },
          { title = "Response time (s)", stat = "p99", metrics = ["TargetResponseTime"] },
          { title = "Targets", stat = "Average", metrics = ["HealthyHostCount", "UnHealthyHostCount"] },
          ] : {
          title   = graph.title
          stat    = graph.stat
          metrics = [for metric in graph.metrics : ["AWS/ApplicationELB", metric, "LoadBalancer", var.alb_arn_suffix, "TargetGroup", local.target_group_suffixes[name]]]
        } if contains(keys(local.target_group_suffixes), name)
      ],
    )
  }

  environment_graphs = [
    for graph in concat(
      [
        { title = "Calls of functions", stat = "Sum", metrics = [for name, function in local.function_names : ["AWS/Lambda", "Invocations", "FunctionName", function]] },
        { title = "CPU of containers (%)", stat = "Average", metrics = [for name, service in local.ecs_service_names : ["AWS/ECS", "CPUUtilization", "ClusterName", local.ecs_cluster_name, "ServiceName", service]] },
        { title = "Requests through the load balancer", stat = "Sum", metrics = [for name, suffix in local.target_group_suffixes : ["AWS/ApplicationELB", "RequestCount", "LoadBalancer", var.alb_arn_suffix, "TargetGroup", suffix]] },
        { title = "Age of queues' oldest messages (s)", stat = "Maximum", metrics = [for name in values(coalesce(var.queue_names, {})) : ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", name]] },
        { title = "Dead letters", stat = "Maximum", metrics = [for name in values(coalesce(var.dead_letter_queue_names, {})) : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name]] },
        { title = "Executions of state machines", stat = "Sum", metrics = [for arn in values(coalesce(var.state_machine_arns, {})) : ["AWS/States", "ExecutionsStarted", "StateMachineArn", arn]] },
        { title = "Consumed capacity of tables (writes)", stat = "Sum", metrics = [for name in values(coalesce(var.table_names, {})) : ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", name]] },
        { title = "CPU of databases (%)", stat = "Average", metrics = [for dimensions in values(local.database_dimensions) : concat(["AWS/RDS", "CPUUtilization"], flatten([for dimension, value in dimensions : [dimension, value]]))] },
        { title = "Bytes out through NAT", stat = "Sum", metrics = [for id in values(coalesce(var.nat_gateway_ids, {})) : ["AWS/NATGateway", "BytesOutToDestination", "NatGatewayId", id]] },
      ],
      [for api, settings in local.apis : { title = "Requests of the ${replace(api, "-", " ")}", stat = "SampleCount", metrics = [concat(["AWS/ApiGateway", "Count"], flatten([for dimension, value in settings.dimensions : [dimension, value]]))] }],
    ) : graph if length(graph.metrics) > 0
  ]

  # Two graphs a row; above them, the alarms.
  dashboard_widgets = {
    for dashboard, graphs in merge(local.service_graphs, { environment = local.environment_graphs }) : dashboard => [
      for index, graph in graphs : {
        type   = "metric"
        x      = 12 * (index % 2)
        y      = 4 + 6 * floor(index / 2)
        width  = 12
        height = 6
        properties = {
          title   = graph.title
          view    = "timeSeries"
          region  = var.region
          stat    = graph.stat
          period  = 60
          metrics = graph.metrics
        }
      }
    ]
  }

  alarm_arn_prefix = "arn:${local.partition}:cloudwatch:${local.here}:alarm:"
}

resource "aws_cloudwatch_dashboard" "service" {
  for_each = { for name in keys(var.services) : name => name if var.dashboards }

  dashboard_name = "${local.name}-${each.key}"
  dashboard_body = jsonencode({
    widgets = concat(
      # A widget without alarms is refused.
      [
        for keys in [local.service_alarm_keys[each.key]] : {
          type       = "alarm", x = 0, y = 0, width = 24, height = 4
          properties = { title = "Alarms of ${each.key}", alarms = [for key in keys : "${local.alarm_arn_prefix}${local.alarm_name_of[key]}"] }
        } if length(keys) > 0
      ],
      local.dashboard_widgets[each.key],
      [
        {
          type = "log", x = 0, y = 4 + 6 * ceil(length(local.service_graphs[each.key]) / 2), width = 24, height = 6
          properties = {
            title  = "Errors in the log"
            region = var.region
            view   = "table"
            query  = "SOURCE '${local.service_log_groups[each.key]}' | fields @timestamp, @message | filter @message like /(?i)(error|exception|fatal)/ | sort @timestamp desc | limit 20"
          }
        }
      ],
    )
  })
}

resource "aws_cloudwatch_dashboard" "environment" {
  count = var.dashboards ? 1 : 0

  dashboard_name = local.name
  dashboard_body = jsonencode({
    widgets = concat(
      [
        for keys in [concat([for name in sort(local.service_composite_set) : "service-${name}"], sort(keys(local.platform_alarms)))] : {
          type = "alarm", x = 0, y = 0, width = 24, height = 4
          properties = {
            title = "Services and platform"
            # A widget shows a hundred alarms at the most.
            alarms = [for key in slice(keys, 0, min(100, length(keys))) : "${local.alarm_arn_prefix}${local.alarm_name_of[key]}"]
          }
        } if length(keys) > 0
      ],
      local.dashboard_widgets["environment"],
    )
  })
}

# Saved queries for CloudWatch Logs Insights.

locals {
  service_log_groups = { for name in keys(var.services) : name => try(var.log_group_names[name], "/${var.name_prefix}/compute/${name}") }

  # By the keys that configuration uses for them.
  log_group_names = merge(
    { for key, group in aws_cloudwatch_log_group.this : key => group.name },
    local.trail_logs ? { cloudtrail = aws_cloudwatch_log_group.trail[0].name } : {},
  )

  service_queries = var.default_queries ? merge([
    for name, service in var.services : {
      "services/${name}/errors" = {
        query      = "fields @timestamp, @logStream, @message\n| filter @message like /(?i)(error|exception|fatal|traceback)/\n| sort @timestamp desc\n| limit 200"
        log_groups = [local.service_log_groups[name]]
      }
      "services/${name}/${service.runtime == "lambda" ? "slowest-calls" : "volume"}" = {
        query = (service.runtime == "lambda"
          ? "filter @type = \"REPORT\"\n| fields @requestId, @duration, @initDuration, @maxMemoryUsed / 1000000 as memoryMB\n| sort @duration desc\n| limit 50"
          : "stats count(*) as events by bin(5m), @logStream\n| sort events desc"
        )
        log_groups = [local.service_log_groups[name]]
      }
    }
  ]...) : {}

  trail_queries = {
    for name, query in {
      "trail/denied-calls" = "filter errorCode like /AccessDenied|UnauthorizedOperation/\n| stats count(*) as calls by userIdentity.arn, eventSource, eventName\n| sort calls desc\n| limit 100"
      "trail/changes-by"   = "filter readOnly = 0\n| stats count(*) as calls by userIdentity.arn, eventName\n| sort calls desc\n| limit 100"
    } : name => { query = query, log_groups = ["cloudtrail"] } if local.trail_logs
  }

  flow_log_queries = {
    for name, query in {
      "network/rejected" = "filter action = \"REJECT\"\n| stats count(*) as packets by srcAddr, dstAddr, dstPort\n| sort packets desc\n| limit 100"
      "network/talkers"  = "stats sum(bytes) as sent by srcAddr, dstAddr\n| sort sent desc\n| limit 100"
    } : name => { query = query, log_groups = [coalesce(var.flow_log_group_name, "/${var.name_prefix}/network/flow-logs")] } if var.default_queries
  }
}

resource "aws_cloudwatch_query_definition" "this" {
  for_each = merge(local.service_queries, local.trail_queries, local.flow_log_queries, var.queries)

  name            = "${var.name_prefix}/${each.key}"
  query_string    = each.value.query
  log_group_names = length(each.value.log_groups) == 0 ? null : [for group in each.value.log_groups : try(local.log_group_names[group], group)]
}

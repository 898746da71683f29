output "alarm_topic_arn" {
  description = "Topic that every alarm tells."
  value       = aws_sns_topic.alarms.arn

  # Who publishes to it must find it open to them.
  depends_on = [aws_sns_topic_policy.alarms]
}

output "alarm_names" {
  description = "Name of each metric alarm, by its key."
  value       = local.alarm_names
}

output "service_alarm_names" {
  description = "Names of each service's alarms."
  value       = { for name in keys(var.services) : name => [for key in local.service_alarm_keys[name] : local.alarm_names[key]] }
}

output "composite_alarm_names" {
  description = "Name of each composite alarm: of services (service-<name>), and those configured."
  value = merge(
    { for name, alarm in aws_cloudwatch_composite_alarm.service : "service-${name}" => alarm.alarm_name },
    { for key, alarm in aws_cloudwatch_composite_alarm.this : key => alarm.alarm_name },
  )
}

output "dashboard_names" {
  description = "Dashboard of each service, and of the environment."
  value = merge(
    { for name, dashboard in aws_cloudwatch_dashboard.service : name => dashboard.dashboard_name },
    { for index, dashboard in aws_cloudwatch_dashboard.environment : "environment" => dashboard.dashboard_name },
  )
}

output "log_group_names" {
  description = "Full name of each log group of this layer, by its key; the trail's is \"cloudtrail\"."
  value       = local.log_group_names
}

output "metric_namespace" {
  description = "Namespace of the metrics that metric filters count."
  value       = local.metric_namespace
}

output "trail_arn" {
  description = "ARN of the trail. Null: none."
  value       = one(aws_cloudtrail.this[*].arn)
}

output "trail_bucket_name" {
  description = "Bucket that the trail is delivered to. Null: no trail."
  value       = one(module.trail_bucket[*].name)
}

output "trail_topic_arn" {
  description = "Topic that says when a log file of the trail has been delivered. Null: none."
  value       = one(aws_sns_topic.trail[*].arn)
}

output "trace_group_arns" {
  description = "X-Ray groups, by key; a service's is service/<name>."
  value       = { for key, group in aws_xray_group.this : key => group.arn }
}

output "canary_names" {
  description = "Full name of each canary."
  value       = { for key, canary in aws_synthetics_canary.this : key => canary.name }
}

output "opensearch_endpoint" {
  description = "Host name of the OpenSearch domain in the VPC. Null: no domain."
  value       = one(aws_opensearch_domain.this[*].endpoint)
}

output "opensearch_dashboard_endpoint" {
  description = "OpenSearch Dashboards of the domain. Null: no domain."
  value       = one(aws_opensearch_domain.this[*].dashboard_endpoint)
}

output "opensearch_domain_arn" {
  description = "ARN of the OpenSearch domain. Null: no domain."
  value       = one(aws_opensearch_domain.this[*].arn)
}

output "opensearch_master_role_arn" {
  description = "Role that administers the domain. Null: no domain."
  value       = one(aws_iam_role.opensearch_master[*].arn)
}

output "opensearch_client_security_group_id" {
  description = "Members reach the domain. Null: no domain."
  value       = one(aws_security_group.opensearch_client[*].id)
}

output "opensearch_collection_endpoints" {
  description = "Endpoint of each OpenSearch Serverless collection."
  value       = { for key, collection in aws_opensearchserverless_collection.this : key => collection.collection_endpoint }
}

output "opensearch_collection_arns" {
  description = "ARN of each OpenSearch Serverless collection."
  value       = { for key, collection in aws_opensearchserverless_collection.this : key => collection.arn }
}

output "log_delivery_stream_arns" {
  description = "Firehose stream of each log delivery."
  value       = { for key, stream in aws_kinesis_firehose_delivery_stream.this : key => stream.arn }
}

output "log_delivery_bucket_name" {
  description = "Bucket of what was delivered to S3, or could not be delivered. Null: no log delivery."
  value       = one(module.delivery_bucket[*].name)
}

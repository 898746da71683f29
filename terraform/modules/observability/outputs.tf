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

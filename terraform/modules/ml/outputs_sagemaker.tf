output "sagemaker_bucket_name" {
  description = "Bucket of models, features and captured data. Null: there is none."
  value       = one(module.sagemaker_bucket[*].name)
}

output "model_names" {
  description = "Full name of each model: it changes with what the model is made of."
  value       = { for name in keys(var.models) : name => merge(module.model, module.serverless_model)[name].name }
}

output "model_arns" {
  description = "ARN of each model."
  value       = { for name in keys(var.models) : name => merge(module.model, module.serverless_model)[name].arn }
}

output "model_role_arns" {
  description = "ARN of the role that loads each model."
  value       = { for name, role in module.model_role : name => role.arn }
}

output "endpoint_names" {
  description = "Name of each endpoint, serverless ones included; callers need sagemaker:InvokeEndpoint for it."
  value = merge(
    { for name, endpoint in aws_sagemaker_endpoint.this : name => endpoint.name },
    { for name, endpoint in aws_sagemaker_endpoint.serverless : name => endpoint.name },
  )
}

output "endpoint_arns" {
  description = "ARN of each endpoint, serverless ones included."
  value = merge(
    { for name, endpoint in aws_sagemaker_endpoint.this : name => endpoint.arn },
    { for name, endpoint in aws_sagemaker_endpoint.serverless : name => endpoint.arn },
  )
}

output "endpoint_alarm_names" {
  description = "Names of each endpoint's alarms."
  value = {
    for name in concat(keys(var.endpoints), keys(var.serverless_endpoints)) : name => [
      for key, alarm in local.endpoint_alarms : aws_cloudwatch_metric_alarm.endpoint[key].alarm_name if alarm.endpoint == name
    ]
  }
}

output "feature_group_names" {
  description = "Full name of each feature group."
  value       = { for name, group in aws_sagemaker_feature_group.this : name => group.feature_group_name }
}

output "feature_group_arns" {
  description = "ARN of each feature group."
  value       = { for name, group in aws_sagemaker_feature_group.this : name => group.arn }
}

output "feature_database_name" {
  description = "Glue database with the offline stores' tables. Null: there is none."
  value       = one(aws_glue_catalog_database.features[*].name)
}

output "model_package_group_names" {
  description = "Full name of each group of the model registry."
  value       = { for name, group in aws_sagemaker_model_package_group.this : name => group.model_package_group_name }
}

output "model_package_group_arns" {
  description = "ARN of each group of the model registry."
  value       = { for name, group in aws_sagemaker_model_package_group.this : name => group.arn }
}

output "pipeline_names" {
  description = "Full name of each pipeline."
  value       = { for name, pipeline in aws_sagemaker_pipeline.this : name => pipeline.pipeline_name }
}

output "pipeline_arns" {
  description = "ARN of each pipeline."
  value       = { for name, pipeline in aws_sagemaker_pipeline.this : name => pipeline.arn }
}

output "domain_ids" {
  description = "Id of each domain."
  value       = { for name, domain in aws_sagemaker_domain.this : name => domain.id }
}

output "domain_urls" {
  description = "Address of each domain."
  value       = { for name, domain in aws_sagemaker_domain.this : name => domain.url }
}

output "domain_role_arns" {
  description = "ARN of each domain's execution role."
  value       = { for name, role in module.domain_role : name => role.arn }
}

output "user_profile_arns" {
  description = "ARN of each user profile, by <domain>/<name>."
  value       = { for key, profile in aws_sagemaker_user_profile.this : key => profile.arn }
}

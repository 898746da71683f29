output "artifact_bucket_name" {
  description = "Bucket of artifacts; null when nothing needs one."
  value       = one(module.artifacts[*].name)
}

output "artifact_bucket_arn" {
  description = "ARN of the bucket of artifacts; null when nothing needs one."
  value       = one(module.artifacts[*].arn)
}

output "cdk_assets_bucket_name" {
  description = "Bucket of CDK apps' assets and large templates; null when nothing needs one."
  value       = one(module.templates[*].name)
}

output "topic_arn" {
  description = "Topic that tells of pipelines, builds, deployments and stacks; null when there are none."
  value       = one(aws_sns_topic.events[*].arn)
}

output "connection_arns" {
  description = "ARN of each connection."
  value       = { for name, connection in aws_codeconnections_connection.this : name => connection.arn }
}

output "connection_statuses" {
  description = "Status of each connection: PENDING until somebody has completed it in the console, then AVAILABLE."
  value       = { for name, connection in aws_codeconnections_connection.this : name => connection.connection_status }
}

output "project_names" {
  description = "Full name of each CodeBuild project."
  value       = { for name, project in module.project : name => project.name }
}

output "project_arns" {
  description = "ARN of each CodeBuild project."
  value       = { for name, project in module.project : name => project.arn }
}

output "project_role_arns" {
  description = "ARN of the role of each project's builds."
  value       = { for name, project in module.project : name => project.role_arn }
}

output "project_log_group_names" {
  description = "Log group of each project's builds."
  value       = { for name, project in module.project : name => project.log_group_name }
}

output "pipeline_names" {
  description = "Full name of each pipeline."
  value       = { for name, pipeline in module.pipeline : name => pipeline.name }
}

output "pipeline_arns" {
  description = "ARN of each pipeline."
  value       = { for name, pipeline in module.pipeline : name => pipeline.arn }
}

output "pipeline_role_arns" {
  description = "ARN of the role that each pipeline works with."
  value       = { for name, pipeline in module.pipeline : name => pipeline.role_arn }
}

output "deployment_application_names" {
  description = "CodeDeploy application of each service that it deploys."
  value       = { for name, application in aws_codedeploy_app.this : name => application.name }
}

output "deployment_group_names" {
  description = "CodeDeploy deployment group of each service that it deploys."
  value       = { for name, group in aws_codedeploy_deployment_group.this : name => group.deployment_group_name }
}

output "stack_ids" {
  description = "ARN of each CloudFormation stack, by name; a CDK app's stack by <app>-<stack>."
  value       = { for name, stack in merge(aws_cloudformation_stack.this, aws_cloudformation_stack.protected) : name => stack.id }
}

output "stack_outputs" {
  description = "Outputs of each CloudFormation stack."
  value       = { for name, stack in merge(aws_cloudformation_stack.this, aws_cloudformation_stack.protected) : name => stack.outputs }
}

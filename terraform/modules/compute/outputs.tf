output "function_names" {
  description = "Name of each function."
  value       = { for name, function in aws_lambda_function.this : name => function.function_name }
}

output "function_arns" {
  description = "ARN of each function."
  value       = { for name, function in aws_lambda_function.this : name => function.arn }
}

output "function_alias_names" {
  description = "Alias through which each function is invoked."
  value       = { for name, alias in local.aliases : name => alias.name }
}

output "function_alias_arns" {
  description = "ARN of that alias."
  value       = { for name, alias in local.aliases : name => alias.arn }
}

output "function_versions" {
  description = "Newest version of each function."
  value       = { for name, function in aws_lambda_function.this : name => function.version }
}

output "function_urls" {
  description = "HTTPS address of each function that has one of its own."
  value       = { for name, url in aws_lambda_function_url.this : name => url.function_url }
}

output "failed_queue_names" {
  description = "Queue where each function's failures are put aside."
  value       = { for name, queue in aws_sqs_queue.failed : name => queue.name }
}

output "failed_queue_arns" {
  description = "ARN of that queue."
  value       = { for name, queue in aws_sqs_queue.failed : name => queue.arn }
}

output "ecs_cluster_name" {
  description = "Name of the ECS cluster; null without one."
  value       = one(aws_ecs_cluster.this[*].name)
}

output "ecs_cluster_arn" {
  description = "ARN of the ECS cluster; null without one."
  value       = one(aws_ecs_cluster.this[*].arn)
}

output "ecs_service_names" {
  description = "Name of each ECS service."
  value       = { for name, service in merge(aws_ecs_service.rolling, aws_ecs_service.shifted) : name => service.name }
}

output "task_definition_families" {
  description = "Family of each ECS service's task definitions."
  value       = { for name, task in aws_ecs_task_definition.this : name => task.family }
}

output "task_definition_arns" {
  description = "Newest task definition of each ECS service."
  value       = { for name, task in aws_ecs_task_definition.this : name => task.arn }
}

output "task_role_arns" {
  description = "Role of each ECS service's containers."
  value       = { for name in keys(local.ecs_services) : name => aws_iam_role.service[name].arn }
}

output "execution_role_arns" {
  description = "Role with which ECS starts each service's tasks."
  value       = { for name, role in aws_iam_role.execution : name => role.arn }
}

output "ecr_repository_urls" {
  description = "URL of each image repository."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.repository_url }
}

output "ecr_repository_arns" {
  description = "ARN of each image repository."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.arn }
}

output "service_role_arns" {
  description = "Role of each service."
  value       = { for name, role in aws_iam_role.service : name => role.arn }
}

output "service_security_group_ids" {
  description = "Security group of each service that has network interfaces."
  value       = { for name, group in aws_security_group.service : name => group.id }
}

output "log_group_names" {
  description = "Log group of each service."
  value       = { for name, group in aws_cloudwatch_log_group.service : name => group.name }
}

output "eks_cluster_name" {
  description = "Name of the Kubernetes cluster; null without one."
  value       = one(aws_eks_cluster.this[*].name)
}

output "eks_cluster_arn" {
  description = "ARN of the Kubernetes cluster; null without one."
  value       = one(aws_eks_cluster.this[*].arn)
}

output "eks_cluster_endpoint" {
  description = "Address of the Kubernetes API; null without a cluster."
  value       = one(aws_eks_cluster.this[*].endpoint)
}

output "eks_cluster_certificate_authority" {
  description = "Certificate of the Kubernetes API's authority, in Base64; null without a cluster."
  value       = one(aws_eks_cluster.this[*].certificate_authority[0].data)
}

output "eks_cluster_version" {
  description = "Version of Kubernetes; null without a cluster."
  value       = one(aws_eks_cluster.this[*].version)
}

output "eks_cluster_security_group_id" {
  description = "Security group of the control plane, nodes and pods; null without a cluster."
  value       = one(aws_eks_cluster.this[*].vpc_config[0].cluster_security_group_id)
}

output "eks_namespace" {
  description = "Kubernetes namespace of the services; null without a cluster."
  value       = try(var.eks.namespace, null)
}

output "eks_oidc_provider_arn" {
  description = "IAM's provider of the cluster's OIDC issuer, for roles of service accounts; null without a cluster."
  value       = one(aws_iam_openid_connect_provider.cluster[*].arn)
}

output "eks_node_role_arn" {
  description = "Role of the nodes; null without node groups."
  value       = one(aws_iam_role.node[*].arn)
}

output "eks_pod_role_arns" {
  description = "Role of each entry of eks.pod_roles."
  value       = { for name, role in aws_iam_role.pod : name => role.arn }
}

output "eks_target_group_bindings" {
  description = "What a TargetGroupBinding of each EKS service with routes names: target group, port and health check path."
  value = {
    for name, service in local.bound_services : name => {
      target_group_arn  = var.target_group_arns[name]
      port              = service.port
      health_check_path = service.health_check_path
    }
  }
}

output "eks_service_environments" {
  description = "Environment variables of each EKS service's containers: names and addresses of what it uses."
  value       = { for name in keys(local.eks_services) : name => local.used_environment[name] }
}

output "eks_collector_config" {
  description = "Configuration (YAML) of an OpenTelemetry collector in the Kubernetes cluster, for the team's manifests; null without a cluster."
  value       = contains(local.collector_on, "eks") ? yamlencode(local.collector_configs["eks"]) : null
}

output "collector_config_parameter_arn" {
  description = "Parameter with the configuration of the collector beside containers; null: none."
  value       = one(aws_ssm_parameter.collector[*].arn)
}

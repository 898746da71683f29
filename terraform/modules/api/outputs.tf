output "http_api_id" {
  description = "Id of the HTTP API; null without one."
  value       = one(aws_apigatewayv2_api.http[*].id)
}

output "http_api_endpoint" {
  description = "URL of the HTTP API: its own domain where it has one."
  value       = local.http_domain != null ? "https://${local.http_domain.name}${local.http_domain.base_path == "" ? "" : "/"}${local.http_domain.base_path}" : one(aws_apigatewayv2_api.http[*].api_endpoint)
}

output "http_api_execution_arn" {
  description = "Execution ARN of the HTTP API, for permissions to invoke functions."
  value       = one(aws_apigatewayv2_api.http[*].execution_arn)
}

output "rest_api_id" {
  description = "Id of the REST API; null without one."
  value       = one(aws_api_gateway_rest_api.this[*].id)
}

output "rest_api_endpoint" {
  description = "URL of the REST API's stage: its own domain where it has one."
  value       = local.rest_domain != null ? "https://${local.rest_domain.name}${local.rest_domain.base_path == null ? "" : "/${local.rest_domain.base_path}"}" : one(aws_api_gateway_stage.rest[*].invoke_url)
}

output "rest_api_execution_arn" {
  description = "Execution ARN of the REST API, for permissions to invoke functions."
  value       = one(aws_api_gateway_rest_api.this[*].execution_arn)
}

output "rest_api_stage_name" {
  description = "Stage of the REST API."
  value       = one(aws_api_gateway_stage.rest[*].stage_name)
}

output "rest_api_key_ids" {
  description = "Id of each API key, by <usage plan>/<name>. Its value is read with `aws apigateway get-api-key --include-value`."
  value       = { for key, api_key in aws_api_gateway_api_key.this : key => api_key.id }
}

output "access_log_group_names" {
  description = "Log groups of the APIs' access logs: http, rest."
  value = merge(
    { for group in aws_cloudwatch_log_group.http : "http" => group.name },
    { for group in aws_cloudwatch_log_group.rest : "rest" => group.name },
  )
}

output "alb_arn" {
  description = "ARN of the application load balancer; null without one."
  value       = one(aws_lb.alb[*].arn)
}

output "alb_arn_suffix" {
  description = "Last part of its ARN, as in metrics."
  value       = one(aws_lb.alb[*].arn_suffix)
}

output "alb_dns_name" {
  description = "Host name of the application load balancer."
  value       = one(aws_lb.alb[*].dns_name)
}

output "alb_zone_id" {
  description = "Hosted zone of that name, for alias records."
  value       = one(aws_lb.alb[*].zone_id)
}

output "alb_security_group_id" {
  description = "Security group of the application load balancer, which containers admit."
  value       = one(aws_security_group.alb[*].id)
}

output "alb_listener_arn" {
  description = "The listener that clients talk to."
  value       = local.alb_listener_arn
}

output "alb_test_listener_arn" {
  description = "The listener on which new versions are tried; null when no deployment shifts traffic."
  value       = one(aws_lb_listener.test[*].arn)
}

output "alb_listener_rule_arns" {
  description = "ARNs of each container service's rules on the listener that clients talk to."
  value = {
    for service_name in keys(local.load_balanced) : service_name => concat(
      [for key, rule in local.steady_rules : aws_lb_listener_rule.steady[key].arn if rule.service == service_name],
      [for key, rule in local.shifted_rules : aws_lb_listener_rule.shifted[key].arn if rule.service == service_name && !rule.test],
    )
  }
}

output "alb_test_listener_rule_arns" {
  description = "ARNs of the rules on the test listener, of each service whose deployments shift traffic."
  value = {
    for service_name in local.shifted : service_name => [
      for key, rule in local.shifted_rules : aws_lb_listener_rule.shifted[key].arn if rule.service == service_name && rule.test
    ]
  }
}

output "target_group_arns" {
  description = "Target group (blue) of each container service with routes."
  value       = { for service_name in keys(local.load_balanced) : service_name => aws_lb_target_group.this["${service_name}/blue"].arn }
}

output "target_group_names" {
  description = "Name of the target group (blue) of each container service with routes."
  value       = { for service_name in keys(local.load_balanced) : service_name => aws_lb_target_group.this["${service_name}/blue"].name }
}

output "target_group_arn_suffixes" {
  description = "Last part of the ARN of each service's target group (blue), as in metrics."
  value       = { for service_name in keys(local.load_balanced) : service_name => aws_lb_target_group.this["${service_name}/blue"].arn_suffix }
}

output "green_target_group_arns" {
  description = "Second target group of each container service with routes, for the version that is to come."
  value       = { for service_name in keys(local.load_balanced) : service_name => aws_lb_target_group.this["${service_name}/green"].arn }
}

output "green_target_group_names" {
  description = "Name of the second target group of each container service with routes."
  value       = { for service_name in keys(local.load_balanced) : service_name => aws_lb_target_group.this["${service_name}/green"].name }
}

output "nlb_arn" {
  description = "ARN of the network load balancer; null without one."
  value       = one(aws_lb.nlb[*].arn)
}

output "nlb_dns_name" {
  description = "Host name of the network load balancer."
  value       = one(aws_lb.nlb[*].dns_name)
}

output "nlb_security_group_id" {
  description = "Security group of the network load balancer, which its targets admit."
  value       = one(aws_security_group.nlb[*].id)
}

output "nlb_target_group_arns" {
  description = "Target group of each listener of the network load balancer that targets addresses."
  value       = { for key, listener in local.nlb_listeners : key => aws_lb_target_group.nlb[key].arn if listener.target == "ip" }
}

output "access_log_bucket_name" {
  description = "Bucket of the load balancers' logs; null without one."
  value       = one(aws_s3_bucket.access_logs[*].bucket)
}

output "vpc_link_id" {
  description = "The HTTP API's VPC link; null when no container is behind it."
  value       = one(aws_apigatewayv2_vpc_link.this[*].id)
}

output "vpc_link_security_group_id" {
  description = "Security group of the VPC link."
  value       = one(aws_security_group.vpc_link[*].id)
}

output "certificate_arns" {
  description = "ARN of each certificate, once it is issued."
  value       = local.certificate_arns
}

output "zone_ids" {
  description = "Id of each hosted zone."
  value       = { for key, zone in aws_route53_zone.this : key => zone.zone_id }
}

output "zone_name_servers" {
  description = "Name servers of each public zone, to be named where its domain is registered."
  value       = { for key, zone in aws_route53_zone.this : key => zone.name_servers if !var.zones[key].private }
}

output "health_check_ids" {
  description = "Id of each health check."
  value       = { for key, check in aws_route53_health_check.this : key => check.id }
}

output "mesh_kind" {
  description = "service_connect, vpc_lattice, appmesh or none. Known when planning."
  value       = var.mesh.kind
}

output "service_connect_namespace_arn" {
  description = "Cloud Map namespace of ECS Service Connect; null with another mesh.kind."
  value       = var.mesh.kind == "service_connect" ? one(aws_service_discovery_http_namespace.mesh[*].arn) : null
}

output "lattice_service_network_arn" {
  description = "VPC Lattice service network; null with another mesh.kind."
  value       = one(aws_vpclattice_service_network.this[*].arn)
}

output "lattice_target_group_arns" {
  description = "VPC Lattice target group of each service in the service network; the compute layer registers targets in it."
  value       = { for service_name in local.lattice_services : service_name => aws_vpclattice_target_group.this[service_name].arn }
}

output "lattice_target_group_ids" {
  description = "Id of each service's VPC Lattice target group."
  value       = { for service_name in local.lattice_services : service_name => aws_vpclattice_target_group.this[service_name].id }
}

output "lattice_service_arns" {
  description = "ARN of each service of the service network, which its callers' policies name."
  value       = { for service_name in local.lattice_services : service_name => aws_vpclattice_service.this[service_name].arn }
}

output "lattice_service_urls" {
  description = "URL under which each service of the service network is called."
  value       = { for service_name in local.lattice_services : service_name => "https://${aws_vpclattice_service.this[service_name].dns_entry[0].domain_name}" }
}

output "mesh_name" {
  description = "App Mesh mesh; null with another mesh.kind."
  value       = one(aws_appmesh_mesh.this[*].name)
}

output "mesh_registry_arns" {
  description = "Cloud Map service in which each App Mesh node's addresses are registered."
  value       = { for service_name, registry in aws_service_discovery_service.mesh : service_name => registry.arn }
}

# What other layers made, by the names that their configuration gives it. Empty when the layer is not there.

variable "queue_names" {
  description = "Full name of each queue."
  type        = map(string)
  default     = {}
}

variable "dead_letter_queue_names" {
  description = "Full name of the dead-letter queue of each queue that has one."
  type        = map(string)
  default     = {}
}

variable "state_machine_arns" {
  description = "ARN of each state machine."
  type        = map(string)
  default     = {}
}

variable "table_names" {
  description = "Full name of each DynamoDB table."
  type        = map(string)
  default     = {}
}

variable "database_identifiers" {
  description = "Identifier of each RDS instance or Aurora cluster."
  type        = map(string)
  default     = {}
}

variable "database_kinds" {
  description = "Databases that are Aurora clusters rather than instances, by name: \"cluster\". Others: \"instance\"."
  type        = map(string)
  default     = {}
}

variable "cache_cluster_ids" {
  description = "Id of each cache's first node (CacheClusterId), of node-based caches."
  type        = map(string)
  default     = {}
}

variable "serverless_cache_names" {
  description = "Name of each ElastiCache Serverless cache."
  type        = map(string)
  default     = {}
}

variable "nat_gateway_ids" {
  description = "NAT gateways by zone."
  type        = map(string)
  default     = {}
}

variable "http_api_id" {
  description = "Id of the HTTP API."
  type        = string
  default     = null
}

variable "rest_api_name" {
  description = "Name of the REST API; its metrics go by the name. Null: <name prefix>-api-rest, as the api layer calls it."
  type        = string
  default     = null
}

variable "rest_api_stage_name" {
  description = "Stage of the REST API."
  type        = string
  default     = null
}

variable "alb_arn_suffix" {
  description = "What CloudWatch calls the load balancer: app/<name>/<id>."
  type        = string
  default     = null
}

variable "target_group_arn_suffixes" {
  description = "What CloudWatch calls each service's target group: targetgroup/<name>/<id>."
  type        = map(string)
  default     = {}
}

variable "ecs_cluster_name" {
  description = "Name of the ECS cluster. Null: <name prefix>-compute, as the compute layer calls it."
  type        = string
  default     = null
}

variable "ecs_service_names" {
  description = "Name of each ECS service. A service that is not named here is called <name prefix>-compute-<service>."
  type        = map(string)
  default     = {}
}

variable "function_names" {
  description = "Name of each function. A service that is not named here is called <name prefix>-compute-<service>."
  type        = map(string)
  default     = {}
}

variable "eks_cluster_name" {
  description = "Name of the EKS cluster. Null: <name prefix>-compute, as the compute layer calls it."
  type        = string
  default     = null
}

variable "eks_namespace" {
  description = "Kubernetes namespace that the services run in."
  type        = string
  default     = "default"
  nullable    = false
}

variable "log_group_names" {
  description = "Log group of each service. A service that is not named here has /<name prefix>/compute/<service>."
  type        = map(string)
  default     = {}
}

variable "flow_log_group_name" {
  description = "Log group of the VPC's flow logs."
  type        = string
  default     = null
}

variable "vpc_id" {
  description = "VPC of what runs in one: an OpenSearch domain, canaries, log delivery."
  type        = string
  default     = null
}

variable "vpc_cidr" {
  description = "IPv4 range of the VPC."
  type        = string
  default     = null
}

variable "private_subnet_ids" {
  description = "Subnets with a way out, in the order of the zones."
  type        = list(string)
  default     = []
}

variable "name" {
  description = "Full name of the pipeline."
  type        = string
}

variable "stack_prefix" {
  description = "What the names of its stacks begin with."
  type        = string
}

variable "function_prefix" {
  description = "What the names of services' functions begin with."
  type        = string
}

variable "settings" {
  description = "The pipeline as the layer's variable pipelines describes it."
  type        = any
}

variable "connection_arn" {
  description = "Connection that the source is read through. Null: from a bucket."
  type        = string
}

variable "projects" {
  description = "Builds that its actions can start: name and ARN of each CodeBuild project."
  type = map(object({
    name = string
    arn  = string
  }))
}

variable "deployments" {
  description = "CodeDeploy application, group and configuration of each service, and the alarms that roll it back."
  type = map(object({
    application   = string
    group         = string
    configuration = string
    alarms        = list(string)
  }))
}

variable "strategies" {
  description = "How traffic moves to a new version of each function, as CodePipeline names it."
  type        = map(string)
}

variable "pass_role_arns" {
  description = "Roles of ECS tasks that a deployment hands to new task definitions, by service."
  type        = map(list(string))
}

variable "bucket" {
  description = "Bucket of artifacts: its name and ARN."
  type = object({
    name = string
    arn  = string
  })
}

variable "kms_key_arn" {
  description = "KMS key of the artifacts."
  type        = string
}

variable "topic_arn" {
  description = "Topic that asks for approvals."
  type        = string
}

variable "messaging_kms_key_arn" {
  description = "KMS key of the topic."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the roles."
  type        = string
}

variable "account" {
  description = "Partition, region and account id of the pipeline."
  type = object({
    partition = string
    region    = string
    id        = string
  })
}

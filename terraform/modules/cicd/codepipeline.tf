# Pipelines: where a change comes from, and the stages it goes through.

locals {
  account = { partition = data.aws_partition.current.partition, region = var.region, id = var.account_id }

  # As CodePipeline's Lambda action writes CodeDeploy's strategies.
  function_strategies = {
    for name, deployment in local.deployments : name =>
    deployment.strategy == "canary" ? "Canary${deployment.percentage}Percent${deployment.interval_minutes}Minutes" :
    "Linear${deployment.percentage}PercentEvery${deployment.interval_minutes}Minute${deployment.interval_minutes == 1 ? "" : "s"}"
    if deployment.platform == "Lambda"
  }
}

module "pipeline" {
  source   = "./modules/pipeline"
  for_each = var.pipelines

  name                     = "${local.prefix}-${each.key}"
  stack_prefix             = "${local.prefix}-"
  function_prefix          = local.compute_prefix
  settings                 = each.value
  connection_arn           = try(aws_codeconnections_connection.this[each.value.source.connection].arn, null)
  projects                 = { for name, project in module.project : name => { name = project.name, arn = project.arn } }
  strategies               = local.function_strategies
  bucket                   = local.artifacts
  kms_key_arn              = var.kms_key_arn
  topic_arn                = one(aws_sns_topic.events[*].arn)
  messaging_kms_key_arn    = var.messaging_kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  account                  = local.account

  deployments = {
    for name, deployment in local.deployments : name => {
      application   = aws_codedeploy_app.this[name].name
      group         = "${local.prefix}-${name}"
      configuration = deployment.configuration
      alarms        = sort(deployment.alarm_names)
    }
  }

  pass_role_arns = local.task_roles
}

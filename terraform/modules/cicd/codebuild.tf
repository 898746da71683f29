# Build projects: those of the environment file, and those that run orchestrator itself.

locals {
  delivery_role_arns = var.delivery == null ? {} : {
    plan  = var.delivery.plan_role_arn != null ? var.delivery.plan_role_arn : try(var.deploy_role_arns["plan"], null)
    apply = var.delivery.apply_role_arn != null ? var.delivery.apply_role_arn : try(var.deploy_role_arns["apply"], null)
    drift = var.delivery.plan_role_arn != null ? var.delivery.plan_role_arn : try(var.deploy_role_arns["plan"], null)
  }

  delivery_commands = var.delivery == null ? {} : merge(
    {
      plan  = ["orchestrator plan --env ${var.delivery.environment}"]
      apply = ["orchestrator apply --env ${var.delivery.environment} --plan latest --yes"]
      test  = var.delivery.test_commands
    },
    { for name in keys(var.delivery.buildspecs) : name => [] if name == "drift" },
  )

  delivery_descriptions = {
    plan  = "Plans the environment, scans the plan and hands it on"
    apply = "Applies the plan that was handed on and approved"
    test  = "Checks the configuration and the code"
    drift = "Looks for what differs from the configuration"
  }

  # A profile instead of keys in the environment: the SDKs renew what they get through it.
  take_delivery_role = [
    "if [ -n \"$${DELIVERY_ROLE_ARN:-}\" ]; then aws configure set profile.delivery.role_arn \"$DELIVERY_ROLE_ARN\"; aws configure set profile.delivery.credential_source EcsContainer; export AWS_PROFILE=delivery; fi",
  ]

  delivery_projects = {
    for name, commands in local.delivery_commands : name => {
      description = local.delivery_descriptions[name]
      buildspec = contains(keys(var.delivery.buildspecs), name) ? var.delivery.buildspecs[name] : yamlencode(merge(
        {
          version = 0.2
          phases = {
            install   = local.install_phase
            pre_build = { commands = local.take_delivery_role }
            build     = { commands = commands }
          }
        },
        # The whole work tree goes on with the plan: what is applied is what was planned, file for file.
        name == "plan" ? { artifacts = { files = ["**/*"], "exclude-paths" = ["**/.terraform/**/*"] } } : {},
      ))
      environment = merge(
        { ORCHESTRATOR_ENV = var.delivery.environment },
        lookup(local.delivery_role_arns, name, null) == null ? {} : { DELIVERY_ROLE_ARN = local.delivery_role_arns[name] },
      )
      image                  = var.delivery.image
      architecture           = var.delivery.architecture
      compute_type           = var.delivery.compute_type
      timeout_minutes        = var.delivery.timeout_minutes
      queued_timeout_minutes = 480
      # Two that plan or apply one environment would wait for each other's locks.
      concurrent_builds = contains(["plan", "apply"], name) ? 1 : null
      cache             = "none"
      in_vpc            = var.delivery.in_vpc
    }
  }

  projects = merge(
    {
      for name, project in var.projects : name => {
        description            = project.description
        buildspec              = project.buildspec
        source                 = { type = project.source.type, location = project.source.location, version = project.source.version }
        image                  = project.image
        architecture           = project.architecture
        compute_type           = project.compute_type
        privileged             = project.privileged
        environment            = project.environment
        secrets                = project.secrets
        parameters             = project.parameters
        timeout_minutes        = project.timeout_minutes
        queued_timeout_minutes = project.queued_timeout_minutes
        concurrent_builds      = project.concurrent_builds
        cache                  = project.cache
        in_vpc                 = project.in_vpc
        assume_role_arns       = project.assume_role_arns
        managed_policy_arns    = project.managed_policy_arns
        policy_statements      = project.policy_statements
      }
    },
    {
      for name, project in local.delivery_projects : name => merge(project, {
        source              = { type = "codepipeline", location = null, version = null }
        privileged          = false
        secrets             = {}
        parameters          = {}
        assume_role_arns    = toset(compact([lookup(local.delivery_role_arns, name, null)]))
        managed_policy_arns = toset([])
        policy_statements   = []
      })
    },
  )
}

module "project" {
  source   = "./modules/project"
  for_each = local.projects

  name                     = "${local.prefix}-${each.key}"
  log_group_name           = "/${var.name_prefix}/cicd/${each.key}"
  settings                 = each.value
  uses_connection          = try(var.projects[each.key].source.connection, null) != null
  connection_arn           = try(aws_codeconnections_connection.this[var.projects[each.key].source.connection].arn, null)
  push_images_of           = try(var.projects[each.key].push_images_of, toset([]))
  publishes                = try(var.projects[each.key].publishes, toset([]))
  prepares                 = try(var.projects[each.key].prepares, toset([]))
  function_prefix          = local.compute_prefix
  repository_arns          = coalesce(var.ecr_repository_arns, {})
  bucket                   = local.artifacts
  kms_key_arn              = var.kms_key_arn
  logs_kms_key_arn         = var.logs_kms_key_arn
  secrets_kms_key_arn      = var.secrets_kms_key_arn
  log_retention_in_days    = var.log_retention_in_days
  permissions_boundary_arn = var.permissions_boundary_arn
  account                  = local.account
  vpc = {
    id                 = var.vpc_id
    subnet_ids         = coalesce(var.private_subnet_ids, [])
    security_group_ids = aws_security_group.builds[*].id
  }
}

# Builds in the VPC reach what they need over TLS and nothing reaches them.
resource "aws_security_group" "builds" {
  #checkov:skip=CKV2_AWS_5:Attached by vpc_config of the projects, in a module that the check does not follow it into
  count = anytrue([for project in values(local.projects) : project.in_vpc]) ? 1 : 0

  name        = "${local.prefix}-builds"
  description = "Builds of ${var.name_prefix}: out over TLS, nothing in"
  vpc_id      = var.vpc_id

  tags = {
    Name = "${local.prefix}-builds"
  }
}

resource "aws_vpc_security_group_egress_rule" "builds" {
  count = length(aws_security_group.builds)

  security_group_id = aws_security_group.builds[0].id
  description       = "TLS to registries, sources and AWS"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

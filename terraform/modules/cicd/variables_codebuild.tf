variable "projects" {
  description = <<-EOT
    CodeBuild projects by name.
      buildspec: inline YAML, or the path of a buildspec in the source
      source: codepipeline (a pipeline's action starts the build), none (the buildspec brings all), s3
        (location: bucket/key), github, gitlab, bitbucket (location: HTTPS address; connection: name in connections)
      compute_type: small, medium, large, xlarge, 2xlarge
      privileged: true only for builds that run a container engine
      environment: plain variables; secrets: variable to secret (ARN, or ARN:key); parameters: variable to name of
        an SSM parameter. The build may read just these.
      cache: none, local or s3
      concurrent_builds: how many builds may run at once; null is as many as the account allows
      push_images_of: services whose ECR repository the build may push to and pull from, and whose scans it may read
      publishes: services of runtime lambda whose code the build may put up as a new version, which answers nobody yet
      prepares: services of runtime ecs whose task definition the build reads, to make the next one of it
      assume_role_arns: roles the build may assume
      policy_statements: further statements of its role, each a JSON text; managed_policy_arns: policies attached
  EOT
  type = map(object({
    description = optional(string, "")
    buildspec   = optional(string)
    source = optional(object({
      type       = optional(string, "codepipeline")
      location   = optional(string)
      connection = optional(string)
      version    = optional(string)
    }), {})
    image                  = optional(string)
    architecture           = optional(string, "arm64")
    compute_type           = optional(string, "small")
    privileged             = optional(bool, false)
    environment            = optional(map(string), {})
    secrets                = optional(map(string), {})
    parameters             = optional(map(string), {})
    timeout_minutes        = optional(number, 30)
    queued_timeout_minutes = optional(number, 60)
    concurrent_builds      = optional(number)
    cache                  = optional(string, "none")
    in_vpc                 = optional(bool, false)
    push_images_of         = optional(set(string), [])
    publishes              = optional(set(string), [])
    prepares               = optional(set(string), [])
    assume_role_arns       = optional(set(string), [])
    managed_policy_arns    = optional(set(string), [])
    policy_statements      = optional(list(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.projects) : length("${var.name_prefix}-cicd-${name}-build") <= 64])
    error_message = "A role's name, ${var.name_prefix}-cicd-<name>-build here, has at most 64 characters; too long with one of ${join(", ", keys(var.projects))}."
  }

  validation {
    condition     = alltrue([for name in keys(var.projects) : can(regex("^[a-z][a-z0-9-]{0,29}$", name))])
    error_message = "A project's name has at most 30 lower-case letters, digits and hyphens; got ${join(", ", keys(var.projects))}."
  }

  validation {
    condition     = alltrue([for project in values(var.projects) : contains(["codepipeline", "none", "s3", "github", "gitlab", "bitbucket"], project.source.type)])
    error_message = "source.type is codepipeline, none, s3, github, gitlab or bitbucket; got ${join(", ", distinct([for project in values(var.projects) : project.source.type]))}."
  }

  validation {
    condition     = alltrue([for project in values(var.projects) : contains(["codepipeline", "none"], project.source.type) == (project.source.location == null)])
    error_message = "source.location is for the types s3, github, gitlab and bitbucket, which need it."
  }

  validation {
    condition = alltrue([
      for project in values(var.projects) : project.source.connection == null ? true :
      contains(["github", "gitlab", "bitbucket"], project.source.type) && contains(keys(var.connections), project.source.connection)
    ])
    error_message = "source.connection names an entry of connections, for the types github, gitlab and bitbucket; there are: ${join(", ", keys(var.connections))}."
  }

  validation {
    condition     = alltrue([for project in values(var.projects) : project.source.type != "none" || project.buildspec != null])
    error_message = "A project without a source needs an inline buildspec."
  }

  validation {
    condition = alltrue([
      for project in values(var.projects) :
      contains(["arm64", "x86_64"], project.architecture) && contains(["small", "medium", "large", "xlarge", "2xlarge"], project.compute_type)
    ])
    error_message = "architecture is arm64 or x86_64; compute_type is small, medium, large, xlarge or 2xlarge."
  }

  validation {
    condition     = alltrue([for project in values(var.projects) : contains(["none", "local", "s3"], project.cache)])
    error_message = "cache is none, local or s3; got ${join(", ", distinct([for project in values(var.projects) : project.cache]))}."
  }

  validation {
    condition = alltrue([
      for project in values(var.projects) : alltrue([
        project.timeout_minutes >= 5 && project.timeout_minutes <= 2160,
        project.queued_timeout_minutes >= 5 && project.queued_timeout_minutes <= 480,
        project.concurrent_builds == null ? true : project.concurrent_builds >= 1,
      ])
    ])
    error_message = "A project's timeout_minutes lies between 5 and 2160, queued_timeout_minutes between 5 and 480, concurrent_builds is at least 1."
  }

  validation {
    condition = alltrue(flatten([for project in values(var.projects) : concat(
      [for name in project.publishes : try(var.services[name].runtime, null) == "lambda"],
      [for name in project.prepares : try(var.services[name].runtime, null) == "ecs"],
    )]))
    error_message = "publishes names services of runtime lambda, prepares services of runtime ecs."
  }

  validation {
    condition     = alltrue(flatten([for project in values(var.projects) : [for text in project.policy_statements : can(jsondecode(text).Effect)]]))
    error_message = "policy_statements are the JSON texts of IAM policy statements."
  }
}

variable "delivery" {
  description = <<-EOT
    Projects plan, apply and test, and drift with a build spec of its own, that run orchestrator for this environment; take
    them as the projects of a pipeline's actions. Null: none.
      environment: name of the environment that is planned and applied
      buildspecs: paths of build specs in the source, by project, as `orchestrator pipelines generate` writes them; they
        take the place of the commands. A project without one runs the commands below.
      install_commands: what puts terraform and orchestrator on the build's PATH. Null: Terraform of terraform_version, its
        checksum verified, and orchestrator from the source tree (pip install .) with the Python 3.12 of AWS's images
      test_commands: what the test project runs
      plan_role_arn, apply_role_arn: roles that the builds assume to read and to change the account; null takes the
        auth layer's deploy roles, where there are any
  EOT
  type = object({
    environment       = string
    buildspecs        = optional(map(string), {})
    install_commands  = optional(list(string))
    terraform_version = optional(string, "1.11.4")
    test_commands     = optional(list(string), ["orchestrator config validate", "orchestrator scan"])
    plan_role_arn     = optional(string)
    apply_role_arn    = optional(string)
    image             = optional(string)
    architecture      = optional(string, "arm64")
    compute_type      = optional(string, "medium")
    timeout_minutes   = optional(number, 60)
    in_vpc            = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.delivery == null ? true : can(regex("^[a-z][a-z0-9-]*$", var.delivery.environment))
    error_message = "delivery.environment is the name of an environment."
  }

  validation {
    condition     = var.delivery == null ? true : can(regex("^1\\.(1[1-9]|[2-9][0-9])\\.[0-9]+$", var.delivery.terraform_version))
    error_message = "delivery.terraform_version is a version of Terraform from 1.11 on, such as 1.11.4; got \"${try(var.delivery.terraform_version, "")}\"."
  }

  validation {
    condition     = var.delivery == null ? true : alltrue([for name in keys(var.delivery.buildspecs) : contains(["plan", "apply", "test", "drift"], name)])
    error_message = "delivery.buildspecs are those of plan, apply, test and drift."
  }

  validation {
    condition     = var.delivery == null ? true : length(setintersection(keys(var.projects), ["plan", "apply", "test", "drift"])) == 0
    error_message = "delivery makes the projects plan, apply, test and drift; give yours other names."
  }
}

variable "deploy_role_arns" {
  description = "The auth layer's roles that read (plan) and change (apply) the account."
  type        = map(string)
  default     = null
}

variable "ecr_repository_arns" {
  description = "ARN of each service's ECR repository. Null: there are none."
  type        = map(string)
  default     = null
}

variable "log_retention_in_days" {
  description = "How long builds' logs are kept."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_in_days)
    error_message = "log_retention_in_days is one of the numbers that CloudWatch Logs takes (30, 90, 365, 731, …); got ${var.log_retention_in_days}."
  }
}

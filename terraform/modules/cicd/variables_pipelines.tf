variable "pipelines" {
  description = <<-EOT
    CodePipeline pipelines (type V2) by name.
      source: through a connection (connection, a name in connections; repository, owner/name; branch), or an object
        in a versioned bucket (bucket, key). full_clone hands on the repository with its history.
      triggers: what starts it when the source is a connection; none: any push to the branch. Each is push or
        pull_request, with glob patterns for branches, tags (push only) and file_paths.
      manual: true starts it by hand, or by its schedule, only
      schedule: starts it by the clock too, as EventBridge writes it: cron(0 3 * * ? *) (UTC) or rate(1 day)
      execution_mode: SUPERSEDED, QUEUED or PARALLEL
      variables: default values of the pipeline's variables
      stages: in order, after the source; on_failure is FAIL, RETRY or ROLLBACK. An action has a type and what it needs:
        approval       comment (1,000 characters at most), link; both may hold variables of an earlier action, as in
                       #{plan.REVIEW_SUMMARY}
        build, test    project (in projects, or plan, apply, test, drift of delivery), variables
        deploy_ecs     service (blue/green, canary, linear); the input holds taskdef.json, appspec.yaml and, with
                       image_artifact, imageDetail.json
        deploy_lambda  service; the input is its zip, or target_version names the version
        cloudformation stack (its name; created as <prefix>-cicd-<stack>), template (path in the input), parameters,
                       capabilities, action_mode, deploy_role_arn (role that CloudFormation works with)
      inputs, outputs: artifacts; the source's is "source", which is also the default input
  EOT
  type = map(object({
    source = object({
      connection = optional(string)
      repository = optional(string)
      branch     = optional(string, "main")
      full_clone = optional(bool, false)
      bucket     = optional(string)
      key        = optional(string)
    })
    manual         = optional(bool, false)
    schedule       = optional(string)
    execution_mode = optional(string, "SUPERSEDED")
    triggers = optional(list(object({
      event        = optional(string, "push")
      branches     = optional(object({ includes = optional(list(string), []), excludes = optional(list(string), []) }))
      tags         = optional(object({ includes = optional(list(string), []), excludes = optional(list(string), []) }))
      file_paths   = optional(object({ includes = optional(list(string), []), excludes = optional(list(string), []) }))
      pull_request = optional(list(string), ["OPEN", "UPDATED"])
    })), [])
    variables = optional(map(object({
      default_value = optional(string)
      description   = optional(string, "")
    })), {})
    stages = list(object({
      name       = string
      on_failure = optional(string)
      actions = list(object({
        name            = string
        type            = string
        order           = optional(number, 1)
        inputs          = optional(list(string))
        outputs         = optional(list(string), [])
        namespace       = optional(string)
        timeout_minutes = optional(number)
        comment         = optional(string)
        link            = optional(string)
        project         = optional(string)
        variables       = optional(map(string), {})
        service         = optional(string)
        image_artifact  = optional(string)
        target_version  = optional(string)
        stack           = optional(string)
        template        = optional(string, "template.yaml")
        parameters      = optional(map(string), {})
        capabilities    = optional(list(string), [])
        action_mode     = optional(string, "CREATE_UPDATE")
        deploy_role_arn = optional(string)
      }))
    }))
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.pipelines) : length("${var.name_prefix}-cicd-${name}-pipeline") <= 64])
    error_message = "A role's name, ${var.name_prefix}-cicd-<name>-pipeline here, has at most 64 characters; too long with one of ${join(", ", keys(var.pipelines))}."
  }

  validation {
    condition     = alltrue([for name in keys(var.pipelines) : can(regex("^[a-z][a-z0-9-]{0,29}$", name))])
    error_message = "A pipeline's name has at most 30 lower-case letters, digits and hyphens; got ${join(", ", keys(var.pipelines))}."
  }

  validation {
    condition = alltrue([
      for pipeline in values(var.pipelines) :
      pipeline.source.connection != null ?
      pipeline.source.repository != null && pipeline.source.bucket == null && pipeline.source.key == null :
      pipeline.source.bucket != null && pipeline.source.key != null && pipeline.source.repository == null
    ])
    error_message = "A pipeline's source is either connection and repository, or bucket and key."
  }

  validation {
    condition = alltrue([
      for pipeline in values(var.pipelines) : pipeline.source.connection == null ? true : contains(keys(var.connections), pipeline.source.connection)
    ])
    error_message = "source.connection names an entry of connections; there are: ${join(", ", keys(var.connections))}."
  }

  validation {
    condition     = alltrue([for pipeline in values(var.pipelines) : pipeline.source.repository == null ? true : can(regex("^[^/ ]+(/[^/ ]+)+$", pipeline.source.repository))])
    error_message = "source.repository is owner/name."
  }

  validation {
    condition     = alltrue([for pipeline in values(var.pipelines) : length(pipeline.triggers) == 0 || (pipeline.source.connection != null && !pipeline.manual)])
    error_message = "triggers are for a source that is a connection, and not for a manual pipeline."
  }

  validation {
    condition = alltrue(flatten([
      for pipeline in values(var.pipelines) : [
        for trigger in pipeline.triggers : contains(["push", "pull_request"], trigger.event) &&
        (trigger.event == "push" ? trigger.tags == null || (trigger.branches == null && trigger.file_paths == null) : trigger.tags == null && trigger.branches != null)
      ]
    ]))
    error_message = "A trigger's event is push (by tags, or by branches and file_paths) or pull_request (by branches, and file_paths)."
  }

  validation {
    condition     = alltrue([for pipeline in values(var.pipelines) : contains(["SUPERSEDED", "QUEUED", "PARALLEL"], pipeline.execution_mode)])
    error_message = "execution_mode is SUPERSEDED, QUEUED or PARALLEL; got ${join(", ", distinct([for pipeline in values(var.pipelines) : pipeline.execution_mode]))}."
  }

  validation {
    condition     = alltrue([for pipeline in values(var.pipelines) : pipeline.schedule == null ? true : can(regex("^(cron|rate)\\(.+\\)$", pipeline.schedule))])
    error_message = "A pipeline's schedule is cron(…) or rate(…), as EventBridge writes it."
  }

  # https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ApprovalAction.html
  validation {
    condition = alltrue(flatten([
      for pipeline in values(var.pipelines) : [
        for stage in pipeline.stages : [
          for action in stage.actions : action.type == "approval" ?
          length(coalesce(action.comment, "-")) <= 1000 && can(regex("^(https://|#\\{)", coalesce(action.link, "https://"))) :
          action.comment == null && action.link == null
        ]
      ]
    ]))
    error_message = "comment (1,000 characters at most) and link (https://…) are of an approval, and of no other action."
  }

  validation {
    condition     = alltrue([for pipeline in values(var.pipelines) : length(pipeline.stages) >= 1 && length(distinct(pipeline.stages[*].name)) == length(pipeline.stages)])
    error_message = "A pipeline has at least one stage after the source, and no two of one name."
  }

  validation {
    condition = alltrue(flatten([
      for pipeline in values(var.pipelines) : [
        for stage in pipeline.stages : stage.on_failure == null ? true : contains(["FAIL", "RETRY", "ROLLBACK"], stage.on_failure)
      ]
    ]))
    error_message = "A stage's on_failure is FAIL, RETRY or ROLLBACK."
  }

  validation {
    condition = alltrue(flatten([
      for pipeline in values(var.pipelines) : [
        for stage in pipeline.stages : stage.on_failure != "ROLLBACK" || pipeline.execution_mode != "PARALLEL"
      ]
    ]))
    error_message = "A pipeline in the execution mode PARALLEL can't roll back."
  }

  validation {
    condition = alltrue(flatten([
      for pipeline in values(var.pipelines) : [
        for stage in pipeline.stages : [
          for action in stage.actions : contains(["approval", "build", "test", "deploy_ecs", "deploy_lambda", "cloudformation"], action.type)
        ]
      ]
    ]))
    error_message = "An action's type is approval, build, test, deploy_ecs, deploy_lambda or cloudformation."
  }

  validation {
    condition = alltrue(flatten([
      for pipeline in values(var.pipelines) : [
        for stage in pipeline.stages : [
          for action in stage.actions : contains(["build", "test"], action.type) ?
          try(contains(concat(keys(var.projects), var.delivery == null ? [] : concat(["plan", "apply", "test"], [for name in keys(var.delivery.buildspecs) : name if name == "drift"])), action.project), false) : action.project == null
        ]
      ]
    ]))
    error_message = "An action of type build or test, and no other, names a project; there are: ${join(", ", concat(keys(var.projects), var.delivery == null ? [] : concat(["plan", "apply", "test"], [for name in keys(var.delivery.buildspecs) : name if name == "drift"])))}."
  }

  validation {
    condition = alltrue(flatten([
      for pipeline in values(var.pipelines) : [
        for stage in pipeline.stages : [
          for action in stage.actions :
          action.type == "deploy_ecs" ? contains([for name, service in var.services : name if service.runtime == "ecs" && service.deployment.strategy != "rolling"], coalesce(action.service, "-")) :
          action.type == "deploy_lambda" ? contains([for name, service in var.services : name if service.runtime == "lambda"], coalesce(action.service, "-")) :
          action.service == null
        ]
      ]
    ]))
    error_message = "deploy_ecs names a service of runtime ecs with a deployment.strategy other than rolling, deploy_lambda one of runtime lambda; other actions name none."
  }

  validation {
    condition = alltrue(flatten([
      for pipeline in values(var.pipelines) : [
        for stage in pipeline.stages : [
          for action in stage.actions : (action.type == "cloudformation") == (action.stack != null) &&
          contains(["CREATE_UPDATE", "REPLACE_ON_FAILURE", "DELETE_ONLY"], action.action_mode) && (action.type != "cloudformation" || action.deploy_role_arn != null)
        ]
      ]
    ]))
    error_message = "An action of type cloudformation names a stack and the deploy_role_arn that CloudFormation works with; action_mode is CREATE_UPDATE, REPLACE_ON_FAILURE or DELETE_ONLY."
  }
}

variable "stacks" {
  description = <<-EOT
    CloudFormation stacks by name.
      template_body: the template itself; template_file: its path, from the project's folder; template_url: its HTTPS
        address in S3. One of them.
      parameters: no secrets (they would be in the state): let the template resolve them,
        {{resolve:secretsmanager:…}}
      capabilities: CAPABILITY_IAM, CAPABILITY_NAMED_IAM, CAPABILITY_AUTO_EXPAND
      on_failure: what becomes of a stack that can't be created: ROLLBACK, DELETE or DO_NOTHING
      termination_protection: Terraform refuses to destroy or replace the stack; see the README for taking it off
      protect_resources: logical ids (* for all) that no update may replace or delete; policy_body: a stack policy of
        your own instead
      notification_arns: topics besides the layer's own
      role_arn: role that CloudFormation works with; or permissions: actions and resources that make one; neither:
        whoever runs Terraform
  EOT
  type = map(object({
    template_body          = optional(string)
    template_file          = optional(string)
    template_url           = optional(string)
    parameters             = optional(map(string), {})
    capabilities           = optional(set(string), [])
    on_failure             = optional(string, "ROLLBACK")
    timeout_minutes        = optional(number, 60)
    termination_protection = optional(bool, false)
    protect_resources      = optional(list(string), [])
    policy_body            = optional(string)
    notification_arns      = optional(set(string), [])
    role_arn               = optional(string)
    permissions = optional(list(object({
      actions   = list(string)
      resources = list(string)
    })), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.stacks) : length("${var.name_prefix}-cicd-${name}-stack") <= 64])
    error_message = "A role's name, ${var.name_prefix}-cicd-<name>-stack here, has at most 64 characters; too long with one of ${join(", ", keys(var.stacks))}."
  }

  validation {
    condition     = alltrue([for name in keys(var.stacks) : can(regex("^[a-z][a-z0-9-]{0,39}$", name))])
    error_message = "A stack's name has at most 40 lower-case letters, digits and hyphens; got ${join(", ", keys(var.stacks))}."
  }

  validation {
    condition     = alltrue([for stack in values(var.stacks) : length(compact([stack.template_body, stack.template_file, stack.template_url])) == 1])
    error_message = "A stack has one of template_body, template_file and template_url."
  }

  validation {
    condition = alltrue([
      for stack in values(var.stacks) : stack.template_body == null ? true : try(contains(keys(jsondecode(stack.template_body)), "Resources"), can(regex("(?m)^Resources:", stack.template_body)))
    ])
    error_message = "template_body is a CloudFormation template, in JSON or YAML, with Resources."
  }

  validation {
    condition     = alltrue([for stack in values(var.stacks) : stack.template_url == null ? true : can(regex("^https://[^/]*s3[^/]*/", stack.template_url))])
    error_message = "template_url is an HTTPS address in S3."
  }

  validation {
    condition     = alltrue([for stack in values(var.stacks) : length(setsubtract(stack.capabilities, ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"])) == 0])
    error_message = "capabilities are CAPABILITY_IAM, CAPABILITY_NAMED_IAM and CAPABILITY_AUTO_EXPAND."
  }

  validation {
    condition     = alltrue([for stack in values(var.stacks) : contains(["ROLLBACK", "DELETE", "DO_NOTHING"], stack.on_failure)])
    error_message = "on_failure is ROLLBACK, DELETE or DO_NOTHING."
  }

  validation {
    condition     = alltrue([for stack in values(var.stacks) : length(stack.protect_resources) == 0 || stack.policy_body == null])
    error_message = "A stack has protect_resources or a policy_body of its own, not both."
  }

  validation {
    condition     = alltrue([for stack in values(var.stacks) : stack.policy_body == null ? true : can(jsondecode(stack.policy_body).Statement)])
    error_message = "policy_body is the JSON text of a stack policy."
  }

  validation {
    condition     = alltrue([for stack in values(var.stacks) : length(stack.permissions) == 0 || stack.role_arn == null])
    error_message = "A stack has a role_arn or permissions that make a role, not both."
  }
}

variable "cdk_stacks" {
  description = <<-EOT
    Stacks that CDK apps were synthesised into, by <app>-<stack>; orchestrator fills this in from cdk_apps.
      template_file: path of the template, from the root module; assets: files that the template names, by their object
        key in the assets bucket (cdk_assets_bucket_name), each with its path from the root module
  EOT
  type = map(object({
    template_file          = string
    parameters             = optional(map(string), {})
    capabilities           = optional(set(string), [])
    termination_protection = optional(bool, false)
    assets                 = optional(map(string), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(setintersection(keys(var.cdk_stacks), keys(var.stacks))) == 0
    error_message = "A stack of a CDK app is called as one of stacks: ${join(", ", setintersection(keys(var.cdk_stacks), keys(var.stacks)))}."
  }
}

variable "files_root" {
  description = "Folder that template_file starts from. Null: the project's folder, three above this module."
  type        = string
  default     = null
}

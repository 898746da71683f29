variable "domains" {
  description = <<-EOT
    SageMaker domains, where people develop models, by name. Always in the VPC alone (VpcOnly).
      auth_mode: IAM or SSO (IAM Identity Center)
      retain_home_file_system: whether the users' files outlive the domain
      idle_timeout_minutes: 60 to 525600, after which an unused JupyterLab or code editor is stopped; 0: never.
        max_idle_timeout_minutes: what users may set it to
      instance_type: of a new JupyterLab or code editor; space_storage_gb, max_space_storage_gb: 5 to 16384
      docker: whether users may run containers in their apps
      hidden_apps, hidden_instance_types: what users don't see; at least one app, since SageMaker goes on hiding what was
        hidden when nothing is. The default are those of Studio Classic.
      lifecycle_scripts: by name, for the app JupyterLab or CodeEditor, the script that runs when it starts
      images: URIs of the images of their jobs
      train: whether users may start jobs (in the VPC only) with their role
      buckets: buckets of the data layer to read, write or read_write; all may use domains/<name>/ in the layer's own
      model_package_groups: where users register models; feature_groups: which they write
      policy_statements, managed_policy_arns: further statements (JSON texts) and policies of the domain's role
      user_profiles: by name; sso_user: user name in IAM Identity Center (for SSO); own_role: a role of the user's own
        instead of the domain's, with buckets and policy_statements besides
  EOT
  type = map(object({
    auth_mode                = optional(string, "IAM")
    retain_home_file_system  = optional(bool, true)
    idle_timeout_minutes     = optional(number, 120)
    max_idle_timeout_minutes = optional(number, 480)
    instance_type            = optional(string, "ml.t3.medium")
    space_storage_gb         = optional(number, 5)
    max_space_storage_gb     = optional(number, 100)
    docker                   = optional(bool, false)
    hidden_apps              = optional(set(string), ["JupyterServer", "KernelGateway"])
    hidden_instance_types    = optional(set(string), [])
    lifecycle_scripts        = optional(map(object({ app = optional(string, "JupyterLab"), content = string })), {})
    images                   = optional(set(string), [])
    train                    = optional(bool, true)
    buckets                  = optional(map(string), {})
    model_package_groups     = optional(set(string), [])
    feature_groups           = optional(set(string), [])
    policy_statements        = optional(list(string), [])
    managed_policy_arns      = optional(set(string), [])
    user_profiles = optional(map(object({
      sso_user          = optional(string)
      own_role          = optional(bool, false)
      buckets           = optional(map(string), {})
      policy_statements = optional(list(string), [])
    })), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.domains) : can(regex("^[a-z][a-z0-9-]*$", name)) && length("${var.name_prefix}-ml-domain-${name}") <= 63])
    error_message = "A domain's name has lower-case letters, digits and hyphens, and ${var.name_prefix}-ml-domain-<name> at most 63 characters; got ${join(", ", keys(var.domains))}."
  }

  validation {
    condition     = alltrue([for domain in values(var.domains) : contains(["IAM", "SSO"], domain.auth_mode)])
    error_message = "auth_mode is IAM or SSO; got ${join(", ", distinct([for domain in values(var.domains) : domain.auth_mode]))}."
  }

  validation {
    condition = alltrue([
      for domain in values(var.domains) : domain.idle_timeout_minutes == 0 ? true : alltrue([
        domain.idle_timeout_minutes >= 60,
        domain.idle_timeout_minutes <= domain.max_idle_timeout_minutes,
        domain.max_idle_timeout_minutes <= 525600,
      ])
    ])
    error_message = "idle_timeout_minutes is 0 (never), or 60 or more and at most max_idle_timeout_minutes, which is at most 525600."
  }

  validation {
    condition     = alltrue([for domain in values(var.domains) : domain.instance_type == "ml.geospatial.interactive" || can(regex(local.sagemaker_instance_types, domain.instance_type))])
    error_message = "A domain's instance_type is one of SageMaker's, such as ml.t3.medium; got ${join(", ", distinct([for domain in values(var.domains) : domain.instance_type]))}."
  }

  validation {
    condition = alltrue([
      for domain in values(var.domains) : length(domain.hidden_apps) > 0 && length(setsubtract(domain.hidden_apps, [
        "Canvas", "CodeEditor", "DetailedProfiler", "JupyterLab", "JupyterServer", "KernelGateway", "RSessionGateway", "RStudioServerPro", "TensorBoard",
      ])) == 0
    ])
    error_message = "hidden_apps has one or more of Canvas, CodeEditor, DetailedProfiler, JupyterLab, JupyterServer, KernelGateway, RSessionGateway, RStudioServerPro, TensorBoard; got ${join(", ", distinct(flatten([for domain in values(var.domains) : tolist(domain.hidden_apps)])))}."
  }

  validation {
    condition = alltrue([
      for domain in values(var.domains) : domain.space_storage_gb >= 5 && domain.space_storage_gb <= domain.max_space_storage_gb && domain.max_space_storage_gb <= 16384
    ])
    error_message = "space_storage_gb is 5 or more and at most max_space_storage_gb, which is at most 16384."
  }

  validation {
    condition     = alltrue(flatten([for domain in values(var.domains) : [for script in values(domain.lifecycle_scripts) : contains(["JupyterLab", "CodeEditor"], script.app) && length(script.content) <= 12288]]))
    error_message = "A lifecycle script is for the app JupyterLab or CodeEditor and has at most 12288 characters."
  }

  validation {
    condition = alltrue(flatten([
      for domain in values(var.domains) : [
        for bucket in concat(keys(domain.buckets), flatten([for user in values(domain.user_profiles) : keys(user.buckets)])) : contains(keys(coalesce(var.bucket_arns, {})), bucket)
      ]
    ]))
    error_message = "Buckets of a domain and its users are buckets of the data layer, which has ${join(", ", keys(coalesce(var.bucket_arns, {})))}; got ${join(", ", flatten([for domain in values(var.domains) : concat(keys(domain.buckets), flatten([for user in values(domain.user_profiles) : keys(user.buckets)]))]))}."
  }

  validation {
    condition = alltrue(flatten([
      for domain in values(var.domains) : [
        for access in concat(values(domain.buckets), flatten([for user in values(domain.user_profiles) : values(user.buckets)])) : contains(["read", "write", "read_write"], access)
      ]
    ]))
    error_message = "A bucket is to read, write or read_write."
  }

  validation {
    condition = alltrue([
      for domain in values(var.domains) : alltrue([
        length(setsubtract(domain.model_package_groups, keys(var.model_package_groups))) == 0,
        length(setsubtract(domain.feature_groups, keys(var.feature_groups))) == 0,
      ])
    ])
    error_message = "A domain's model_package_groups and feature_groups are entries of the variables of that name; there are: ${join(", ", concat(keys(var.model_package_groups), keys(var.feature_groups)))}."
  }

  validation {
    condition = alltrue(flatten([
      for name, domain in var.domains : [
        for user in keys(domain.user_profiles) : can(regex("^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$", user)) && length("${var.name_prefix}-ml-domain-${name}-${user}") <= 64
      ]
    ]))
    error_message = "A user profile's name has letters, digits and hyphens, and ${var.name_prefix}-ml-domain-<domain>-<name> at most 64 characters; got ${join(", ", flatten([for domain in values(var.domains) : keys(domain.user_profiles)]))}."
  }

  validation {
    condition     = alltrue(flatten([for domain in values(var.domains) : [for user in values(domain.user_profiles) : (domain.auth_mode == "SSO") == (user.sso_user != null)]]))
    error_message = "sso_user is for the users of a domain whose auth_mode is SSO, who need it."
  }

  validation {
    condition     = alltrue(flatten([for domain in values(var.domains) : [for user in values(domain.user_profiles) : user.own_role || length(user.buckets) + length(user.policy_statements) == 0]]))
    error_message = "A user's buckets and policy_statements need own_role: true; without it the user has the domain's role."
  }

  validation {
    condition = alltrue(flatten([
      for domain in values(var.domains) : [
        for text in concat(domain.policy_statements, flatten([for user in values(domain.user_profiles) : user.policy_statements])) : can(jsondecode(text).Effect)
      ]
    ]))
    error_message = "policy_statements are the JSON texts of IAM policy statements."
  }
}

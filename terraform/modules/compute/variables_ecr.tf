variable "repositories" {
  description = <<-EOT
    Further image repositories by name, beside those of services without an image of their own.
      keep_images: how many tagged images are kept.
      expire_untagged_days: when images that no tag names any more go.
      pull_account_ids: other accounts that may pull.
  EOT
  type = map(object({
    keep_images          = optional(number, 50)
    expire_untagged_days = optional(number, 7)
    pull_account_ids     = optional(set(string), [])
    force_delete         = optional(bool, false)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.repositories) : can(regex("^[a-z0-9]+([._-][a-z0-9]+)*$", name))])
    error_message = "A repository's name has lower-case letters and digits, with single separators; got ${join(", ", keys(var.repositories))}."
  }

  validation {
    condition     = alltrue([for repository in values(var.repositories) : repository.keep_images >= 1 && repository.expire_untagged_days >= 1])
    error_message = "keep_images and expire_untagged_days are at least 1."
  }

  validation {
    condition     = alltrue(flatten([for repository in values(var.repositories) : [for id in repository.pull_account_ids : can(regex("^[0-9]{12}$", id))]]))
    error_message = "pull_account_ids are account ids of 12 digits."
  }
}

variable "repository_force_delete" {
  description = "Whether destroying a service's repository destroys its images."
  type        = bool
  default     = false
  nullable    = false
}

variable "registry" {
  description = <<-EOT
    Settings of the account's registry in the region; one environment of an account has them. Null: left alone.
      enhanced_scanning: Amazon Inspector scans images when they are pushed, and goes on (billed by image).
      pull_through_caches: prefix → upstream registry (public.ecr.aws, quay.io, registry.k8s.io).
  EOT
  type = object({
    enhanced_scanning   = optional(bool, true)
    pull_through_caches = optional(map(string), {})
  })
  default = null

  validation {
    condition     = var.registry == null ? true : alltrue([for upstream in values(var.registry.pull_through_caches) : contains(["public.ecr.aws", "quay.io", "registry.k8s.io"], upstream)])
    error_message = "pull_through_caches fetch from registries that ask for no sign-in: public.ecr.aws, quay.io, registry.k8s.io."
  }

  validation {
    condition     = var.registry == null ? true : alltrue([for prefix in keys(var.registry.pull_through_caches) : can(regex("^[a-z0-9]([a-z0-9._-]{0,28}[a-z0-9])$", prefix))])
    error_message = "A prefix of pull_through_caches has 2 to 30 lower-case letters, digits and separators."
  }
}

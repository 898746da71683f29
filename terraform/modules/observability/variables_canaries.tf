variable "canaries" {
  description = <<-EOT
    Synthetics canaries by name.
      url: what is asked by the canary that comes with the layer: method, expected_status, contains.
      script: a canary of your own instead: a zip in S3 (bucket, key, version), and its handler.
      schedule: rate(...) or cron(...). in_vpc: whether it runs in the private subnets, to reach what is not public.
      latency_ms: the alarm's threshold for how long a run takes. Null: no such alarm.
  EOT
  type = map(object({
    url             = optional(string)
    method          = optional(string, "GET")
    expected_status = optional(number, 200)
    contains        = optional(string, "")
    script = optional(object({
      bucket  = string
      key     = string
      version = optional(string)
      handler = string
    }))
    runtime_version  = optional(string, "syn-nodejs-puppeteer-17.0")
    schedule         = optional(string, "rate(5 minutes)")
    timeout_seconds  = optional(number, 60)
    memory_mb        = optional(number, 960)
    environment      = optional(map(string), {})
    in_vpc           = optional(bool, false)
    tracing          = optional(bool, false)
    started          = optional(bool, true)
    success_percent  = optional(number, 90)
    latency_ms       = optional(number)
    retention_days   = optional(number, 31)
    read_secret_arns = optional(set(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.canaries) : can(regex("^[a-z][a-z0-9-]{0,20}$", name))])
    error_message = "A canary's name has at most 21 lower-case letters, digits and hyphens; got ${join(", ", keys(var.canaries))}."
  }

  validation {
    condition     = alltrue([for canary in values(var.canaries) : (canary.url == null) == (canary.script != null)])
    error_message = "A canary has either a url or a script: ${join(", ", [for name, canary in var.canaries : name if(canary.url == null) != (canary.script != null)])}."
  }

  validation {
    condition     = alltrue([for canary in values(var.canaries) : canary.url == null ? true : can(regex("^https?://", canary.url))])
    error_message = "url begins with https:// (or http://, inside the VPC); got ${join(", ", compact([for canary in values(var.canaries) : canary.url]))}."
  }

  validation {
    condition     = alltrue([for canary in values(var.canaries) : can(regex("^(rate|cron)\\(.+\\)$", canary.schedule))])
    error_message = "schedule is rate(...) or cron(...); got ${join(", ", [for canary in values(var.canaries) : canary.schedule])}."
  }

  validation {
    condition     = alltrue([for canary in values(var.canaries) : canary.timeout_seconds >= 3 && canary.timeout_seconds <= 840 && canary.memory_mb >= 960 && canary.memory_mb <= 3008 && canary.memory_mb % 64 == 0])
    error_message = "A canary runs for 3 to 840 seconds with 960 to 3008 MB, in steps of 64."
  }
}

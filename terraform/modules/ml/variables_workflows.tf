variable "workflows" {
  description = <<-EOT
    What happens to each object that is put into a bucket, by name: it is analysed, the results are kept in this layer's bucket and
    table, and a topic is told. The bucket sends its events to EventBridge (data: buckets.<name>.notifications.eventbridge).
      service: "textract" (documents), "comprehend" (texts) or "rekognition" (images and videos).
      bucket: one of the data layer's; prefix, suffixes: which of its objects. No suffixes: all.
      analyses: what is looked for.
        textract: one of "text", "forms", "tables", "layout", "signatures", "queries" (any of the last five together), or "expenses",
          or "lending" alone.
        comprehend: any of "entities", "key-phrases", "sentiment", "targeted-sentiment", "pii", "language".
        rekognition: any of "labels", "moderation", "text", "faces"; and "celebrities", for images.
      queries: questions to documents, by the alias under which the answer is found (textract, analysis "queries").
      language: of the texts (comprehend).
      media: "image" or "video" (rekognition); min_confidence: in percent, below which a finding is left out.
      poll_seconds: how often a job is asked whether it is done; timeout_minutes: when an execution is given up.
      results_retention_days: after which results are deleted. Null: kept.
      enabled: false stops new executions.
  EOT
  type = map(object({
    service                = string
    bucket                 = string
    prefix                 = optional(string, "")
    suffixes               = optional(set(string), [])
    analyses               = set(string)
    queries                = optional(map(string), {})
    language               = optional(string, "en")
    media                  = optional(string, "image")
    min_confidence         = optional(number, 80)
    poll_seconds           = optional(number, 15)
    timeout_minutes        = optional(number, 120)
    results_retention_days = optional(number)
    enabled                = optional(bool, true)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.workflows) : can(regex("^[a-z][a-z0-9-]{0,29}$", name))])
    error_message = "A workflow's name has at most 30 lower-case letters, digits and hyphens; got ${join(", ", keys(var.workflows))}."
  }

  validation {
    condition     = alltrue([for workflow in values(var.workflows) : contains(["textract", "comprehend", "rekognition"], workflow.service)])
    error_message = "A workflow's service is textract, comprehend or rekognition; got ${join(", ", [for name, workflow in var.workflows : "${workflow.service} (${name})" if !contains(["textract", "comprehend", "rekognition"], workflow.service)])}."
  }

  validation {
    condition = alltrue([
      for workflow in values(var.workflows) : length(workflow.analyses) > 0 && length(setsubtract(workflow.analyses, lookup(local.analyses_of, workflow.service, []))) == 0
    ])
    error_message = "Analyses are those of the service (textract: ${join(", ", local.analyses_of.textract)}; comprehend: ${join(", ", local.analyses_of.comprehend)}; rekognition: ${join(", ", local.analyses_of.rekognition)}); got ${join("; ", [for name, workflow in var.workflows : "${name}: ${join(", ", workflow.analyses)}"])}."
  }

  validation {
    condition     = alltrue([for workflow in values(var.workflows) : workflow.service == "textract" ? length(workflow.analyses) == 1 || length(setintersection(workflow.analyses, ["text", "expenses", "lending"])) == 0 : true])
    error_message = "Textract's text, expenses and lending are each analysed alone; look at ${join(", ", [for name, workflow in var.workflows : name if workflow.service == "textract"])}."
  }

  validation {
    condition     = alltrue([for workflow in values(var.workflows) : contains(workflow.analyses, "queries") == (length(workflow.queries) > 0) && length(workflow.queries) <= 30])
    error_message = "The analysis queries needs up to 30 queries, and queries need that analysis; look at ${join(", ", [for name, workflow in var.workflows : name if contains(workflow.analyses, "queries") != (length(workflow.queries) > 0)])}."
  }

  validation {
    condition     = alltrue([for workflow in values(var.workflows) : contains(["image", "video"], workflow.media) && !(workflow.media == "video" && contains(workflow.analyses, "celebrities"))])
    error_message = "media is image or video, and celebrities are looked for in images; look at ${join(", ", [for name, workflow in var.workflows : "${name} (${workflow.media})"])}."
  }

  validation {
    condition     = alltrue([for workflow in values(var.workflows) : contains(["ar", "de", "en", "es", "fr", "hi", "it", "ja", "ko", "pt", "zh", "zh-TW"], workflow.language)])
    error_message = "language is one that Comprehend reads, such as en or de; got ${join(", ", [for workflow in values(var.workflows) : workflow.language])}."
  }

  validation {
    condition     = alltrue([for workflow in values(var.workflows) : workflow.min_confidence >= 0 && workflow.min_confidence <= 100 && workflow.poll_seconds >= 1 && workflow.timeout_minutes >= 5])
    error_message = "min_confidence is a percentage, poll_seconds at least 1, timeout_minutes at least 5; look at ${join(", ", keys(var.workflows))}."
  }

  validation {
    condition     = length(var.workflows) == 0 || alltrue([for workflow in values(var.workflows) : try(contains(keys(var.bucket_names), workflow.bucket), false)])
    error_message = "A workflow's bucket is one of layers.data.variables.buckets; got ${join(", ", [for name, workflow in var.workflows : "${workflow.bucket} (${name})"])}."
  }
}

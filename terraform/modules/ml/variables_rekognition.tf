variable "face_collections" {
  description = "Collections of faces, which services index and search, by name."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.face_collections : can(regex("^[a-z][a-z0-9-]{0,62}$", name))])
    error_message = "A collection's name has lower-case letters, digits and hyphens; got ${join(", ", var.face_collections)}."
  }
}

variable "label_projects" {
  description = <<-EOT
    Rekognition projects by name: models that find what AWS's own don't know.
      feature: CUSTOM_LABELS, or CONTENT_MODERATION, which adapts AWS's moderation and can retrain itself (auto_update).
  EOT
  type = map(object({
    feature     = optional(string, "CUSTOM_LABELS")
    auto_update = optional(bool, false)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for project in values(var.label_projects) : contains(["CUSTOM_LABELS", "CONTENT_MODERATION"], project.feature) && (!project.auto_update || project.feature == "CONTENT_MODERATION")])
    error_message = "A project's feature is CUSTOM_LABELS or CONTENT_MODERATION, and only the latter has auto_update; look at ${join(", ", [for name, project in var.label_projects : "${name} (${project.feature})"])}."
  }
}

variable "stream_processors" {
  description = <<-EOT
    What Rekognition sees in video streams, by name; each has its Kinesis video stream. A processor is started by whoever needs it.
      search_faces: of a collection, at this similarity in percent; results go to a Kinesis data stream.
      labels: PERSON, PET, PACKAGE or ALL, from this confidence; results go to this layer's bucket and topic.
      retention_hours: of the video.
      acknowledge_closed_to_new_customers: must be true. AWS closed streaming video analysis to new customers on 2026-04-30;
        accounts that used it in the twelve months before keep it.
  EOT
  type = map(object({
    search_faces    = optional(object({ collection = string, threshold = optional(number, 90) }))
    labels          = optional(object({ names = set(string), min_confidence = optional(number, 80) }))
    retention_hours = optional(number, 24)

    acknowledge_closed_to_new_customers = optional(bool, false)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for processor in values(var.stream_processors) : (processor.search_faces == null) != (processor.labels == null)])
    error_message = "A stream processor has search_faces or labels, and not both; look at ${join(", ", [for name, processor in var.stream_processors : name if(processor.search_faces == null) == (processor.labels == null)])}."
  }

  validation {
    condition     = alltrue([for processor in values(var.stream_processors) : processor.search_faces == null ? true : contains(var.face_collections, processor.search_faces.collection)])
    error_message = "search_faces.collection is one of face_collections; got ${join(", ", [for name, processor in var.stream_processors : "${processor.search_faces.collection} (${name})" if processor.search_faces != null])}."
  }

  validation {
    condition     = alltrue([for processor in values(var.stream_processors) : processor.labels == null ? true : length(processor.labels.names) > 0 && length(setsubtract(processor.labels.names, ["PERSON", "PET", "PACKAGE", "ALL"])) == 0])
    error_message = "labels.names are PERSON, PET, PACKAGE or ALL; got ${join(", ", flatten([for processor in values(var.stream_processors) : tolist(processor.labels.names) if processor.labels != null]))}."
  }

  validation {
    condition     = alltrue([for processor in values(var.stream_processors) : processor.retention_hours >= 0 && processor.retention_hours <= 87600])
    error_message = "retention_hours lies between 0 and 87600."
  }

  validation {
    condition     = alltrue([for processor in values(var.stream_processors) : processor.acknowledge_closed_to_new_customers])
    error_message = "AWS closed Rekognition's streaming video analysis to new customers on 2026-04-30. Take pictures out of the video and give those to a workflow; where an account still has it, set acknowledge_closed_to_new_customers: true for ${join(", ", [for name, processor in var.stream_processors : name if !processor.acknowledge_closed_to_new_customers])}."
  }
}

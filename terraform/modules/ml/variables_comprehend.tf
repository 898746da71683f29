variable "document_classifiers" {
  description = <<-EOT
    Comprehend models that sort texts, by name. A change trains a new version, under a new version's name.
      mode: MULTI_CLASS (one class each) or MULTI_LABEL, whose classes label_delimiter divides.
      training: where the CSV file or folder lies; test: what it is measured with. Each is one of
        bucket, key: a bucket of the data layer; the objects have to be there before this layer is applied
        uri (s3://…), kms_key_arn: objects that are there already, and the key that they are encrypted with
        file: a file of the project, which is put into the layer's own bucket first
      in_vpc: train in the VPC's private subnets.
  EOT
  type = map(object({
    language        = optional(string, "en")
    mode            = optional(string, "MULTI_CLASS")
    label_delimiter = optional(string)
    training        = object({ bucket = optional(string), key = optional(string), uri = optional(string), kms_key_arn = optional(string), file = optional(string) })
    test            = optional(object({ bucket = optional(string), key = optional(string), uri = optional(string), kms_key_arn = optional(string), file = optional(string) }))
    version         = optional(string, "v1")
    in_vpc          = optional(bool, false)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name, model in var.document_classifiers : can(regex("^[a-zA-Z0-9](-?[a-zA-Z0-9])*$", "${name}-${model.version}"))])
    error_message = "Names and versions of classifiers have letters, digits and single hyphens; got ${join(", ", [for name, model in var.document_classifiers : "${name} ${model.version}"])}."
  }

  validation {
    condition     = alltrue([for model in values(var.document_classifiers) : contains(["MULTI_CLASS", "MULTI_LABEL"], model.mode) && (model.label_delimiter == null || model.mode == "MULTI_LABEL")])
    error_message = "mode is MULTI_CLASS or MULTI_LABEL, and only the latter has a label_delimiter; look at ${join(", ", [for name, model in var.document_classifiers : "${name} (${model.mode})"])}."
  }

  validation {
    condition     = alltrue([for model in values(var.document_classifiers) : contains(["de", "en", "es", "fr", "it", "pt"], model.language)])
    error_message = "A classifier's language is de, en, es, fr, it or pt; got ${join(", ", [for name, model in var.document_classifiers : "${model.language} (${name})"])}."
  }

  validation {
    condition = alltrue(flatten([for model in values(var.document_classifiers) : [
      for place in [model.training, model.test] : place == null ? true : (
        length(compact([place.bucket, place.uri, place.file])) == 1 && (place.key != null) == (place.bucket != null) &&
        (place.uri == null ? place.kms_key_arn == null : can(regex("^s3://[a-z0-9.-]{3,63}/.+$", place.uri)))
      )
    ]]))
    error_message = "document_classifiers: a place is a bucket with a key, an s3:// uri (with its kms_key_arn, if it has one), or a file; look at ${join(", ", keys(var.document_classifiers))}."
  }

  validation {
    condition = alltrue(flatten([for model in values(var.document_classifiers) : [
      for place in [model.training, model.test] : try(place.bucket, null) == null ? true : try(contains(keys(var.bucket_names), place.bucket), false)
    ]]))
    error_message = "The bucket of a place is one of layers.data.variables.buckets; got ${join(", ", [for name, model in var.document_classifiers : "${coalesce(model.training.bucket, "none")} (${name})"])}."
  }

  validation {
    condition     = alltrue([for model in values(var.document_classifiers) : !model.in_vpc || var.vpc_id != null])
    error_message = "in_vpc needs the network layer; look at ${join(", ", [for name, model in var.document_classifiers : name if model.in_vpc])}."
  }
}

variable "entity_recognizers" {
  description = <<-EOT
    Comprehend models that find entities of one's own in texts, by name.
      entity_types: what is found, up to 25 upper-case names.
      documents: where the texts lie; annotations or entity_list: what is known of them; places as those of classifiers.
  EOT
  type = map(object({
    language     = optional(string, "en")
    entity_types = set(string)
    documents    = object({ bucket = optional(string), key = optional(string), uri = optional(string), kms_key_arn = optional(string), file = optional(string) })
    annotations  = optional(object({ bucket = optional(string), key = optional(string), uri = optional(string), kms_key_arn = optional(string), file = optional(string) }))
    entity_list  = optional(object({ bucket = optional(string), key = optional(string), uri = optional(string), kms_key_arn = optional(string), file = optional(string) }))
    version      = optional(string, "v1")
    in_vpc       = optional(bool, false)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name, model in var.entity_recognizers : can(regex("^[a-zA-Z0-9](-?[a-zA-Z0-9])*$", "${name}-${model.version}"))])
    error_message = "Names and versions of recognizers have letters, digits and single hyphens; got ${join(", ", [for name, model in var.entity_recognizers : "${name} ${model.version}"])}."
  }

  validation {
    condition     = alltrue([for model in values(var.entity_recognizers) : length(model.entity_types) >= 1 && length(model.entity_types) <= 25 && alltrue([for type in model.entity_types : can(regex("^[A-Z][A-Z0-9_-]*$", type))])])
    error_message = "entity_types are 1 to 25 names in upper case, as in ORDER_NUMBER; look at ${join(", ", [for name, model in var.entity_recognizers : "${name} (${join(" ", model.entity_types)})"])}."
  }

  validation {
    condition     = alltrue([for model in values(var.entity_recognizers) : (model.annotations == null) != (model.entity_list == null)])
    error_message = "A recognizer has annotations or an entity_list, and not both; look at ${join(", ", [for name, model in var.entity_recognizers : name if(model.annotations == null) == (model.entity_list == null)])}."
  }

  validation {
    condition = alltrue(flatten([for model in values(var.entity_recognizers) : [
      for place in [model.documents, model.annotations, model.entity_list] : place == null ? true : (
        length(compact([place.bucket, place.uri, place.file])) == 1 && (place.key != null) == (place.bucket != null) &&
        (place.uri == null ? place.kms_key_arn == null : can(regex("^s3://[a-z0-9.-]{3,63}/.+$", place.uri)))
      )
    ]]))
    error_message = "entity_recognizers: a place is a bucket with a key, an s3:// uri (with its kms_key_arn, if it has one), or a file; look at ${join(", ", keys(var.entity_recognizers))}."
  }

  validation {
    condition = alltrue(flatten([for model in values(var.entity_recognizers) : [
      for place in [model.documents, model.annotations, model.entity_list] : try(place.bucket, null) == null ? true : try(contains(keys(var.bucket_names), place.bucket), false)
    ]]))
    error_message = "The bucket of a place is one of layers.data.variables.buckets; got ${join(", ", [for name, model in var.entity_recognizers : "${coalesce(model.documents.bucket, "none")} (${name})"])}."
  }

  validation {
    condition     = alltrue([for model in values(var.entity_recognizers) : !model.in_vpc || var.vpc_id != null])
    error_message = "in_vpc needs the network layer; look at ${join(", ", [for name, model in var.entity_recognizers : name if model.in_vpc])}."
  }
}

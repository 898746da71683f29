variable "schema_registries" {
  description = <<-EOT
    EventBridge schema registries by name, with the schemas of events that services agree on.
      schemas: by name, as in "shop.orders@OrderCreated"; content is an OpenAPI 3 or JSON Schema (draft 4) document as a
        text. A change makes a new version; old ones stay readable.
  EOT
  type = map(object({
    description = optional(string)
    schemas = optional(map(object({
      type        = optional(string, "OpenApi3")
      description = optional(string)
      content     = string
    })), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.schema_registries) : can(regex("^[0-9A-Za-z_.-]{1,40}$", name)) && length("${var.name_prefix}-messaging-${name}") <= 64])
    error_message = "A registry's name has letters, digits, dots, hyphens and underscores, and ${var.name_prefix}-messaging-<name> at most 64."
  }

  validation {
    condition = alltrue(flatten([
      for registry in values(var.schema_registries) : [
        for name, schema in registry.schemas : can(regex("^[0-9A-Za-z_.@-]{1,385}$", name)) && contains(["OpenApi3", "JSONSchemaDraft4"], schema.type)
      ]
    ]))
    error_message = "schema_registries: a schema's name has letters, digits and . - _ @, and its type is OpenApi3 or JSONSchemaDraft4."
  }

  validation {
    condition     = alltrue(flatten([for registry in values(var.schema_registries) : [for schema in values(registry.schemas) : can(keys(jsondecode(schema.content)))]]))
    error_message = "schema_registries: content is the text of a JSON object."
  }
}

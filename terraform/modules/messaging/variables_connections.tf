variable "connections" {
  description = <<-EOT
    Connections by name: how API destinations and pipes prove who they are to an HTTPS API.
      type: API_KEY, BASIC or OAUTH_CLIENT_CREDENTIALS.
      identity: the header of the key, the user name, or the client's id.
      secret (a name of the auth layer's secrets) or secret_arn, and secret_key: the secret and the key in its JSON text that
        hold the API key's value, the password or the client's secret. CloudFormation reads it when it makes the connection,
        so that it is in no plan and no state.
      secret_version: raise it after the secret has changed, so that the connection takes the new value.
      authorization_endpoint, authorization_method, oauth_body: of OAuth.
      headers: sent with every request; no secrets.
  EOT
  type = map(object({
    type                   = string
    description            = optional(string)
    identity               = string
    secret                 = optional(string)
    secret_arn             = optional(string)
    secret_key             = optional(string, "value")
    secret_version         = optional(number, 1)
    authorization_endpoint = optional(string)
    authorization_method   = optional(string, "POST")
    oauth_body             = optional(map(string), {})
    headers                = optional(map(string), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.connections) : can(regex("^[a-zA-Z][a-zA-Z0-9-]{0,30}$", name)) && length("${var.name_prefix}-messaging-${name}") <= 64])
    error_message = "A connection's name has at most 31 letters, digits and hyphens, and ${var.name_prefix}-messaging-<name> at most 64."
  }

  validation {
    condition     = alltrue([for connection in values(var.connections) : contains(["API_KEY", "BASIC", "OAUTH_CLIENT_CREDENTIALS"], connection.type)])
    error_message = "connections: type is API_KEY, BASIC or OAUTH_CLIENT_CREDENTIALS."
  }

  validation {
    condition     = alltrue([for connection in values(var.connections) : (connection.secret == null) != (connection.secret_arn == null)])
    error_message = "connections: a connection has either secret or secret_arn."
  }

  validation {
    condition     = alltrue([for connection in values(var.connections) : connection.secret == null ? true : contains(keys(coalesce(var.secret_arns, {})), connection.secret)])
    error_message = "connections: secret is a name of the auth layer's secrets; there are: ${join(", ", keys(coalesce(var.secret_arns, {})))}."
  }

  validation {
    condition = alltrue([
      for connection in values(var.connections) :
      (connection.type == "OAUTH_CLIENT_CREDENTIALS") == (connection.authorization_endpoint != null) && startswith(coalesce(connection.authorization_endpoint, "https://"), "https://")
    ])
    error_message = "connections: authorization_endpoint, an https:// address, goes with OAUTH_CLIENT_CREDENTIALS, which needs it."
  }
}

variable "api_destinations" {
  description = "API destinations by name: the HTTPS endpoint of a connection that rules and pipes send to, at most invocations_per_second (1 to 300)."
  type = map(object({
    connection             = string
    endpoint               = string
    method                 = optional(string, "POST")
    description            = optional(string)
    invocations_per_second = optional(number, 300)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for destination in values(var.api_destinations) : contains(keys(var.connections), destination.connection)])
    error_message = "api_destinations: connection is one of connections: ${join(", ", keys(var.connections))}."
  }

  validation {
    condition     = alltrue([for destination in values(var.api_destinations) : startswith(destination.endpoint, "https://")])
    error_message = "api_destinations: endpoint is an https:// address."
  }

  validation {
    condition     = alltrue([for destination in values(var.api_destinations) : contains(["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"], destination.method)])
    error_message = "api_destinations: method is DELETE, GET, HEAD, OPTIONS, PATCH, POST or PUT."
  }

  validation {
    condition     = alltrue([for destination in values(var.api_destinations) : destination.invocations_per_second >= 1 && destination.invocations_per_second <= 300])
    error_message = "api_destinations: invocations_per_second lies between 1 and 300."
  }
}

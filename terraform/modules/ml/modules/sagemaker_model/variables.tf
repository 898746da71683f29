variable "name" {
  description = "What the model's name begins with; the end tells its versions apart."
  type        = string
}

variable "role_arn" {
  description = "Role that loads the model."
  type        = string
}

variable "containers" {
  description = "Containers that serve it: one, or several that a request passes through."
  type = list(object({
    hostname          = string
    image             = string
    model_package_arn = string
    artifact          = string
    compressed        = bool
    environment       = map(string)
  }))
}

variable "isolated" {
  description = "Whether its containers are kept from the network."
  type        = bool
}

variable "vpc" {
  description = "Subnets and security groups. Null: outside of the VPC."
  type        = object({ subnet_ids = list(string), security_group_ids = list(string) })
}

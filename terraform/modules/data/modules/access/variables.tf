variable "name" {
  description = "Name of the security group; the clients' is <name>-client."
  type        = string
}

variable "vpc_id" {
  description = "VPC of both groups."
  type        = string
}

variable "ports" {
  description = "TCP ports that clients connect to, by what they are for."
  type        = map(number)
}

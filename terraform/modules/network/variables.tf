variable "name_prefix" {
  description = "Prefix of every name: <project>-<environment>."
  type        = string
  nullable    = false
}

variable "region" {
  description = "AWS region of the VPC."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "AWS account of the environment, 12 digits."
  type        = string
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the role of the flow logs. Null: none."
  type        = string
  default     = null
}

variable "logs_kms_key_arn" {
  description = "KMS key that encrypts the flow logs."
  type        = string
  nullable    = false
}

variable "vpc_cidr" {
  description = "IPv4 range of the VPC, /16 to /20. It is cut into 16 equal parts: see the README."
  type        = string
  nullable    = false

  validation {
    condition     = try(cidrhost(var.vpc_cidr, 0) == split("/", var.vpc_cidr)[0], false) && try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 20, false)
    error_message = "vpc_cidr is an IPv4 range between /16 and /20, as in 10.20.0.0/16, and names its first address; got \"${var.vpc_cidr}\"."
  }
}

variable "connected_cidrs" {
  description = <<-EOT
    IPv4 ranges of networks that this one is, or will be, connected with (peering, transit gateway, VPN), by name.
    Nothing is built from them: a range that overlaps with the VPC's is refused while it can still be chosen anew.
  EOT
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for cidr in values(var.connected_cidrs) : can(cidrhost(cidr, 0))])
    error_message = "connected_cidrs are IPv4 ranges, as in 10.30.0.0/16; got ${join(", ", [for name, cidr in var.connected_cidrs : "${cidr} (${name})" if !can(cidrhost(cidr, 0))])}."
  }

  # Two ranges overlap when their addresses agree in as many bits as the wider one has.
  validation {
    condition = alltrue([
      for cidr in values(var.connected_cidrs) : try(
        cidrhost("${split("/", cidr)[0]}/${min(split("/", cidr)[1], split("/", var.vpc_cidr)[1])}", 0)
        != cidrhost("${split("/", var.vpc_cidr)[0]}/${min(split("/", cidr)[1], split("/", var.vpc_cidr)[1])}", 0),
        true,
      )
    ])
    error_message = "The VPC's range ${var.vpc_cidr} overlaps with a connected network; look at ${join(", ", [for name, cidr in var.connected_cidrs : "${name} (${cidr})"])}."
  }
}

variable "availability_zones" {
  description = "Names of the availability zones, two to five. The order decides the subnets' ranges: append, never reorder."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.availability_zones) >= 2 && length(var.availability_zones) <= 5
    error_message = "A VPC spans two to five availability zones; got ${length(var.availability_zones)}."
  }

  validation {
    condition     = length(distinct(var.availability_zones)) == length(var.availability_zones)
    error_message = "Every availability zone is named once."
  }

  validation {
    condition     = alltrue([for zone in var.availability_zones : startswith(zone, var.region)])
    error_message = "The availability zones lie in the region ${var.region}; got ${join(", ", var.availability_zones)}."
  }
}

variable "nat_gateway_mode" {
  description = "one_per_az: the loss of a zone takes no other zone's way out; single: cheaper; none: no way out for private subnets."
  type        = string
  default     = "one_per_az"
  nullable    = false

  validation {
    condition     = contains(["one_per_az", "single", "none"], var.nat_gateway_mode)
    error_message = "nat_gateway_mode is one_per_az, single or none; got \"${var.nat_gateway_mode}\"."
  }
}

variable "gateway_endpoints" {
  description = "Services reached through gateway endpoints, which cost nothing: s3, dynamodb."
  type        = set(string)
  default     = ["s3", "dynamodb"]
  nullable    = false

  validation {
    condition     = length(setsubtract(var.gateway_endpoints, ["s3", "dynamodb"])) == 0
    error_message = "Gateway endpoints exist for s3 and dynamodb; name others in interface_endpoints."
  }
}

variable "interface_endpoints" {
  description = "Services reached through interface endpoints in the private subnets, by short name: ecr.api, logs, secretsmanager, …"
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for service in var.interface_endpoints : can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)*$", service)) && !startswith(service, "com.")])
    error_message = "Endpoints are named without com.amazonaws.<region>., as in \"ecr.api\"."
  }
}

variable "flow_log_retention_in_days" {
  description = "How long flow logs are kept; a value that CloudWatch Logs takes."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.flow_log_retention_in_days)
    error_message = "CloudWatch Logs keeps logs for certain numbers of days only, such as 30, 90, 365; got ${var.flow_log_retention_in_days}."
  }
}

variable "flow_log_traffic_type" {
  description = "ALL, ACCEPT or REJECT."
  type        = string
  default     = "ALL"
  nullable    = false

  validation {
    condition     = contains(["ALL", "ACCEPT", "REJECT"], var.flow_log_traffic_type)
    error_message = "flow_log_traffic_type is ALL, ACCEPT or REJECT."
  }
}

# The VPC and what AWS puts into it by default, closed.

locals {
  name = "${var.name_prefix}-network"

  # Position decides a zone's ranges, so a zone that is appended renumbers nothing.
  zones = { for index, zone in var.availability_zones : zone => index }
}

resource "aws_vpc" "this" {
  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = local.name }
}

# Without rules: whoever forgets to name a security group gets no traffic at all.
resource "aws_default_security_group" "closed" {
  vpc_id  = aws_vpc.this.id
  ingress = []
  egress  = []

  tags = { Name = "${local.name}-default-closed" }
}

# Without routes: a subnet that nobody associated reaches nothing outside the VPC.
resource "aws_default_route_table" "closed" {
  default_route_table_id = aws_vpc.this.default_route_table_id
  route                  = []

  tags = { Name = "${local.name}-default-closed" }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = local.name }
}

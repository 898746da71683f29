# The range is cut into 16 parts: private subnets take parts 0-4 (zone 1-5), isolated ones 5-9, public
# ones 10-14; part 15 stays free. Every part is known from the zone's position alone.

locals {
  part = { private = 0, isolated = 5, public = 10 }

  subnet_cidrs = {
    for tier, first in local.part : tier => {
      for zone, index in local.zones : zone => cidrsubnet(var.vpc_cidr, 4, first + index)
    }
  }
}

resource "aws_subnet" "public" {
  for_each = local.zones

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = local.subnet_cidrs.public[each.key]
  map_public_ip_on_launch = false

  tags = {
    Name                     = "${local.name}-public-${each.key}"
    Tier                     = "public"
    "kubernetes.io/role/elb" = "1"
  }
}

resource "aws_subnet" "private" {
  for_each = local.zones

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = local.subnet_cidrs.private[each.key]
  map_public_ip_on_launch = false

  tags = {
    Name                              = "${local.name}-private-${each.key}"
    Tier                              = "private"
    "kubernetes.io/role/internal-elb" = "1"
  }
}

resource "aws_subnet" "isolated" {
  for_each = local.zones

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = local.subnet_cidrs.isolated[each.key]
  map_public_ip_on_launch = false

  tags = {
    Name = "${local.name}-isolated-${each.key}"
    Tier = "isolated"
  }
}

# Databases live in the isolated tier; even a wrong security group lets nobody outside the VPC in.
resource "aws_network_acl" "isolated" {
  vpc_id     = aws_vpc.this.id
  subnet_ids = [for zone in var.availability_zones : aws_subnet.isolated[zone].id]

  ingress {
    rule_no    = 100
    protocol   = "-1"
    action     = "allow"
    cidr_block = var.vpc_cidr
    from_port  = 0
    to_port    = 0
  }

  egress {
    rule_no    = 100
    protocol   = "-1"
    action     = "allow"
    cidr_block = var.vpc_cidr
    from_port  = 0
    to_port    = 0
  }

  tags = { Name = "${local.name}-isolated" }
}

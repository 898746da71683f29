output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "vpc_cidr" {
  description = "IPv4 range of the VPC."
  value       = aws_vpc.this.cidr_block
}

output "availability_zones" {
  description = "The availability zones, in the order of the subnets."
  value       = var.availability_zones
}

output "public_subnet_ids" {
  description = "Public subnets, in the order of the zones."
  value       = [for zone in var.availability_zones : aws_subnet.public[zone].id]
}

output "private_subnet_ids" {
  description = "Private subnets (a way out through NAT), in the order of the zones."
  value       = [for zone in var.availability_zones : aws_subnet.private[zone].id]
}

output "isolated_subnet_ids" {
  description = "Isolated subnets (no way out), in the order of the zones."
  value       = [for zone in var.availability_zones : aws_subnet.isolated[zone].id]
}

output "subnet_ids_by_zone" {
  description = "Subnet by tier and zone."
  value = {
    public   = { for zone, subnet in aws_subnet.public : zone => subnet.id }
    private  = { for zone, subnet in aws_subnet.private : zone => subnet.id }
    isolated = { for zone, subnet in aws_subnet.isolated : zone => subnet.id }
  }
}

output "private_subnet_cidrs" {
  description = "Ranges of the private subnets, in the order of the zones."
  value       = [for zone in var.availability_zones : local.subnet_cidrs.private[zone]]
}

output "route_table_ids" {
  description = "Route tables: public, isolated, and private by zone."
  value = {
    public   = aws_route_table.public.id
    isolated = aws_route_table.isolated.id
    private  = { for zone, table in aws_route_table.private : zone => table.id }
  }
}

output "nat_public_ips" {
  description = "Addresses that private subnets are seen from outside with, by zone."
  value       = { for zone, address in aws_eip.nat : zone => address.public_ip }
}

output "gateway_endpoint_ids" {
  description = "Gateway endpoints by service."
  value       = { for service, endpoint in aws_vpc_endpoint.gateway : service => endpoint.id }
}

output "interface_endpoint_ids" {
  description = "Interface endpoints by service."
  value       = { for service, endpoint in aws_vpc_endpoint.interface : service => endpoint.id }
}

output "endpoint_security_group_id" {
  description = "Security group of the interface endpoints."
  value       = aws_security_group.endpoints.id
}

output "flow_log_group_name" {
  description = "Log group of the flow logs."
  value       = aws_cloudwatch_log_group.flow.name
}

output "nat_gateway_ids" {
  description = "NAT gateways by zone."
  value       = { for zone, gateway in aws_nat_gateway.this : zone => gateway.id }
}

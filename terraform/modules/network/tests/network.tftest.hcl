mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

variables {
  name_prefix        = "shop-test"
  region             = "eu-west-1"
  account_id         = "123456789012"
  logs_kms_key_arn   = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  vpc_cidr           = "10.20.0.0/16"
  availability_zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
}

run "three_tiers_over_three_zones_with_a_nat_gateway_each" {
  command = plan

  assert {
    condition     = length(aws_subnet.public) == 3 && length(aws_subnet.private) == 3 && length(aws_subnet.isolated) == 3
    error_message = "each tier has a subnet in each zone"
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 3 && local.nat_zone_of["eu-west-1b"] == "eu-west-1b"
    error_message = "each zone has its own way out"
  }
  assert {
    condition     = alltrue([for subnet in aws_subnet.public : subnet.map_public_ip_on_launch == false])
    error_message = "nothing gets a public address by being started"
  }
  assert {
    condition     = aws_subnet.private["eu-west-1a"].cidr_block == "10.20.0.0/20" && aws_subnet.public["eu-west-1c"].cidr_block == "10.20.192.0/20"
    error_message = "ranges follow from tier and zone"
  }
  assert {
    condition     = length(distinct(flatten([for tier in local.subnet_cidrs : values(tier)]))) == 9
    error_message = "no two subnets share a range"
  }
}

run "a_zone_that_is_appended_renumbers_nothing" {
  command = plan

  variables {
    availability_zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c", "eu-west-1d"]
  }

  assert {
    condition     = aws_subnet.private["eu-west-1a"].cidr_block == "10.20.0.0/20" && aws_subnet.public["eu-west-1c"].cidr_block == "10.20.192.0/20"
    error_message = "existing ranges stay"
  }
}

run "a_single_nat_gateway_serves_all_zones" {
  command = plan

  variables {
    nat_gateway_mode = "single"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.private_nat) == 3
    error_message = "one gateway, a route in every zone's table"
  }
  assert {
    condition     = alltrue([for zone in values(local.nat_zone_of) : zone == "eu-west-1a"])
    error_message = "every zone goes out through the first"
  }
}

run "without_nat_private_subnets_have_no_way_out" {
  command = plan

  variables {
    nat_gateway_mode = "none"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_eip.nat) == 0 && length(aws_route.private_nat) == 0
    error_message = "neither gateways, nor addresses, nor routes"
  }
}

run "defaults_are_closed" {
  command = plan

  assert {
    condition     = length(aws_default_security_group.closed.ingress) == 0 && length(aws_default_security_group.closed.egress) == 0
    error_message = "the default security group has no rules"
  }
  assert {
    condition     = length(aws_default_route_table.closed.route) == 0
    error_message = "the default route table has no routes"
  }
  assert {
    condition     = aws_cloudwatch_log_group.flow.kms_key_id == var.logs_kms_key_arn && aws_flow_log.this.traffic_type == "ALL"
    error_message = "all traffic is logged, encrypted with the logs' key"
  }
}

run "endpoints_let_only_this_account_through" {
  command = plan

  variables {
    interface_endpoints = ["ecr.api", "logs"]
  }

  assert {
    condition     = toset(keys(aws_vpc_endpoint.gateway)) == toset(["s3", "dynamodb"]) && toset(keys(aws_vpc_endpoint.interface)) == toset(["ecr.api", "logs"])
    error_message = "gateway endpoints by default, interface endpoints as asked for"
  }
  assert {
    condition     = aws_vpc_endpoint.interface["ecr.api"].service_name == "com.amazonaws.eu-west-1.ecr.api" && aws_vpc_endpoint.interface["ecr.api"].private_dns_enabled
    error_message = "the service's own name resolves to the endpoint"
  }
  assert {
    condition     = one(data.aws_iam_policy_document.endpoint.statement[0].condition).variable == "aws:PrincipalAccount"
    error_message = "the endpoint policy is bound to the account"
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoints_https.cidr_ipv4 == "10.20.0.0/16" && aws_vpc_security_group_ingress_rule.endpoints_https.from_port == 443
    error_message = "endpoints take HTTPS from the VPC only"
  }
}

run "a_range_that_is_too_small_is_refused" {
  command         = plan
  expect_failures = [var.vpc_cidr]

  variables {
    vpc_cidr = "10.20.0.0/24"
  }
}

run "zones_of_another_region_are_refused" {
  command         = plan
  expect_failures = [var.availability_zones]

  variables {
    availability_zones = ["us-east-1a", "us-east-1b"]
  }
}

run "an_unknown_nat_mode_is_refused" {
  command         = plan
  expect_failures = [var.nat_gateway_mode]

  variables {
    nat_gateway_mode = "two"
  }
}

run "interface_endpoints_are_named_by_their_short_name" {
  command         = plan
  expect_failures = [var.interface_endpoints]

  variables {
    interface_endpoints = ["com.amazonaws.eu-west-1.logs"]
  }
}

run "neighbours_that_do_not_overlap_are_taken" {
  command = plan

  variables {
    connected_cidrs = { office = "10.21.0.0/16", home = "192.168.0.0/24" }
  }
}

run "a_range_that_overlaps_with_a_connected_network_is_refused" {
  command         = plan
  expect_failures = [var.connected_cidrs]

  variables {
    connected_cidrs = { office = "10.20.128.0/24" }
  }
}

run "a_range_that_names_another_address_than_its_first_is_refused" {
  command         = plan
  expect_failures = [var.vpc_cidr]

  variables {
    vpc_cidr = "10.20.1.0/16"
  }
}

run "prod_settings" {
  command = plan

  variables {
    connected_cidrs            = { dev = "10.30.0.0/16" }
    nat_gateway_mode           = "one_per_az"
    interface_endpoints        = ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "kms", "sts", "guardduty-data"]
    flow_log_retention_in_days = 731
    permissions_boundary_arn   = "arn:aws:iam::123456789012:policy/shop-test-auth-boundary"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 3 && aws_cloudwatch_log_group.flow.retention_in_days == 731 && length(aws_vpc_endpoint.interface) == 7
    error_message = "the loss of a zone takes no other zone's way out"
  }
  assert {
    condition     = aws_iam_role.flow.permissions_boundary == var.permissions_boundary_arn
    error_message = "the role of the flow logs is below the boundary"
  }
  assert {
    condition     = contains(flatten([for s in data.aws_iam_policy_document.flow_write.statement : tolist(s.actions)]), "logs:DescribeLogGroups")
    error_message = "flow logs find their group"
  }
}

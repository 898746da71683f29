# Services in VPC Lattice's service network, which the layer api makes: their targets are registered here, callers may
# invoke them, and are told where.

locals {
  # Not pods: no controller binds them to a target group that it did not make itself.
  lattice_targets = var.mesh_kind != "vpc_lattice" || var.lattice_target_group_arns == null ? {} : {
    for name, service in var.services : name => var.lattice_target_group_arns[name]
    if service.runtime != "eks" && contains(keys(var.lattice_target_group_arns), name)
  }

  # What each service calls through the service network. Functions outside the VPC have no way there.
  lattice_calls = {
    for name, service in var.services : name => setintersection(
      service.runtime == "lambda" && !service.in_vpc ? [] : service.uses.services,
      keys(local.lattice_targets),
    )
  }

  lattice_containers = { for name, arn in local.lattice_targets : name => arn if contains(keys(local.ecs_services), name) }
  lattice_functions  = { for name, arn in local.lattice_targets : name => arn if contains(keys(local.lambda_services), name) }
}

# ECS registers and deregisters tasks as this role.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html
data "aws_iam_policy_document" "infrastructure_trust" {
  count = length(local.lattice_containers) > 0 ? 1 : 0

  statement {
    sid     = "EcsManagesInfrastructure"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "infrastructure" {
  count = length(local.lattice_containers) > 0 ? 1 : 0

  name                 = "${local.prefix}-ecs-infrastructure"
  description          = "Registers tasks in VPC Lattice"
  assume_role_policy   = data.aws_iam_policy_document.infrastructure_trust[0].json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "infrastructure" {
  count = length(local.lattice_containers) > 0 ? 1 : 0

  role       = aws_iam_role.infrastructure[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/AmazonECSInfrastructureRolePolicyForVpcLattice"
}

# Requests and health checks come from addresses of VPC Lattice's own.
# https://docs.aws.amazon.com/vpc-lattice/latest/ug/security-groups.html
data "aws_ec2_managed_prefix_list" "lattice" {
  count = length(local.lattice_containers) > 0 ? 1 : 0

  name = "com.amazonaws.${var.region}.vpc-lattice"
}

resource "aws_vpc_security_group_ingress_rule" "lattice" {
  for_each = local.lattice_containers

  security_group_id = aws_security_group.service[each.key].id
  description       = "From VPC Lattice"
  ip_protocol       = "tcp"
  from_port         = var.services[each.key].port
  to_port           = var.services[each.key].port
  prefix_list_id    = data.aws_ec2_managed_prefix_list.lattice[0].id
}

# https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html
resource "aws_lambda_permission" "lattice" {
  for_each = local.lattice_functions

  statement_id  = "vpc-lattice"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this[each.key].function_name
  qualifier     = local.aliases[each.key].name
  principal     = "vpc-lattice.amazonaws.com"
  source_arn    = each.value
}

resource "aws_vpclattice_target_group_attachment" "function" {
  for_each = local.lattice_functions

  target_group_identifier = each.value

  target {
    id = local.aliases[each.key].arn
  }

  depends_on = [aws_lambda_permission.lattice]
}

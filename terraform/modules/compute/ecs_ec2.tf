# Instances of one's own, by setting: as many as tasks need, replaced rather than mended.

locals {
  ec2 = local.ecs_enabled ? var.ecs.ec2 : null
}

data "aws_iam_policy_document" "instance_trust" {
  count = local.ec2 == null ? 0 : 1

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "instance" {
  count = local.ec2 == null ? 0 : 1

  name                 = "${local.prefix}-ecs-instance"
  description          = "Instances that run containers"
  assume_role_policy   = data.aws_iam_policy_document.instance_trust[0].json
  permissions_boundary = var.permissions_boundary_arn
}

# ECS's agent, and a shell through Systems Manager instead of SSH; AWS keeps these policies.
resource "aws_iam_role_policy_attachment" "instance" {
  for_each = local.ec2 == null ? toset([]) : toset(["service-role/AmazonEC2ContainerServiceforEC2Role", "AmazonSSMManagedInstanceCore"])

  role       = aws_iam_role.instance[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.key}"
}

resource "aws_iam_instance_profile" "instance" {
  count = local.ec2 == null ? 0 : 1

  name = "${local.prefix}-ecs-instance"
  role = aws_iam_role.instance[0].name
}

resource "aws_security_group" "instance" {
  count = local.ec2 == null ? 0 : 1

  name_prefix = "${local.prefix}-ecs-instance-"
  description = "Instances that run containers; tasks have groups of their own"
  vpc_id      = var.vpc_id

  tags = {
    Name = "${local.prefix}-ecs-instance"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_egress_rule" "instance_https" {
  count = local.ec2 == null ? 0 : 1

  security_group_id = aws_security_group.instance[0].id
  description       = "HTTPS: ECS, images, Systems Manager"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_launch_template" "instance" {
  count = local.ec2 == null ? 0 : 1

  name_prefix            = "${local.prefix}-ecs-"
  description            = "Instances that run containers"
  image_id               = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/${local.ec2.architecture == "arm64" ? "arm64/" : ""}recommended/image_id"
  update_default_version = true
  vpc_security_group_ids = [aws_security_group.instance[0].id]

  iam_instance_profile {
    arn = aws_iam_instance_profile.instance[0].arn
  }

  # Containers can't reach the instance's own credentials: their answers end after one hop.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  monitoring {
    enabled = true
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = local.ec2.volume_gib
      encrypted             = true
      kms_key_id            = var.kms_key_arn
      delete_on_termination = true
    }
  }

  user_data = base64encode(join("\n", [
    "#!/bin/sh",
    "cat >> /etc/ecs/ecs.config <<'SETTINGS'",
    "ECS_CLUSTER=${local.prefix}",
    "ECS_AWSVPC_BLOCK_IMDS=true",
    "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true",
    "SETTINGS",
    "",
  ]))
}

resource "aws_autoscaling_group" "instance" {
  count = local.ec2 == null ? 0 : 1

  name_prefix           = "${local.prefix}-ecs-"
  min_size              = local.ec2.min_size
  max_size              = local.ec2.max_size
  vpc_zone_identifier   = var.private_subnet_ids
  protect_from_scale_in = true # ECS says which instance is empty
  health_check_type     = "EC2"
  max_instance_lifetime = 2592000

  mixed_instances_policy {
    launch_template {
      launch_template_specification {
        launch_template_id = aws_launch_template.instance[0].id
        version            = aws_launch_template.instance[0].latest_version
      }

      dynamic "override" {
        for_each = local.ec2.instance_types

        content {
          instance_type = override.value
        }
      }
    }
  }

  tag {
    key                 = "Name"
    value               = "${local.prefix}-ecs"
    propagate_at_launch = true
  }

  tag {
    key                 = "AmazonECSManaged"
    value               = "true"
    propagate_at_launch = true
  }

  lifecycle {
    create_before_destroy = true
    ignore_changes        = [desired_capacity]
  }
}

resource "aws_ecs_capacity_provider" "ec2" {
  count = local.ec2 == null ? 0 : 1

  name = "${local.prefix}-ec2"

  auto_scaling_group_provider {
    auto_scaling_group_arn         = aws_autoscaling_group.instance[0].arn
    managed_termination_protection = "ENABLED"
    managed_draining               = "ENABLED"

    managed_scaling {
      status          = "ENABLED"
      target_capacity = 90
    }
  }
}

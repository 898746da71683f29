# Nothing calls a model's container but SageMaker, which does not come through the VPC: out over TLS, and in from none but
# the other instances of the same job.

locals {
  models_in_vpc = length([for model in values(var.models) : model if model.hosting == "instances"]) > 0
  has_jobs      = length(var.pipelines) > 0 || local.models_in_vpc
}

resource "aws_security_group" "sagemaker" {
  #checkov:skip=CKV2_AWS_5:Attached by the models' vpc_config and by the jobs of pipelines, which the check does not know
  count = local.has_jobs ? 1 : 0

  name        = "${local.prefix}-sagemaker"
  description = "Models and jobs of ${local.prefix}: out over TLS, in from each other"
  vpc_id      = var.vpc_id

  tags = {
    Name = "${local.prefix}-sagemaker"
  }
}

resource "aws_vpc_security_group_egress_rule" "sagemaker" {
  count = length(aws_security_group.sagemaker)

  security_group_id = aws_security_group.sagemaker[0].id
  description       = "TLS to S3, ECR and AWS"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# The instances of one job talk to each other.
resource "aws_vpc_security_group_ingress_rule" "sagemaker_between_instances" {
  #checkov:skip=CKV_AWS_25:Its source is the group itself, no range of addresses
  count = length(aws_security_group.sagemaker)

  security_group_id            = aws_security_group.sagemaker[0].id
  description                  = "Between the instances of a job"
  referenced_security_group_id = aws_security_group.sagemaker[0].id
  ip_protocol                  = "tcp"
  from_port                    = 1024
  to_port                      = 65535
}

resource "aws_vpc_security_group_egress_rule" "sagemaker_between_instances" {
  count = length(aws_security_group.sagemaker)

  security_group_id            = aws_security_group.sagemaker[0].id
  description                  = "Between the instances of a job"
  referenced_security_group_id = aws_security_group.sagemaker[0].id
  ip_protocol                  = "tcp"
  from_port                    = 1024
  to_port                      = 65535
}

locals {
  sagemaker_vpc = {
    subnet_ids         = sort(coalesce(var.private_subnet_ids, []))
    security_group_ids = aws_security_group.sagemaker[*].id
  }
}

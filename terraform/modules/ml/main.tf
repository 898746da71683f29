data "aws_partition" "current" {}

locals {
  prefix    = "${var.name_prefix}-ml"
  partition = data.aws_partition.current.partition
  here      = "${var.region}:${var.account_id}"
}

# What the rest of the layer names and addresses things by.

data "aws_partition" "current" {}

locals {
  name      = "${var.name_prefix}-observability"
  partition = data.aws_partition.current.partition

  # <partition>:<service> is written where it is used; the tail is the same everywhere.
  here = "${var.region}:${var.account_id}"
}

# Whether what was published arrived. SNS writes into log groups of its own naming, with this role.

locals {
  logged_topics = sort([for key, topic in var.topics : key if topic.delivery_logging != null])
  # Made here and not by SNS, so that they are encrypted and end some day.
  delivery_log_groups = {
    for pair in setproduct(local.logged_topics, ["", "/Failure"]) : "${pair[0]}${pair[1]}" => "sns/${var.region}/${var.account_id}/${local.topic_names[pair[0]]}${pair[1]}"
  }
}

resource "aws_cloudwatch_log_group" "delivery" {
  for_each = local.delivery_log_groups

  name              = each.value
  retention_in_days = var.event_log_retention_in_days
  kms_key_id        = var.logs_kms_key_arn
}

module "delivery_log_role" {
  source = "./modules/role"
  count  = length(local.logged_topics) > 0 ? 1 : 0

  name                     = "${local.prefix}-sns-delivery-logs"
  description              = "Lets SNS log deliveries"
  service                  = "sns"
  source_arns              = [for key in local.logged_topics : local.arns.topics[key]]
  account_id               = var.account_id
  region                   = var.region
  permissions_boundary_arn = var.permissions_boundary_arn
  kms_key_arn              = var.kms_key_arn

  grants = { write_log_groups = [for key in sort(keys(local.delivery_log_groups)) : "arn:${local.partition}:logs:${local.here}:log-group:${local.delivery_log_groups[key]}"] }
}

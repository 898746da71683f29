# Connections to where the source is. Somebody completes each one in the console once.
# https://docs.aws.amazon.com/dtconsole/latest/userguide/connections-update.html

resource "aws_codeconnections_connection" "this" {
  for_each = var.connections

  name          = "${var.name_prefix}-${each.key}"
  provider_type = each.value.host_arn == null ? each.value.provider_type : null
  host_arn      = each.value.host_arn
}

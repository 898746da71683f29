# Inspector: known vulnerabilities in instances, images and functions.

resource "aws_inspector2_enabler" "this" {
  count = var.inspector == null ? 0 : 1

  account_ids    = [var.account_id]
  resource_types = var.inspector.resource_types
}

# Replicas of multi-Region keys, and grants.

resource "aws_kms_replica_key" "this" {
  provider = aws.replica
  for_each = { for purpose, key in local.keys : purpose => key if key.replica }

  description             = "${var.name_prefix}-security-${each.key}: replica of ${var.region}"
  primary_key_arn         = aws_kms_key.this[each.key].arn
  deletion_window_in_days = each.value.deletion_window_in_days
  policy                  = data.aws_iam_policy_document.key[each.key].json

  tags = {
    Name = "${var.name_prefix}-security-${each.key}"
  }
}

resource "aws_kms_alias" "replica" {
  provider = aws.replica
  for_each = { for purpose, key in local.keys : purpose => key if key.replica }

  name          = "alias/${var.name_prefix}-security-${each.key}"
  target_key_id = aws_kms_replica_key.this[each.key].key_id
}

resource "aws_kms_grant" "this" {
  for_each = var.kms_grants

  name               = "${var.name_prefix}-security-${each.key}"
  key_id             = aws_kms_key.this[each.value.purpose].key_id
  grantee_principal  = each.value.grantee_principal
  retiring_principal = each.value.retiring_principal
  operations         = each.value.operations

  dynamic "constraints" {
    for_each = each.value.encryption_context_equals == null && each.value.encryption_context_subset == null ? [] : [each.value]
    content {
      encryption_context_equals = constraints.value.encryption_context_equals
      encryption_context_subset = constraints.value.encryption_context_subset
    }
  }
}

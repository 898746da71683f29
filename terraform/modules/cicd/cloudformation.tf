# CloudFormation stacks: templates of the environment, and what CDK apps were synthesised into.

locals {
  files_root = coalesce(var.files_root, "${path.module}/../../..")

  # CloudFormation takes a template of up to 51,200 bytes with the request, larger ones (1 MB) from S3.
  # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
  largest_body = 51200

  stacks = merge(
    {
      for name, stack in var.stacks : name => {
        body                   = stack.template_file == null ? stack.template_body : file("${local.files_root}/${stack.template_file}")
        url                    = stack.template_url
        parameters             = stack.parameters
        capabilities           = stack.capabilities
        on_failure             = stack.on_failure
        timeout_minutes        = stack.timeout_minutes
        termination_protection = stack.termination_protection
        notification_arns      = stack.notification_arns
        role_arn               = stack.role_arn
        has_role               = length(stack.permissions) > 0
        policy = stack.policy_body != null ? stack.policy_body : length(stack.protect_resources) == 0 ? null : jsonencode({
          Statement = [
            { Effect = "Allow", Action = "Update:*", Principal = "*", Resource = "*" },
            {
              Effect    = "Deny"
              Action    = ["Update:Delete", "Update:Replace"]
              Principal = "*"
              Resource  = [for id in stack.protect_resources : id == "*" ? "*" : "LogicalResourceId/${id}"]
            },
          ]
        })
      }
    },
    {
      for name, stack in var.cdk_stacks : name => {
        body                   = file("${path.root}/${stack.template_file}")
        url                    = null
        parameters             = stack.parameters
        capabilities           = stack.capabilities
        on_failure             = "ROLLBACK"
        timeout_minutes        = 60
        termination_protection = stack.termination_protection
        notification_arns      = toset([])
        role_arn               = null
        has_role               = false
        policy                 = null
      }
    },
  )

  uploaded_templates = { for name, stack in local.stacks : name => stack.body if stack.body == null ? false : length(stack.body) > local.largest_body }

  assets = merge([for stack in values(var.cdk_stacks) : stack.assets]...)

  template_urls = {
    for name, stack in local.stacks : name => contains(keys(local.uploaded_templates), name) ?
    "https://${module.templates[0].regional_domain_name}/${aws_s3_object.template[name].key}" : stack.url
  }
}

# Templates that are too large for a request, and the assets of CDK apps. What a stack refers to must not expire.
module "templates" {
  source = "../shared/bucket"
  count  = length(local.uploaded_templates) + length(var.cdk_stacks) > 0 ? 1 : 0

  name              = "${local.prefix}-cdk-assets-${var.account_id}"
  kms_key_arn       = var.kms_key_arn
  force_destroy     = !var.deletion_protection
  access_log_bucket = var.access_log_bucket_name
  access_log_prefix = "${local.prefix}-cdk-assets/"

  lifecycle_rules = {
    old-versions = { noncurrent_version_expiration_days = 90 }
  }
}

resource "aws_s3_object" "template" {
  for_each = local.uploaded_templates

  bucket = module.templates[0].name
  # Another content is another key: CloudFormation looks at the address to see whether there is anything to do.
  key        = "templates/${each.key}/${sha256(each.value)}.template"
  content    = each.value
  kms_key_id = var.kms_key_arn
}

resource "aws_s3_object" "asset" {
  for_each = local.assets

  bucket      = module.templates[0].name
  key         = each.key
  source      = "${path.root}/${each.value}"
  source_hash = filesha256("${path.root}/${each.value}")
  kms_key_id  = var.kms_key_arn
}

resource "aws_cloudformation_stack" "this" {
  for_each = { for name, stack in local.stacks : name => stack if !stack.termination_protection }

  name               = "${local.prefix}-${each.key}"
  template_body      = local.template_urls[each.key] == null ? each.value.body : null
  template_url       = local.template_urls[each.key]
  parameters         = each.value.parameters
  capabilities       = each.value.capabilities
  on_failure         = each.value.on_failure
  timeout_in_minutes = each.value.timeout_minutes
  policy_body        = each.value.policy
  notification_arns  = setunion([aws_sns_topic.events[0].arn], each.value.notification_arns)
  iam_role_arn       = each.value.has_role ? aws_iam_role.stack[each.key].arn : each.value.role_arn

  depends_on = [aws_s3_object.asset, aws_iam_role_policy.stack, aws_sns_topic_policy.events]
}

# The same, but Terraform refuses to destroy it; the setting can't be a variable.
resource "aws_cloudformation_stack" "protected" {
  for_each = { for name, stack in local.stacks : name => stack if stack.termination_protection }

  name               = "${local.prefix}-${each.key}"
  template_body      = local.template_urls[each.key] == null ? each.value.body : null
  template_url       = local.template_urls[each.key]
  parameters         = each.value.parameters
  capabilities       = each.value.capabilities
  on_failure         = each.value.on_failure
  timeout_in_minutes = each.value.timeout_minutes
  policy_body        = each.value.policy
  notification_arns  = setunion([aws_sns_topic.events[0].arn], each.value.notification_arns)
  iam_role_arn       = each.value.has_role ? aws_iam_role.stack[each.key].arn : each.value.role_arn

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [aws_s3_object.asset, aws_iam_role_policy.stack, aws_sns_topic_policy.events]
}

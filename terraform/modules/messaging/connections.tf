# API destinations and how they prove who they are.
#
# The provider's own resource for a connection has no write-only arguments: the secret would be in the state.
# CloudFormation resolves a reference to Secrets Manager by itself when it makes the connection, so the stack's template
# (and with it plan and state) names the secret and never holds it.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html

locals {
  # The API destination's id is not known before it exists; its name is.
  api_destination_patterns = {
    for key in keys(var.api_destinations) : key => "arn:${local.partition}:events:${local.here}:api-destination/${local.prefix}-${key}/*"
  }

  secret_references = {
    for key, connection in var.connections : key => join("", [
      "{{resolve:secretsmanager:",
      connection.secret == null ? connection.secret_arn : var.secret_arns[connection.secret],
      ":SecretString:${connection.secret_key}}}",
    ])
  }

  authentication = {
    for key, connection in var.connections : key => merge(
      connection.type == "API_KEY" ? {
        ApiKeyAuthParameters = { ApiKeyName = connection.identity, ApiKeyValue = local.secret_references[key] }
      } : {},
      connection.type == "BASIC" ? {
        BasicAuthParameters = { Username = connection.identity, Password = local.secret_references[key] }
      } : {},
      connection.type == "OAUTH_CLIENT_CREDENTIALS" ? {
        OAuthParameters = {
          AuthorizationEndpoint = connection.authorization_endpoint
          HttpMethod            = connection.authorization_method
          ClientParameters      = { ClientID = connection.identity, ClientSecret = local.secret_references[key] }
          OAuthHttpParameters   = { BodyParameters = [for name, value in connection.oauth_body : { Key = name, Value = value, IsValueSecret = false }] }
        }
      } : {},
      length(connection.headers) == 0 ? {} : {
        InvocationHttpParameters = { HeaderParameters = [for name, value in connection.headers : { Key = name, Value = value, IsValueSecret = false }] }
      },
    )
  }
}

resource "aws_cloudformation_stack" "connection" {
  for_each = var.connections

  #checkov:skip=CKV_AWS_124:One resource that Terraform makes and waits for; its failures are Terraform's
  name = "${local.prefix}-${each.key}-connection"

  template_body = jsonencode({
    AWSTemplateFormatVersion = "2010-09-09"
    Description              = "EventBridge connection ${local.prefix}-${each.key}"
    # A reference is resolved again only when the template changes.
    Metadata = { SecretVersion = each.value.secret_version }
    Resources = {
      Connection = {
        Type     = "AWS::Events::Connection"
        Metadata = { SecretVersion = each.value.secret_version }
        Properties = {
          Name              = "${local.prefix}-${each.key}"
          Description       = coalesce(each.value.description, "${each.value.type}, secret version ${each.value.secret_version}")
          AuthorizationType = each.value.type
          AuthParameters    = local.authentication[each.key]
          KmsKeyIdentifier  = var.kms_key_arn
        }
      }
    }
    Outputs = {
      Arn       = { Value = { "Fn::GetAtt" = ["Connection", "Arn"] } }
      SecretArn = { Value = { "Fn::GetAtt" = ["Connection", "SecretArn"] } }
    }
  })
}

resource "aws_cloudwatch_event_api_destination" "this" {
  for_each = var.api_destinations

  name                             = "${local.prefix}-${each.key}"
  description                      = each.value.description
  connection_arn                   = aws_cloudformation_stack.connection[each.value.connection].outputs["Arn"]
  invocation_endpoint              = each.value.endpoint
  http_method                      = each.value.method
  invocation_rate_limit_per_second = each.value.invocations_per_second
}

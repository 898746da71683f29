# Who asks for tokens, what the tokens are for, and which other places vouch for people.

resource "aws_cognito_resource_server" "this" {
  for_each = var.resource_servers

  user_pool_id = local.user_pool_id
  identifier   = each.key
  name         = each.key

  dynamic "scope" {
    for_each = each.value

    content {
      scope_name        = scope.key
      scope_description = scope.value
    }
  }
}

resource "aws_cognito_identity_provider" "this" {
  for_each = var.identity_providers

  user_pool_id      = local.user_pool_id
  provider_name     = each.key
  provider_type     = each.value.oidc != null ? "OIDC" : "SAML"
  attribute_mapping = each.value.attribute_mapping

  provider_details = each.value.oidc != null ? {
    oidc_issuer                   = each.value.oidc.issuer
    client_id                     = each.value.oidc.client_id
    client_secret                 = var.oidc_client_secrets[each.key]
    authorize_scopes              = each.value.oidc.scopes
    attributes_request_method     = "GET"
    attributes_url_add_attributes = "false"
    } : {
    MetadataURL             = each.value.saml.metadata_url
    EncryptedResponses      = tostring(each.value.saml.encrypted_assertions)
    IDPInit                 = tostring(each.value.saml.idp_initiated)
    RequestSigningAlgorithm = each.value.saml.sign_requests_algorithm
  }

  lifecycle {
    # Cognito reads these from the provider's metadata and gives them back among the details.
    ignore_changes = [
      provider_details["ActiveEncryptionCertificate"],
      provider_details["SLORedirectBindingURI"],
      provider_details["SSORedirectBindingURI"],
      provider_details["attributes_url"],
      provider_details["authorize_url"],
      provider_details["jwks_uri"],
      provider_details["token_url"],
    ]
  }
}

resource "aws_cognito_user_pool_client" "this" {
  for_each = var.clients

  user_pool_id = local.user_pool_id
  name         = "${var.name_prefix}-auth-${each.key}"

  # A browser can't keep a secret; PKCE takes its place.
  generate_secret = each.value.kind != "browser"

  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = [each.value.kind == "machine" ? "client_credentials" : "code"]
  allowed_oauth_scopes                 = each.value.scopes
  callback_urls                        = each.value.callback_urls
  logout_urls                          = each.value.logout_urls
  supported_identity_providers         = each.value.kind == "machine" ? null : each.value.identity_providers
  explicit_auth_flows                  = each.value.kind == "machine" ? [] : ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]

  # The answer to a wrong name and to a wrong password is the same.
  prevent_user_existence_errors = "ENABLED"
  enable_token_revocation       = true

  access_token_validity  = each.value.access_token_minutes
  id_token_validity      = each.value.id_token_minutes
  refresh_token_validity = each.value.refresh_token_hours
  auth_session_validity  = 3

  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "hours"
  }

  depends_on = [aws_cognito_resource_server.this, aws_cognito_identity_provider.this]
}

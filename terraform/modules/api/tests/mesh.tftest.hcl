mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = {
      json          = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
      minified_json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
    }
  }
}

variables {
  name_prefix          = "shop-test"
  region               = "eu-west-1"
  account_id           = "123456789012"
  logs_kms_key_arn     = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  vpc_id               = "vpc-0123456789abcdef0"
  vpc_cidr             = "10.20.0.0/16"
  private_subnet_ids   = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  public_subnet_ids    = ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"]
  user_pool_arn        = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abcdefghi"
  user_pool_issuer     = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abcdefghi"
  user_pool_client_ids = { web = "web-client", batch = "batch-client" }
}

run "a_service_network_holds_the_services_that_are_called" {
  command = plan

  variables {
    services = {
      orders     = { runtime = "lambda", uses = { services = ["catalog"] } }
      catalog    = { runtime = "ecs", routes = [{ method = "GET", path = "/products/{id}", via = "alb", authorization = "none" }] }
      storefront = { runtime = "eks", port = 3000, uses = { services = ["catalog", "orders"] } }
    }
    alb = {}
    mesh = {
      kind     = "vpc_lattice"
      services = ["storefront"]
      vpc_lattice = {
        rules = {
          beta   = { service = "catalog", priority = 10, path_prefix = "/beta", headers = { x-beta = "1" }, forward = { catalog = 90, orders = 10 } }
          closed = { service = "catalog", priority = 20, path_exact = "/admin", method = "GET", status_code = 404 }
        }
      }
    }
  }

  assert {
    condition     = toset(keys(aws_vpclattice_service.this)) == toset(["catalog", "orders", "storefront"]) && length(aws_service_discovery_http_namespace.mesh) == 0
    error_message = "what another one calls, and what is named"
  }
  assert {
    condition     = aws_vpclattice_service_network.this[0].auth_type == "AWS_IAM" && alltrue([for service in aws_vpclattice_service.this : service.auth_type == "AWS_IAM"])
    error_message = "requests are signed"
  }
  assert {
    condition     = contains(flatten([for condition in data.aws_iam_policy_document.lattice_service["catalog"].statement[0].condition : condition.values if condition.variable == "aws:PrincipalArn"]), "arn:aws:iam::123456789012:role/shop-test-compute-orders")
    error_message = "callers are let in"
  }
  assert {
    condition     = !anytrue([for value in flatten([for condition in data.aws_iam_policy_document.lattice_service["orders"].statement[0].condition : condition.values if condition.variable == "aws:PrincipalArn"]) : strcontains(value, "catalog")])
    error_message = "and nobody else"
  }
  assert {
    condition     = contains([for condition in data.aws_iam_policy_document.lattice_network[0].statement[0].condition : condition.variable], "aws:PrincipalAccount")
    error_message = "nobody from outside the account"
  }
  assert {
    condition     = aws_vpclattice_target_group.this["orders"].type == "LAMBDA" && aws_vpclattice_target_group.this["storefront"].config[0].port == 3000
    error_message = "functions and addresses are targets"
  }
  assert {
    condition     = alltrue([for listener in aws_vpclattice_listener.https : listener.protocol == "HTTPS" && listener.port == 443])
    error_message = "with TLS"
  }
  assert {
    condition     = length(aws_vpclattice_listener_rule.this["beta"].action[0].forward[0].target_groups) == 2 && aws_vpclattice_listener_rule.this["closed"].action[0].fixed_response[0].status_code == 404
    error_message = "rules send requests elsewhere"
  }
  assert {
    condition     = aws_cloudwatch_log_group.lattice[0].kms_key_id == var.logs_kms_key_arn
    error_message = "requests are logged, encrypted"
  }

}

run "app_mesh_for_those_who_ask_twice" {
  command = plan

  variables {
    services = {
      orders     = { runtime = "lambda", uses = { services = ["catalog"] } }
      catalog    = { runtime = "ecs", routes = [{ method = "GET", path = "/products/{id}", via = "alb", authorization = "none" }] }
      storefront = { runtime = "eks", port = 3000, uses = { services = ["catalog", "orders"] } }
    }
    alb  = {}
    mesh = { kind = "appmesh", acknowledge_end_of_support = true }
  }

  assert {
    condition     = aws_appmesh_mesh.this[0].spec[0].egress_filter[0].type == "DROP_ALL"
    error_message = "services call what they name"
  }
  assert {
    condition     = toset(keys(aws_appmesh_virtual_node.this)) == toset(["catalog", "storefront"])
    error_message = "a node for each container service"
  }
  assert {
    condition     = one(one(aws_appmesh_virtual_node.this["storefront"].spec[0].backend).virtual_service).virtual_service_name == "catalog.shop-test-api"
    error_message = "which may call the services that it uses"
  }
  assert {
    condition     = aws_appmesh_gateway_route.this["catalog-products"].spec[0].http_route[0].match[0].prefix == "/products"
    error_message = "routes enter through the gateway"
  }
  assert {
    condition     = length(aws_vpclattice_service_network.this) == 0 && output.service_connect_namespace_arn == null
    error_message = "one mesh at a time"
  }

}

run "no_mesh" {
  command = plan

  variables {
    services = {
      orders     = { runtime = "lambda", uses = { services = ["catalog"] } }
      catalog    = { runtime = "ecs", routes = [{ method = "GET", path = "/products/{id}", via = "alb", authorization = "none" }] }
      storefront = { runtime = "eks", port = 3000, uses = { services = ["catalog", "orders"] } }
    }
    alb  = {}
    mesh = { kind = "none" }
  }

  assert {
    condition     = length(aws_service_discovery_http_namespace.mesh) == 0 && length(aws_vpclattice_service_network.this) == 0 && length(aws_appmesh_mesh.this) == 0
    error_message = "none at all"
  }

}

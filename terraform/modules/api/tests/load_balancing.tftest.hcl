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

run "containers_stand_behind_an_internal_load_balancer" {
  command = plan

  variables {
    services = {
      orders = {
        runtime         = "lambda"
        timeout_seconds = 10
        routes = [
          { method = "GET", path = "/orders/{id}", scopes = ["orders/read"] },
          { method = "POST", path = "/orders", authorization = "iam" },
          { method = "GET", path = "/status", authorization = "none" },
        ]
        uses = { services = ["catalog"] }
      }
      catalog = {
        runtime    = "ecs"
        routes     = [{ method = "GET", path = "/products/{id}" }]
        deployment = { strategy = "blue_green" }
      }
      storefront = {
        runtime = "eks"
        port    = 3000
        routes  = [{ path = "/shop/{proxy+}", via = "alb", authorization = "none" }]
        uses    = { services = ["catalog", "orders"] }
      }
    }
    http_api = {}
    alb      = { hosts = { storefront = ["www.shop.example"] } }
  }

  assert {
    condition     = aws_lb.alb[0].internal && aws_lb.alb[0].drop_invalid_header_fields && aws_lb.alb[0].enable_deletion_protection && !aws_lb.alb[0].enable_waf_fail_open
    error_message = "internal, strict and protected unless it says otherwise"
  }
  assert {
    condition     = toset(keys(aws_lb_target_group.this)) == toset(["catalog/blue", "catalog/green", "storefront/blue", "storefront/green"])
    error_message = "two target groups for each container service with routes"
  }
  assert {
    condition     = alltrue([for group in aws_lb_target_group.this : group.target_type == "ip" && group.health_check[0].path == "/healthz"])
    error_message = "targets are addresses, asked for their health"
  }
  assert {
    condition     = keys(aws_lb_listener_rule.steady) == ["storefront /shop/{proxy+}"] && toset(keys(aws_lb_listener_rule.shifted)) == toset(["catalog /products/{id}", "test catalog /products/{id}"])
    error_message = "a service whose deployments shift traffic has its rules twice"
  }
  assert {
    condition     = local.rules["catalog /products/{id}"].pattern == "/products/*" && local.rules["storefront /shop/{proxy+}"].pattern == "/shop/*"
    error_message = "parameters are wildcards"
  }
  assert {
    condition     = local.rules["catalog /products/{id}"].priority < 22000 && local.rules["storefront /shop/{proxy+}"].priority >= 22000
    error_message = "what is more particular comes first"
  }
  assert {
    condition     = length(aws_lb_listener.plain) == 1 && length(aws_lb_listener.https) == 0 && aws_lb_listener.test[0].port == 9443
    error_message = "HTTP inside the VPC where there is no certificate, and a listener to try on"
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.alb["vpc-80"].cidr_ipv4 == "10.20.0.0/16" && length(aws_vpc_security_group_ingress_rule.alb) == 1
    error_message = "the VPC may connect"
  }
  assert {
    condition     = toset(keys(aws_vpc_security_group_egress_rule.alb_to_targets)) == toset(["8080", "3000"])
    error_message = "it connects to the ports that containers listen on"
  }
  assert {
    condition     = length(aws_wafv2_web_acl_association.alb) == 0 && length(aws_shield_protection.alb) == 0
    error_message = "firewall and Shield only where security has them"
  }
  assert {
    condition     = aws_lb.alb[0].access_logs[0].enabled && aws_lb.alb[0].access_logs[0].bucket == "shop-test-api-lb-logs-123456789012" && !aws_s3_bucket.access_logs[0].force_destroy
    error_message = "requests are logged into a bucket of its own"
  }

}

run "an_internet_facing_load_balancer_speaks_tls" {
  command = plan

  variables {
    services             = { storefront = { runtime = "eks", routes = [{ path = "/{proxy+}", via = "alb", authorization = "none" }] } }
    web_acl_enabled      = true
    regional_web_acl_arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/acl/a"
    shield_enabled       = true
    deletion_protection  = false
    alb                  = { internal = false, certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/a" }
  }

  assert {
    condition     = aws_lb.alb[0].subnets == toset(var.public_subnet_ids) && !aws_lb.alb[0].enable_deletion_protection
    error_message = "it stands in the public subnets"
  }
  assert {
    condition     = aws_lb_listener.https[0].ssl_policy == "ELBSecurityPolicy-TLS13-1-2-Res-2021-06" && aws_lb_listener.redirect[0].default_action[0].redirect[0].protocol == "HTTPS"
    error_message = "TLS 1.2 and 1.3, and a redirect to it"
  }
  assert {
    condition     = toset([for rule in aws_vpc_security_group_ingress_rule.alb : rule.cidr_ipv4]) == toset(["0.0.0.0/0"])
    error_message = "everybody may connect"
  }
  assert {
    condition     = aws_wafv2_web_acl_association.alb[0].web_acl_arn == var.regional_web_acl_arn && length(aws_shield_protection.alb) == 1
    error_message = "behind the firewall and Shield"
  }
  assert {
    condition     = length(aws_lb_listener.test) == 0
    error_message = "no listener to try on where no deployment shifts traffic"
  }

}

run "only_load_balancers_of_this_account_write_logs" {
  command = plan

  variables {
    alb = {}
  }

  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.access_logs[0].statement : anytrue([for condition in statement.condition : condition.variable == "aws:SourceAccount"]) if statement.sid != "TlsOnly"])
    error_message = "each service that writes is bound to the account"
  }
  assert {
    condition     = anytrue([for statement in data.aws_iam_policy_document.access_logs[0].statement : statement.sid == "TlsOnly" && statement.effect == "Deny"])
    error_message = "and to TLS"
  }
  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.access_logs[0].rule).apply_server_side_encryption_by_default[0].sse_algorithm == "AES256"
    error_message = "with the only key that load balancers can use"
  }

}

run "long_names_are_shortened_and_stay_apart" {
  command = plan

  variables {
    services = { recommendation-engine = { runtime = "ecs", routes = [{ path = "/r", via = "alb", authorization = "none" }] } }
    alb      = {}
  }

  assert {
    condition     = alltrue([for group in aws_lb_target_group.this : length(group.name) <= 32]) && length(distinct([for group in aws_lb_target_group.this : group.name])) == 2
    error_message = "AWS takes 32 characters"
  }

}

run "a_network_load_balancer_passes_connections_on" {
  command = plan

  variables {
    alb = {}
    nlb = {
      listeners = {
        mqtt = { port = 8883, protocol = "TLS", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/a", target_port = 1883 }
        web  = { port = 80, target = "alb" }
      }
    }
  }

  assert {
    condition     = aws_lb.nlb[0].internal && aws_lb.nlb[0].enable_cross_zone_load_balancing && aws_lb.nlb[0].access_logs[0].enabled
    error_message = "internal, over all zones, logged"
  }
  assert {
    condition     = aws_lb_listener.nlb["mqtt"].protocol == "TLS" && startswith(aws_lb_listener.nlb["mqtt"].ssl_policy, "ELBSecurityPolicy-TLS13") && aws_lb_target_group.nlb["mqtt"].port == 1883
    error_message = "TLS ends at it"
  }
  assert {
    condition     = aws_lb_target_group.nlb["web"].target_type == "alb" && length(aws_lb_target_group_attachment.nlb_to_alb) == 1 && length(aws_vpc_security_group_ingress_rule.alb_from_nlb) == 1
    error_message = "it can stand before the application load balancer"
  }
  assert {
    condition     = keys(output.nlb_target_group_arns) == ["mqtt"]
    error_message = "services register in target groups of addresses"
  }

}

run "two_rules_of_one_number_are_refused" {
  command         = plan
  expect_failures = [aws_lb_listener_rule.steady]

  variables {
    alb = { rule_priorities = { "catalog /p" = 7, "catalog /q" = 7 } }
    services = {
      catalog = { runtime = "ecs", routes = [{ path = "/p", via = "alb", authorization = "none" }, { path = "/q", via = "alb", authorization = "none" }] }
    }
  }
}

run "a_load_balancer_needs_a_network" {
  command         = plan
  expect_failures = [aws_security_group.alb]

  variables {
    alb    = {}
    vpc_id = null
  }
}

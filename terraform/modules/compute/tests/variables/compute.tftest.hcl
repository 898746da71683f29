# Every rule of the variables refuses its own bad value, one at a time. Run over the variables alone, without a provider:
# `python -m pytest tests/e2e/test_modules.py`.

variables {
  name_prefix               = "shop-test"
  region                    = "eu-west-1"
  account_id                = "123456789012"
  kms_key_arn               = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  logs_kms_key_arn          = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  messaging_kms_key_arn     = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000003"
  used_kms_key_arns         = { data = "arn:aws:kms:eu-west-1:123456789012:key/d", messaging = "arn:aws:kms:eu-west-1:123456789012:key/m", secrets = "arn:aws:kms:eu-west-1:123456789012:key/s" }
  permissions_boundary_arn  = "arn:aws:iam::123456789012:policy/shop-test-auth-boundary"
  vpc_id                    = "vpc-1"
  vpc_cidr                  = "10.0.0.0/16"
  private_subnet_ids        = ["subnet-1", "subnet-2"]
  table_arns                = { orders = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders" }
  table_names               = { orders = "shop-test-data-orders" }
  table_stream_arns         = { orders = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/1" }
  queue_arns                = { mail = "arn:aws:sqs:eu-west-1:123456789012:mail" }
  queue_urls                = { mail = "https://sqs.eu-west-1.amazonaws.com/123456789012/mail" }
  secret_arns               = { payments = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:payments-abcdef" }
  http_api_execution_arn    = "arn:aws:execute-api:eu-west-1:123456789012:api"
  target_group_arns         = { catalog = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/catalog/1" }
  target_group_arn_suffixes = { catalog = "targetgroup/catalog/1" }
  alb_arn_suffix            = "app/shop/1"
  alb_security_group_id     = "sg-alb"
}

run "services_that_make_no_sense_are_refused" {
  command = plan

  variables {
    services = {
      a = { runtime = "cobol" }
      b = { runtime = "lambda", uses = { services = ["nobody"] } }
    }
  }

  expect_failures = [var.services]
}

run "a_name_that_makes_a_role_too_long_is_refused" {
  command = plan

  variables {
    services = { "a-service-with-a-name-that-no-role-can-have" = { runtime = "ecs", image = "x" } }
  }

  expect_failures = [var.services]
}

run "settings_of_clusters_repositories_and_signing_that_make_no_sense_are_refused" {
  command = plan

  variables {
    account_id            = "1234"
    log_retention_in_days = 8
    ecs                   = { spot_share = 101, container_insights = "some", user = "0:0", ec2 = { instance_types = ["huge"], max_size = 0, services = ["nobody"], architecture = "sparc" } }
    repositories          = { "Base Image" = { keep_images = 0, pull_account_ids = ["1"] } }
    registry              = { pull_through_caches = { "x" = "docker.io" } }
    code_signing          = { signing_profile_version_arns = [] }
    adot_layer_arn        = "layer"
  }

  expect_failures = [
    var.account_id, var.log_retention_in_days, var.ecs, var.repositories, var.registry, var.code_signing, var.adot_layer_arn
  ]
}

run "a_size_that_ec2_does_not_have_is_refused" {
  command         = plan
  expect_failures = [var.ecs]

  variables {
    ecs = { ec2 = { instance_types = ["m7g.huge"], max_size = 3, services = [] } }
  }
}

# Every rule of the variables refuses its own bad value, one at a time. Run over the variables alone, without a provider:
# `python -m pytest tests/e2e/test_modules.py`.

variables {
  name_prefix              = "shop-test"
  region                   = "eu-west-1"
  account_id               = "123456789012"
  kms_key_arn              = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  logs_kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  messaging_kms_key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000003"
  used_kms_key_arns        = { data = "arn:aws:kms:eu-west-1:123456789012:key/d", messaging = "arn:aws:kms:eu-west-1:123456789012:key/m", secrets = "arn:aws:kms:eu-west-1:123456789012:key/s" }
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/shop-test-auth-boundary"
  vpc_id                   = "vpc-1"
  vpc_cidr                 = "10.0.0.0/16"
  private_subnet_ids       = ["subnet-1", "subnet-2"]
  target_group_arns        = { storefront = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/storefront/1" }
  alb_security_group_id    = "sg-alb"
  table_arns               = { orders = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders" }
  table_names              = { orders = "shop-test-data-orders" }
  cache_endpoints          = { basket = "basket.cache" }
  cache_ports              = { basket = 6379 }
  cache_arns               = { basket = "arn:aws:elasticache:eu-west-1:123456789012:serverlesscache:basket" }
  cache_user_names         = { basket = "shop-test-data-basket" }

  cache_client_security_group_ids = { basket = "sg-basket-clients" }
  services = {
    storefront = {
      runtime = "eks"
      port    = 3000
      routes  = [{ method = "GET", path = "/", via = "alb" }]
      uses    = { tables = { orders = "read" }, caches = ["basket"] }
    }
  }
}

run "a_service_needs_the_cluster" {
  command         = plan
  expect_failures = [var.eks]
}

run "a_version_that_eks_does_not_offer_is_refused" {
  command         = plan
  expect_failures = [var.eks]

  variables {
    eks = { version = "1.21" }
  }
}

run "extended_support_is_asked_for" {
  command         = plan
  expect_failures = [var.eks]

  variables {
    eks = { version = "1.32" }
  }
}

run "the_api_is_never_open_to_all" {
  command         = plan
  expect_failures = [var.eks]

  variables {
    eks = { public_access_cidrs = ["0.0.0.0/0"] }
  }
}

run "the_clusters_own_range_does_not_overlap_with_the_vpc" {
  command         = plan
  expect_failures = [var.eks]

  variables {
    eks = { service_cidr = "10.0.128.0/20" }
  }
}

run "an_architecture_is_that_of_the_instances" {
  command         = plan
  expect_failures = [var.eks]

  variables {
    eks = { node_groups = { general = { instance_types = ["m7i.large"], max_size = 1 } } }
  }
}

run "an_unknown_instance_type_is_refused" {
  command         = plan
  expect_failures = [var.eks]

  variables {
    eks = { node_groups = { general = { instance_types = ["big"], max_size = 1, architecture = "x86_64" } } }
  }
}

run "a_generation_that_ec2_does_not_have_is_refused" {
  command         = plan
  expect_failures = [var.eks]

  variables {
    eks = { node_groups = { general = { instance_types = ["m7g.large", "m99g.large"], max_size = 1 } } }
  }
}

run "sizes_and_taints_make_sense" {
  command         = plan
  expect_failures = [var.eks]

  variables {
    eks = { node_groups = { general = { instance_types = ["m7g.large"], min_size = 3, max_size = 2, taints = { x = { effect = "NEVER" } } } } }
  }
}

# Every rule of the variables refuses its own bad value, one at a time. Run over the variables alone, without a provider:
# `python -m pytest tests/e2e/test_modules.py`.

variables {
  name_prefix           = "shop-test"
  region                = "eu-west-1"
  account_id            = "123456789012"
  kms_key_arn           = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  logs_kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  messaging_kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000003"
  used_kms_key_arns     = { data = "d", messaging = "m", secrets = "s" }
  vpc_id                = "vpc-1"
  vpc_cidr              = "10.0.0.0/16"
  private_subnet_ids    = ["subnet-1", "subnet-2"]
}

run "an_account_has_twelve_digits" {
  command         = plan
  expect_failures = [var.account_id]
  variables {
    account_id = "1234"
  }
}

run "logs_are_kept_as_long_as_cloudwatch_can" {
  command         = plan
  expect_failures = [var.log_retention_in_days]
  variables {
    log_retention_in_days = 8
  }
}

run "a_repository_has_a_name_that_a_registry_takes" {
  command         = plan
  expect_failures = [var.repositories]
  variables {
    repositories = { "Base Image" = {} }
  }
}

run "a_repository_keeps_an_image" {
  command         = plan
  expect_failures = [var.repositories]
  variables {
    repositories = { base = { keep_images = 0 } }
  }
}

run "accounts_that_pull_are_accounts" {
  command         = plan
  expect_failures = [var.repositories]
  variables {
    repositories = { base = { pull_account_ids = ["shop"] } }
  }
}

run "a_cache_pulls_from_registries_without_a_password" {
  command         = plan
  expect_failures = [var.registry]
  variables {
    registry = { pull_through_caches = { hub = "docker.io" } }
  }
}

run "a_cache_s_prefix_has_two_characters_at_least" {
  command         = plan
  expect_failures = [var.registry]
  variables {
    registry = { pull_through_caches = { q = "quay.io" } }
  }
}

run "a_share_is_a_percentage" {
  command         = plan
  expect_failures = [var.ecs]
  variables {
    ecs = { spot_share = 101 }
  }
}

run "insights_are_of_a_kind_that_exists" {
  command         = plan
  expect_failures = [var.ecs]
  variables {
    ecs = { container_insights = "some" }
  }
}

run "containers_do_not_run_as_root" {
  command         = plan
  expect_failures = [var.ecs]
  variables {
    ecs = { user = "0:0" }
  }
}

run "a_user_is_a_number" {
  command         = plan
  expect_failures = [var.ecs]
  variables {
    ecs = { user = "web" }
  }
}

run "tmp_has_a_size" {
  command         = plan
  expect_failures = [var.ecs]
  variables {
    ecs = { tmp_mib = 0 }
  }
}

run "tmp_fits_into_a_task" {
  command         = plan
  expect_failures = [var.ecs]
  variables {
    services = { catalog = { runtime = "ecs", memory = 512 } }
    ecs      = { tmp_mib = 512 }
  }
}

run "instances_are_of_types_that_ec2_has" {
  command         = plan
  expect_failures = [var.ecs]
  variables {
    ecs = { ec2 = { instance_types = ["huge"], max_size = 3, services = [] } }
  }
}

run "instances_have_a_type" {
  command         = plan
  expect_failures = [var.ecs]
  variables {
    ecs = { ec2 = { instance_types = [], max_size = 3, services = [] } }
  }
}

run "the_most_instances_are_no_fewer_than_the_least" {
  command         = plan
  expect_failures = [var.ecs]
  variables {
    ecs = { ec2 = { instance_types = ["m7g.large"], min_size = 4, max_size = 3, services = [] } }
  }
}

run "instances_have_an_architecture" {
  command         = plan
  expect_failures = [var.ecs]
  variables {
    ecs = { ec2 = { instance_types = ["m7g.large"], max_size = 3, architecture = "sparc", services = [] } }
  }
}

run "instances_run_services_that_are_there" {
  command         = plan
  expect_failures = [var.ecs]
  variables {
    ecs = { ec2 = { instance_types = ["m7g.large"], max_size = 3, services = ["nobody"] } }
  }
}

run "instances_run_services_of_their_architecture" {
  command         = plan
  expect_failures = [var.ecs]
  variables {
    services = { catalog = { runtime = "ecs", architecture = "x86_64" } }
    ecs      = { ec2 = { instance_types = ["m7g.large"], max_size = 3, services = ["catalog"] } }
  }
}

run "a_collector_s_level_is_one_that_it_knows" {
  command         = plan
  expect_failures = [var.collector]
  variables {
    collector = { log_level = "loud" }
  }
}

run "a_collector_has_memory_to_work_with" {
  command         = plan
  expect_failures = [var.collector]
  variables {
    collector = { memory_limit_mib = 10 }
  }
}

run "metrics_are_kept_as_long_as_cloudwatch_can" {
  command         = plan
  expect_failures = [var.collector]
  variables {
    collector = { metric_log_retention_in_days = 8 }
  }
}

run "kubernetes_is_of_a_version_that_eks_offers" {
  command         = plan
  expect_failures = [var.eks]
  variables {
    eks = { version = "1.30", support = "EXTENDED" }
  }
}

run "extended_support_is_paid_for_knowingly" {
  command         = plan
  expect_failures = [var.eks]
  variables {
    eks = { version = "1.32" }
  }
}

run "support_is_of_a_kind_that_exists" {
  command         = plan
  expect_failures = [var.eks]
  variables {
    eks = { support = "SOME" }
  }
}

run "the_api_is_not_open_to_all" {
  command         = plan
  expect_failures = [var.eks]
  variables {
    eks = { public_access_cidrs = ["0.0.0.0/0"] }
  }
}

run "ranges_that_reach_the_api_are_ranges" {
  command         = plan
  expect_failures = [var.eks]
  variables {
    eks = { public_access_cidrs = ["office"] }
  }
}

run "the_cluster_s_own_range_is_private" {
  command         = plan
  expect_failures = [var.eks]
  variables {
    eks = { service_cidr = "8.8.0.0/16" }
  }
}

run "the_cluster_s_own_range_is_not_the_vpc_s" {
  command         = plan
  expect_failures = [var.eks]
  variables {
    eks = { service_cidr = "10.0.0.0/16" }
  }
}

run "nodes_are_of_types_that_ec2_has" {
  command         = plan
  expect_failures = [var.eks]
  variables {
    eks = { node_groups = { general = { instance_types = ["huge"], architecture = "x86_64", max_size = 3 } } }
  }
}

run "nodes_are_of_their_group_s_architecture" {
  command         = plan
  expect_failures = [var.eks]
  variables {
    eks = { node_groups = { general = { instance_types = ["m7i.large"], max_size = 3 } } }
  }
}

run "nodes_have_an_operating_system" {
  command         = plan
  expect_failures = [var.eks]
  variables {
    eks = { node_groups = { general = { instance_types = ["m7g.large"], os = "windows", max_size = 3 } } }
  }
}

run "the_most_nodes_are_no_fewer_than_the_least" {
  command         = plan
  expect_failures = [var.eks]
  variables {
    eks = { node_groups = { general = { instance_types = ["m7g.large"], min_size = 4, max_size = 3 } } }
  }
}

run "a_taint_has_an_effect" {
  command         = plan
  expect_failures = [var.eks]
  variables {
    eks = { node_groups = { general = { instance_types = ["m7g.large"], max_size = 3, taints = { batch = { effect = "NONE" } } } } }
  }
}

run "a_fargate_profile_selects_something" {
  command         = plan
  expect_failures = [var.eks]
  variables {
    eks = { fargate_profiles = { jobs = { selectors = [] } } }
  }
}

run "access_is_for_roles_and_users" {
  command         = plan
  expect_failures = [var.eks]
  variables {
    eks = { access = { all = { principal_arn = "*" } } }
  }
}

run "an_add_on_s_configuration_is_json" {
  command         = plan
  expect_failures = [var.eks]
  variables {
    eks = { addons = { coredns = { configuration = "{" } } }
  }
}

run "a_pod_s_policy_is_a_policy" {
  command         = plan
  expect_failures = [var.eks]
  variables {
    eks = { pod_roles = { mailer = { service_account = "mailer", policy = "{}" } } }
  }
}

run "services_of_the_cluster_need_the_cluster" {
  command         = plan
  expect_failures = [var.eks]
  variables {
    services = { kiosk = { runtime = "eks" } }
  }
}

run "signed_code_has_a_signer" {
  command         = plan
  expect_failures = [var.code_signing]
  variables {
    code_signing = { signing_profile_version_arns = [] }
  }
}

run "a_layer_is_for_a_language_that_has_one" {
  command         = plan
  expect_failures = [var.adot_layer_arns]
  variables {
    adot_layer_arns = { cobol = "arn:aws:lambda:eu-west-1:901920570463:layer:aws-otel-cobol:1" }
  }
}

run "a_layer_is_named_by_its_version" {
  command         = plan
  expect_failures = [var.adot_layer_arns]
  variables {
    adot_layer_arns = { python = "arn:aws:lambda:eu-west-1:901920570463:layer:aws-otel-python" }
  }
}

run "a_service_runs_on_something" {
  command         = plan
  expect_failures = [var.services]
  variables {
    services = { orders = { runtime = "cobol" } }
  }
}

run "a_service_s_roles_have_names_that_iam_takes" {
  command         = plan
  expect_failures = [var.services]
  variables {
    services = { "a-service-with-a-name-that-no-role-can-have" = { runtime = "ecs" } }
  }
}

run "a_function_has_code" {
  command         = plan
  expect_failures = [var.services]
  variables {
    services = { orders = { runtime = "lambda" } }
  }
}

run "a_function_s_code_is_one_thing" {
  command         = plan
  expect_failures = [var.services]
  variables {
    services = { orders = { runtime = "lambda", image = "x", package = { filename = "x.zip" } } }
  }
}

run "a_service_calls_services_that_are_there" {
  command         = plan
  expect_failures = [var.services]
  variables {
    services = { orders = { runtime = "lambda", image = "x", uses = { services = ["nobody"] } } }
  }
}

run "codedeploy_shifts_no_traffic_in_vpc_lattice" {
  command         = plan
  expect_failures = [var.services]
  variables {
    services                  = { catalog = { runtime = "ecs", deployment = { strategy = "blue_green" } } }
    mesh_kind                 = "vpc_lattice"
    lattice_target_group_arns = { catalog = "tg" }
  }
}

run "a_function_outside_the_vpc_has_no_way_to_containers_in_vpc_lattice" {
  command         = plan
  expect_failures = [var.services]
  variables {
    services  = { orders = { runtime = "lambda", image = "x", uses = { services = ["catalog"] } }, catalog = { runtime = "ecs" } }
    mesh_kind = "vpc_lattice"
  }
}

run "nodes_are_of_a_generation_that_ec2_has" {
  command         = plan
  expect_failures = [var.eks]
  variables {
    eks = { node_groups = { general = { instance_types = ["m7g.large", "m99g.large"], max_size = 1 } } }
  }
}

run "the_cluster_s_own_range_is_not_a_part_of_the_vpc_s" {
  command         = plan
  expect_failures = [var.eks]
  variables {
    eks = { service_cidr = "10.0.128.0/20" }
  }
}

run "only_containers_call_through_service_connect" {
  command         = plan
  expect_failures = [var.services]
  variables {
    services  = { orders = { runtime = "lambda", image = "x", uses = { services = ["catalog"] } }, catalog = { runtime = "ecs" } }
    mesh_kind = "service_connect"
  }
}

run "codedeploy_s_services_are_not_in_service_connect" {
  command         = plan
  expect_failures = [var.services]
  variables {
    services  = { cart = { runtime = "ecs", uses = { services = ["catalog"] } }, catalog = { runtime = "ecs", deployment = { strategy = "blue_green" } } }
    mesh_kind = "service_connect"
  }
}

run "pods_are_called_by_pods" {
  command         = plan
  expect_failures = [var.services]
  variables {
    services = { cart = { runtime = "ecs", uses = { services = ["kiosk"] } }, kiosk = { runtime = "eks" } }
    eks      = {}
  }
}

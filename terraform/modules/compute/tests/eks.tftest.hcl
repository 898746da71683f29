mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_iam_role" {
    override_during = plan
    defaults        = { arn = "arn:aws:iam::123456789012:role/shop-test-compute-x" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    override_during = plan
    defaults        = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:x" }
  }
  mock_resource "aws_iam_openid_connect_provider" {
    override_during = plan
    defaults        = { arn = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/X" }
  }
  mock_resource "aws_eks_cluster" {
    override_during = plan
    defaults = {
      arn                   = "arn:aws:eks:eu-west-1:123456789012:cluster/shop-test-compute"
      certificate_authority = [{ data = "Y2VydGlmaWNhdGU=" }]
      identity              = [{ oidc = [{ issuer = "https://oidc.eks.eu-west-1.amazonaws.com/id/X" }] }]
    }
  }
}

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

run "without_the_setting_there_is_no_cluster" {
  command = plan

  variables {
    services = {}
  }

  assert {
    condition     = length(aws_eks_cluster.this) + length(aws_eks_node_group.this) + length(aws_eks_addon.this) + length(aws_iam_openid_connect_provider.cluster) == 0
    error_message = "what is not asked for is not there"
  }
}

run "the_api_is_private_secrets_are_encrypted_and_every_log_is_kept" {
  command = plan

  variables {
    eks = {}
  }

  assert {
    condition     = aws_eks_cluster.this[0].vpc_config[0].endpoint_private_access && !aws_eks_cluster.this[0].vpc_config[0].endpoint_public_access
    error_message = "the API is reached from the VPC only"
  }
  assert {
    condition     = one(aws_eks_cluster.this[0].encryption_config).provider[0].key_arn == var.kms_key_arn && one(aws_eks_cluster.this[0].encryption_config).resources == toset(["secrets"])
    error_message = "secrets are encrypted with the platform's key"
  }
  assert {
    condition     = length(aws_eks_cluster.this[0].enabled_cluster_log_types) == 5 && aws_cloudwatch_log_group.cluster[0].kms_key_id == var.logs_kms_key_arn
    error_message = "every log is kept, encrypted"
  }
  assert {
    condition     = aws_eks_cluster.this[0].access_config[0].authentication_mode == "API" && !aws_eks_cluster.this[0].access_config[0].bootstrap_cluster_creator_admin_permissions
    error_message = "who gets in is said by access entries alone"
  }
  assert {
    condition     = aws_eks_cluster.this[0].upgrade_policy[0].support_type == "STANDARD"
    error_message = "nobody pays for extended support without asking"
  }
  assert {
    condition     = length(aws_eks_addon.first) == 3 && length(aws_eks_addon.this) == 2
    error_message = "networking, DNS, identity and metrics are there"
  }
  assert {
    condition     = alltrue([for role in concat(values(aws_iam_role.addon), aws_iam_role.cluster, aws_iam_role.load_balancer_controller) : role.permissions_boundary == var.permissions_boundary_arn])
    error_message = "every role has the boundary"
  }
}

run "a_service_has_a_role_a_repository_and_a_way_in" {
  command = plan

  variables {
    eks = { namespace = "shop", node_groups = { general = { instance_types = ["m7g.large"], max_size = 3 } } }
  }

  assert {
    condition     = aws_eks_pod_identity_association.service["storefront"].namespace == "shop" && aws_eks_pod_identity_association.service["storefront"].service_account == "storefront"
    error_message = "pods of the service account have the service's role"
  }
  assert {
    condition     = contains([for statement in data.aws_iam_policy_document.service["storefront"].statement : one(statement.actions) if statement.sid == "ConnectsToCaches"], "elasticache:Connect")
    error_message = "the role may do what the service's entry says"
  }
  assert {
    condition     = contains(keys(aws_ecr_repository.this), "storefront") && contains(keys(aws_cloudwatch_log_group.service), "storefront")
    error_message = "there is a repository and a log group"
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.pods["storefront"].from_port == 3000 && aws_vpc_security_group_ingress_rule.pods["storefront"].referenced_security_group_id == "sg-alb"
    error_message = "the load balancer alone reaches the pods"
  }
  assert {
    condition     = one([for statement in data.aws_iam_policy_document.load_balancer_controller[0].statement : statement.resources if statement.sid == "RegistersPods"]) == toset([var.target_group_arns["storefront"]])
    error_message = "the controller registers pods with the platform's target groups only"
  }
  assert {
    condition     = contains(aws_launch_template.node["general"].vpc_security_group_ids, "sg-basket-clients")
    error_message = "nodes reach the caches that services use"
  }
  assert {
    condition     = output.eks_target_group_bindings["storefront"].port == 3000
    error_message = "what a TargetGroupBinding names is an output"
  }
}

run "nodes_are_hardened_and_replaced_bit_by_bit" {
  command = plan

  variables {
    eks = {
      node_groups = {
        general = { instance_types = ["m7g.large"], min_size = 2, max_size = 6 }
        batch = {
          instance_types = ["m7i.large", "m6i.large"], architecture = "x86_64", os = "al2023", capacity = "spot", min_size = 0, max_size = 10
          labels         = { work = "batch" }, taints = { batch = { value = "true", effect = "NO_SCHEDULE" } }
        }
      }
      fargate_profiles = { jobs = { selectors = [{ namespace = "jobs", labels = { runs = "fargate" } }] } }
    }
  }

  assert {
    condition     = alltrue([for template in aws_launch_template.node : template.metadata_options[0].http_tokens == "required" && template.metadata_options[0].http_put_response_hop_limit == 1])
    error_message = "pods do not reach the node's credentials"
  }
  assert {
    condition     = alltrue([for template in aws_launch_template.node : template.block_device_mappings[0].ebs[0].encrypted == "true" && template.block_device_mappings[0].ebs[0].kms_key_id == var.kms_key_arn])
    error_message = "volumes are encrypted with the platform's key"
  }
  assert {
    condition     = aws_launch_template.node["general"].block_device_mappings[0].device_name == "/dev/xvdb" && aws_launch_template.node["batch"].block_device_mappings[0].device_name == "/dev/xvda"
    error_message = "the disk with the data is the one of the operating system"
  }
  assert {
    condition     = aws_eks_node_group.this["general"].ami_type == "BOTTLEROCKET_ARM_64" && aws_eks_node_group.this["batch"].ami_type == "AL2023_x86_64_STANDARD"
    error_message = "images fit system and architecture"
  }
  assert {
    condition     = aws_eks_node_group.this["batch"].capacity_type == "SPOT" && one(aws_eks_node_group.this["batch"].taint).effect == "NO_SCHEDULE" && aws_eks_node_group.this["batch"].scaling_config[0].desired_size == 1
    error_message = "capacity, taints and size follow the entry"
  }
  assert {
    condition     = length(aws_eks_node_group.this["general"].remote_access) == 0
    error_message = "nobody gets in by SSH"
  }
  assert {
    condition     = one(aws_eks_fargate_profile.this["jobs"].selector).namespace == "jobs"
    error_message = "pods of the namespace run on Fargate"
  }
}

run "people_and_pods_get_what_their_entries_say" {
  command = plan

  variables {
    eks = {
      access = {
        operators = { principal_arn = "arn:aws:iam::123456789012:role/operators", policies = { AmazonEKSClusterAdminPolicy = [] } }
        team      = { principal_arn = "arn:aws:iam::123456789012:role/team", policies = { AmazonEKSEditPolicy = ["shop"] }, kubernetes_groups = ["shop-readers"] }
      }
      addons = { aws-ebs-csi-driver = {}, vpc-cni = {} }
      pod_roles = {
        mailer = { namespace = "shop", service_account = "mailer", policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
        jobs   = { namespace = "jobs", service_account = "runner", irsa = true, policy_arns = ["arn:aws:iam::123456789012:policy/jobs"] }
      }
    }
  }

  assert {
    condition     = aws_eks_access_policy_association.this["operators/AmazonEKSClusterAdminPolicy"].access_scope[0].type == "cluster" && aws_eks_access_policy_association.this["team/AmazonEKSEditPolicy"].access_scope[0].namespaces == toset(["shop"])
    error_message = "policies hold for the namespaces that are named"
  }
  assert {
    condition     = one([for statement in data.aws_iam_policy_document.irsa_trust["jobs"].statement : [for condition in statement.condition : condition.values if endswith(condition.variable, ":sub")]])[0] == tolist(["system:serviceaccount:jobs:runner"])
    error_message = "an IRSA role is for one service account"
  }
  assert {
    condition     = keys(aws_eks_pod_identity_association.pod) == ["mailer"] && aws_eks_pod_identity_association.pod["mailer"].service_account == "mailer"
    error_message = "other roles come through Pod Identity"
  }
  assert {
    condition     = aws_iam_role_policy_attachment.addon["aws-ebs-csi-driver/service-role/AmazonEBSCSIDriverPolicy"].policy_arn == "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy" && length(aws_iam_role_policy.volumes) == 1
    error_message = "an add-on has the role that AWS documents for it"
  }
}

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::mock" }
  }
  mock_resource "aws_security_group" {
    defaults = { id = "sg-00000001" }
  }
  mock_resource "aws_sagemaker_studio_lifecycle_config" {
    defaults = { arn = "arn:aws:sagemaker:eu-west-1:123456789012:studio-lifecycle-config/mock" }
  }
  mock_resource "aws_sagemaker_domain" {
    defaults = { id = "d-mock", arn = "arn:aws:sagemaker:eu-west-1:123456789012:domain/d-mock" }
  }
}

variables {
  name_prefix              = "shop-test"
  account_id               = "123456789012"
  region                   = "eu-west-1"
  kms_key_arn              = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  logs_kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
  vpc_id                   = "vpc-1"
  vpc_cidr                 = "10.0.0.0/16"
  private_subnet_ids       = ["subnet-2", "subnet-1"]
  messaging_kms_key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000003"
  data_kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000004"
  bucket_arns              = { media = "arn:aws:s3:::media" }
}

run "off_by_default" {
  command = plan

  assert {
    condition     = length(module.sagemaker_bucket) + length(aws_security_group.sagemaker) + length(aws_cloudwatch_log_group.endpoint) == 0
    error_message = "nothing that was not asked for"
  }
  assert {
    condition     = output.sagemaker_bucket_name == null && output.feature_database_name == null && length(output.endpoint_names) == 0
    error_message = "outputs are empty"
  }
}

run "a_file_of_the_project_is_put_where_the_model_looks_for_it" {
  command = plan

  variables {
    files_root = "tests/files"
    models = {
      ranking = { containers = [{ image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/rank:1", artifact = "ranking/1/model.tar.gz", artifact_file = "model.tar.gz" }] }
    }
  }

  assert {
    condition     = aws_s3_object.artifact["ranking/1/model.tar.gz"].key == "models/ranking/1/model.tar.gz" && aws_s3_object.artifact["ranking/1/model.tar.gz"].kms_key_id == var.kms_key_arn
    error_message = "encrypted, before the model is made"
  }
  assert {
    condition     = local.model_containers["ranking"][0].artifact == "s3://shop-test-ml-sagemaker-123456789012/models/ranking/1/model.tar.gz" && !contains(keys(local.model_containers["ranking"][0]), "artifact_file")
    error_message = "a model is named by what it is made of, not by where that came from"
  }
}

run "endpoints" {
  variables {
    models = {
      ranking = {
        containers = [{ image = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/xgboost:1.7-1", artifact = "ranking/1/model.tar.gz" }]
        buckets    = ["media"]
      }
      next = {
        containers = [
          { hostname = "prepare", model_package_arn = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/shop-test-ml-ranking/1" },
          { hostname = "rank", image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/rank@sha256:00", artifact = "s3://media/rank/2/", compressed = false },
        ]
      }
      words = { hosting = "serverless", containers = [{ image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/words:1" }] }
    }
    endpoints = {
      ranking = {
        variants        = { main = { model = "ranking", instance_type = "ml.m6i.large", instances = 2, scaling = { min = 1, max = 4, invocations_per_instance = 600 } } }
        shadow_variants = { next = { model = "next", instance_type = "ml.m6i.large" } }
        data_capture    = { percent = 20, modes = ["Output", "Input"] }
        alarms          = { error_percent = 2, latency_p99_ms = 400 }
        rollback_alarms = ["shop-orders"]
      }
      pictures = {
        variants   = { a = { model = "ranking", instance_type = "ml.g5.xlarge", weight = 9 }, b = { model = "next", instance_type = "ml.m6i.large" } }
        deployment = { strategy = "rolling", percent = 25 }
        alarms     = { error_percent = 0 }
      }
      slow = {
        variants   = { a = { model = "ranking", instance_type = "ml.m5d.large" } }
        deployment = { strategy = "linear", percent = 20 }
      }
    }
    serverless_endpoints = {
      words = { model = "words", memory_mb = 3072, max_concurrency = 20, provisioned_concurrency = 2, scaling = { min = 1, max = 5 } }
    }
  }

  assert {
    condition     = module.model_role["ranking"].name == "shop-test-ml-model-ranking" && startswith(output.model_names["ranking"], "shop-test-ml-ranking-") && output.model_names["ranking"] != output.model_names["next"]
    error_message = "models have names with a digest, and roles of their own"
  }
  assert {
    condition     = local.model_containers["ranking"][0].artifact == "s3://shop-test-ml-sagemaker-123456789012/models/ranking/1/model.tar.gz" && local.model_containers["next"][1].artifact == "s3://media/rank/2/"
    error_message = "a key is below models/ in the layer's bucket, an address is as it is"
  }
  assert {
    condition     = local.model_artifacts == { ranking = ["arn:aws:s3:::shop-test-ml-sagemaker-123456789012/models/ranking/1/model.tar.gz"], next = ["arn:aws:s3:::media/rank/2/*"], words = [] }
    error_message = "a role reads one object, or what is below one prefix"
  }
  assert {
    condition     = local.captured_of_model == { ranking = ["arn:aws:s3:::shop-test-ml-sagemaker-123456789012/captured/ranking/*"], next = ["arn:aws:s3:::shop-test-ml-sagemaker-123456789012/captured/ranking/*"], words = [] }
    error_message = "a role writes what its model's endpoints capture"
  }
  assert {
    condition     = aws_sagemaker_endpoint_configuration.this["ranking"].kms_key_arn == var.kms_key_arn && aws_sagemaker_endpoint_configuration.this["pictures"].kms_key_arn == null && aws_sagemaker_endpoint_configuration.this["slow"].kms_key_arn == null && aws_sagemaker_endpoint_configuration.serverless["words"].kms_key_arn == var.kms_key_arn
    error_message = "the key is for volumes; local storage encrypts itself and refuses one"
  }
  assert {
    condition     = aws_sagemaker_endpoint_configuration.this["ranking"].data_capture_config[0].destination_s3_uri == "s3://${output.sagemaker_bucket_name}/captured/ranking" && aws_sagemaker_endpoint_configuration.this["ranking"].data_capture_config[0].kms_key_id == var.kms_key_arn && length(aws_sagemaker_endpoint_configuration.this["slow"].data_capture_config) == 0
    error_message = "captured into the layer's bucket under its key, where it was asked for"
  }
  assert {
    condition     = aws_sagemaker_endpoint_configuration.this["ranking"].shadow_production_variants[0].variant_name == "next" && [for variant in aws_sagemaker_endpoint_configuration.this["pictures"].production_variants : variant.initial_variant_weight] == [9, 1]
    error_message = "shadows and shares"
  }
  assert {
    condition     = aws_sagemaker_endpoint.this["ranking"].deployment_config[0].blue_green_update_policy[0].traffic_routing_configuration[0].canary_size[0].value == 10 && aws_sagemaker_endpoint.this["slow"].deployment_config[0].blue_green_update_policy[0].traffic_routing_configuration[0].linear_step_size[0].value == 20 && aws_sagemaker_endpoint.this["pictures"].deployment_config[0].rolling_update_policy[0].maximum_batch_size[0].value == 25
    error_message = "a canary unless something else was asked for"
  }
  assert {
    condition     = toset([for alarm in aws_sagemaker_endpoint.this["ranking"].deployment_config[0].auto_rollback_configuration[0].alarms : alarm.alarm_name]) == toset(["shop-orders", "shop-test-ml-ranking-main-errors", "shop-test-ml-ranking-main-latency"]) && length(aws_sagemaker_endpoint.this["pictures"].deployment_config[0].auto_rollback_configuration) == 0
    error_message = "alarms roll a deployment back"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.endpoint["ranking-main-errors"].threshold == 0.02 && aws_cloudwatch_metric_alarm.endpoint["ranking-main-latency"].threshold == 400000 && aws_cloudwatch_metric_alarm.endpoint["ranking-main-latency"].extended_statistic == "p99"
    error_message = "a share of answers, and microseconds"
  }
  assert {
    condition     = aws_appautoscaling_target.endpoint["ranking/main"].resource_id == "endpoint/shop-test-ml-ranking/variant/main" && aws_appautoscaling_policy.endpoint["ranking/main"].target_tracking_scaling_policy_configuration[0].target_value == 600 && length(aws_appautoscaling_target.endpoint) == 1
    error_message = "scaled by invocations per instance, where it was asked for"
  }
  assert {
    condition     = aws_appautoscaling_target.serverless["words"].scalable_dimension == "sagemaker:variant:DesiredProvisionedConcurrency" && aws_appautoscaling_policy.serverless["words"].target_tracking_scaling_policy_configuration[0].target_value == 0.7
    error_message = "what is kept warm is scaled by how busy it is"
  }
  assert {
    condition     = aws_cloudwatch_log_group.endpoint["words"].name == "/aws/sagemaker/Endpoints/shop-test-ml-words" && aws_cloudwatch_log_group.endpoint["words"].kms_key_id == var.logs_kms_key_arn && aws_cloudwatch_log_group.endpoint["words"].retention_in_days == 365
    error_message = "logs are encrypted and kept for a year"
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.sagemaker_between_instances[0].referenced_security_group_id == aws_security_group.sagemaker[0].id
    error_message = "nothing comes in but from each other"
  }
}

run "a_role" {
  command = plan

  module {
    source = "./modules/sagemaker_role"
  }

  variables {
    name        = "shop-test-ml-model-ranking"
    description = "Loads the model ranking"
    account     = { partition = "aws", region = "eu-west-1", id = "123456789012" }
    images      = ["141502667606.dkr.ecr.eu-west-1.amazonaws.com/team/xgboost:1.7-1", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/rank@sha256:00", "registry.example/rank:1"]
    read        = ["arn:aws:s3:::models/ranking/1/model.tar.gz"]
    write       = ["arn:aws:s3:::captured/ranking/*"]
    log_groups  = ["/aws/sagemaker/Endpoints/ranking"]
    vpc         = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == var.permissions_boundary_arn
    error_message = "within the boundary"
  }
  assert {
    condition     = { for condition in data.aws_iam_policy_document.trust.statement[0].condition : condition.variable => condition.values } == { "aws:SourceAccount" = tolist(["123456789012"]), "aws:SourceArn" = tolist(["arn:aws:sagemaker:eu-west-1:123456789012:*"]) }
    error_message = "SageMaker of this account alone takes it on"
  }
  assert {
    condition     = local.repository_arns == tolist(["arn:aws:ecr:eu-west-1:123456789012:repository/rank", "arn:aws:ecr:eu-west-1:141502667606:repository/team/xgboost"]) && local.buckets == tolist(["arn:aws:s3:::captured", "arn:aws:s3:::models"])
    error_message = "its images' repositories and its buckets"
  }
  assert {
    condition = jsonencode({ for statement in data.aws_iam_policy_document.this.statement : statement.sid => sort(statement.resources) if contains(["ReadObjects", "WriteObjects", "OwnLogs", "NamedImages"], statement.sid) }) == jsonencode({
      ReadObjects  = ["arn:aws:s3:::models/ranking/1/model.tar.gz"]
      WriteObjects = ["arn:aws:s3:::captured/ranking/*"]
      OwnLogs      = ["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/sagemaker/Endpoints/ranking:*"]
      NamedImages  = ["arn:aws:ecr:eu-west-1:123456789012:repository/rank", "arn:aws:ecr:eu-west-1:141502667606:repository/team/xgboost"]
    })
    error_message = "just what it was given"
  }
  assert {
    condition     = sort([for statement in data.aws_iam_policy_document.this.statement : statement.sid if contains(statement.resources, "*")]) == tolist(["LookAtNetwork", "OwnMetrics", "SignInToEcr"])
    error_message = "everything only where AWS knows no resource"
  }
}

run "an_isolated_model" {
  command = plan

  module {
    source = "./modules/sagemaker_model"
  }

  variables {
    name     = "shop-test-ml-next"
    role_arn = "arn:aws:iam::123456789012:role/model"
    isolated = true
    vpc      = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
    containers = [
      { hostname = "prepare", image = null, model_package_arn = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/a/1", artifact = null, compressed = true, environment = {} },
      { hostname = "rank", image = "rank:1", model_package_arn = null, artifact = "s3://models/rank/2/", compressed = false, environment = { LEVEL = "debug" } },
    ]
  }

  assert {
    condition     = aws_sagemaker_model.this.enable_network_isolation && aws_sagemaker_model.this.vpc_config[0].subnets == toset(["subnet-1"])
    error_message = "in the VPC, and isolated"
  }
  assert {
    condition     = length(aws_sagemaker_model.this.primary_container) == 0 && length(aws_sagemaker_model.this.container) == 2 && aws_sagemaker_model.this.container[1].model_data_source[0].s3_data_source[0].compression_type == "None"
    error_message = "an inference pipeline, of which one part is not packed"
  }
}

run "features_registry_and_pipelines" {
  variables {
    feature_groups = {
      customers = {
        record_identifier = "id"
        event_time        = "at"
        features          = [{ name = "id", type = "String" }, { name = "at", type = "String" }, { name = "taste", type = "Fractional", collection = "Vector", dimension = 64 }]
        online            = { storage = "InMemory", ttl = { value = 30 } }
        offline           = { table_format = "Iceberg" }
      }
      big-history = {
        record_identifier = "id"
        event_time        = "at"
        features          = [{ name = "id", type = "String" }, { name = "at", type = "String" }]
        offline           = { create_table = false }
      }
      now = {
        record_identifier = "id"
        event_time        = "at"
        features          = [{ name = "id", type = "String" }, { name = "at", type = "String" }]
        online            = {}
        throughput        = { read_units = 10, write_units = 5 }
      }
    }
    model_package_groups = {
      ranking = { reader_accounts = ["222222222222"], writer_accounts = ["333333333333"] }
      own     = {}
    }
    pipelines = {
      training = { parallel_steps = 3, buckets = { media = "read" }, model_package_groups = ["ranking"], feature_groups = ["customers"], images = ["123456789012.dkr.ecr.eu-west-1.amazonaws.com/train:1"] }
      scoring  = { definition = "{\"Version\": \"2020-12-01\", \"Steps\": [{\"Name\": \"$${own.step}\", \"Group\": \"$${model_package_groups.own}\"}]}", substitutions = { step = "Score" } }
    }
    pipeline_definitions = {
      training = {
        Version = "2020-12-01"
        Steps   = [{ Name = "Train", RoleArn = "$${role_arn}", Out = "s3://$${bucket}/models/", VpcConfig = { Subnets = "$${subnet_ids}" } }]
      }
    }
  }

  assert {
    condition     = aws_sagemaker_feature_group.this["customers"].online_store_config[0].security_config[0].kms_key_id == var.kms_key_arn && aws_sagemaker_feature_group.this["customers"].online_store_config[0].ttl_duration[0].unit == "Days" && aws_sagemaker_feature_group.this["customers"].offline_store_config[0].s3_storage_config[0].kms_key_id == var.kms_key_arn
    error_message = "both stores are encrypted with the layer's key"
  }
  assert {
    condition     = aws_sagemaker_feature_group.this["customers"].offline_store_config[0].data_catalog_config[0].database == "shop_test_ml_features" && aws_sagemaker_feature_group.this["customers"].offline_store_config[0].data_catalog_config[0].table_name == "customers" && aws_sagemaker_feature_group.this["big-history"].offline_store_config[0].disable_glue_table_creation && local.feature_tables == { customers = "customers" }
    error_message = "a table in the layer's database, unless it was refused"
  }
  assert {
    condition     = length(aws_sagemaker_feature_group.this["now"].offline_store_config) == 0 && aws_sagemaker_feature_group.this["now"].throughput_config[0].throughput_mode == "Provisioned" && length(aws_sagemaker_feature_group.this["big-history"].online_store_config) == 0
    error_message = "one store alone"
  }
  assert {
    condition     = data.aws_iam_policy_document.feature_group["customers"].statement[0].resources == toset(["arn:aws:glue:eu-west-1:123456789012:catalog", "arn:aws:glue:eu-west-1:123456789012:database/shop_test_ml_features", "arn:aws:glue:eu-west-1:123456789012:table/shop_test_ml_features/customers"])
    error_message = "a group's role has its own table"
  }
  assert {
    condition = jsonencode({ for statement in data.aws_iam_policy_document.model_package_group["ranking"].statement : statement.sid => sort(flatten([for principal in statement.principals : tolist(principal.identifiers)])) }) == jsonencode({
      SeeGroup         = ["arn:aws:iam::222222222222:root", "arn:aws:iam::333333333333:root"]
      DeployVersions   = ["arn:aws:iam::222222222222:root", "arn:aws:iam::333333333333:root"]
      RegisterVersions = ["arn:aws:iam::333333333333:root"]
    })
    error_message = "readers deploy, writers register"
  }
  assert {
    condition     = keys(aws_sagemaker_model_package_group_policy.this) == ["ranking"]
    error_message = "no policy where nothing is shared"
  }
  assert {
    condition = jsondecode(aws_sagemaker_pipeline.this["training"].pipeline_definition).Steps[0] == {
      Name      = "Train"
      RoleArn   = "arn:aws:iam::123456789012:role/shop-test-ml-pipeline-training"
      Out       = "s3://shop-test-ml-sagemaker-123456789012/models/"
      VpcConfig = { Subnets = ["subnet-1", "subnet-2"] }
    }
    error_message = "an object whose names are filled in, lists as lists"
  }
  assert {
    condition     = jsondecode(aws_sagemaker_pipeline.this["scoring"].pipeline_definition).Steps[0] == { Name = "Score", Group = "shop-test-ml-own" }
    error_message = "a text whose names are filled in"
  }
  assert {
    condition     = aws_sagemaker_pipeline.this["training"].parallelism_configuration[0].max_parallel_execution_steps == 3 && length(aws_sagemaker_pipeline.this["scoring"].parallelism_configuration) == 0
    error_message = "steps at a time"
  }
  assert {
    condition     = sort([for statement in data.aws_iam_policy_document.pipeline["training"].statement : statement.sid]) == tolist(["OwnJobs", "OwnModels", "OwnRoleForJobs", "RegisterModels", "WriteFeatures"]) && length(data.aws_iam_policy_document.pipeline["scoring"].statement) == 3
    error_message = "groups only where they were given"
  }
}

run "domains" {
  variables {
    model_package_groups = { ranking = {} }
    domains = {
      research = {
        retain_home_file_system = false
        hidden_apps             = ["Canvas"]
        model_package_groups    = ["ranking"]
        buckets                 = { media = "read" }
        lifecycle_scripts       = { packages = { content = "pip install pandas" } }
        user_profiles           = { ada = {}, grace = { own_role = true, buckets = { media = "read_write" } } }
      }
      sso = {
        auth_mode            = "SSO"
        idle_timeout_minutes = 0
        train                = false
        user_profiles        = { ada = { sso_user = "ada@shop.example" } }
      }
    }
  }

  assert {
    condition     = aws_sagemaker_domain.this["research"].app_network_access_type == "VpcOnly" && aws_sagemaker_domain.this["research"].kms_key_id == var.kms_key_arn && aws_sagemaker_domain.this["research"].subnet_ids == toset(["subnet-1", "subnet-2"])
    error_message = "in the VPC alone, encrypted with the layer's key"
  }
  assert {
    condition     = aws_sagemaker_domain.this["research"].retention_policy[0].home_efs_file_system == "Delete" && aws_sagemaker_domain.this["sso"].retention_policy[0].home_efs_file_system == "Retain"
    error_message = "files outlive the domain unless something else was asked for"
  }
  assert {
    condition     = aws_sagemaker_domain.this["research"].default_user_settings[0].jupyter_lab_app_settings[0].app_lifecycle_management[0].idle_settings[0].idle_timeout_in_minutes == 120 && aws_sagemaker_domain.this["sso"].default_user_settings[0].code_editor_app_settings[0].app_lifecycle_management[0].idle_settings[0].lifecycle_management == "DISABLED"
    error_message = "what nobody uses is stopped, unless that was refused"
  }
  assert {
    condition     = aws_sagemaker_domain.this["research"].domain_settings[0].docker_settings[0].enable_docker_access == "DISABLED" && aws_sagemaker_domain.this["research"].default_user_settings[0].sharing_settings[0].notebook_output_option == "Disabled"
    error_message = "no containers, no shared output"
  }
  assert {
    condition     = length(aws_sagemaker_user_profile.this["research/ada"].user_settings) == 0 && length(aws_sagemaker_user_profile.this["research/grace"].user_settings) == 1 && aws_sagemaker_user_profile.this["sso/ada"].single_sign_on_user_value == "ada@shop.example"
    error_message = "users have the domain's role or one of their own"
  }
  assert {
    condition     = keys(module.domain_user_role) == ["research/grace"] && contains(local.domain_objects["research/grace"].write, "arn:aws:s3:::media/*") && !contains(local.domain_objects["research"].write, "arn:aws:s3:::media/*") && contains(local.domain_objects["research"].read, "arn:aws:s3:::media/*")
    error_message = "a user's own role has what the user was given besides"
  }
  assert {
    condition     = [for statement in data.aws_iam_policy_document.domain["sso"].statement : statement.sid] == ["SeeWhatThereIs"]
    error_message = "no jobs where they were refused"
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.domain_apps["research"].referenced_security_group_id == aws_security_group.domain["research"].id && aws_vpc_security_group_egress_rule.domain_files["research"].cidr_ipv4 == "10.0.0.0/16"
    error_message = "in from each other alone"
  }
  assert {
    condition     = aws_sagemaker_studio_lifecycle_config.this["research-packages"].studio_lifecycle_config_content == base64encode("pip install pandas")
    error_message = "a script for the app's start"
  }
}

run "a_roles_name" {
  command = plan

  module {
    source = "./modules/sagemaker_role"
  }

  variables {
    name        = "shop-test-ml-model-with-a-name-that-is-longer-than-sixty-four-characters"
    description = "None"
    account     = { partition = "aws", region = "eu-west-1", id = "123456789012" }
  }

  expect_failures = [var.name]
}

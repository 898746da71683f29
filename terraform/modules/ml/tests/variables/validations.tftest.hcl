# Every rule of the variables refuses its own bad value, one at a time. Run over the variables alone, without a provider:
# `python -m pytest tests/e2e/test_modules.py`.

variables {
  name_prefix           = "shop-test"
  account_id            = "123456789012"
  region                = "eu-west-1"
  kms_key_arn           = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  logs_kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  messaging_kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000003"
  data_kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000004"
  bucket_names          = { media = "shop-test-data-media" }
  bucket_arns           = { media = "arn:aws:s3:::shop-test-data-media" }

  # m for instances, s for serverless hosting
  models = { m = { containers = [{ image = "r.example/m:1" }] }, s = { hosting = "serverless", containers = [{ image = "r.example/s:1" }] } }
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

run "a_collection_has_a_lower_case_name" {
  command         = plan
  expect_failures = [var.face_collections]
  variables {
    face_collections = ["Staff Only"]
  }
}

run "only_moderation_retrains_itself" {
  command         = plan
  expect_failures = [var.label_projects]
  variables {
    label_projects = { products = { auto_update = true } }
  }
}

run "a_stream_processor_does_one_thing" {
  command         = plan
  expect_failures = [var.stream_processors]
  variables {
    stream_processors = { door = { acknowledge_closed_to_new_customers = true } }
  }
}

run "faces_are_searched_in_a_collection_that_is_there" {
  command         = plan
  expect_failures = [var.stream_processors]
  variables {
    stream_processors = { door = { search_faces = { collection = "guests" }, acknowledge_closed_to_new_customers = true } }
  }
}

run "labels_are_those_of_streaming_video" {
  command         = plan
  expect_failures = [var.stream_processors]
  variables {
    stream_processors = { yard = { labels = { names = ["COW"] }, acknowledge_closed_to_new_customers = true } }
  }
}

run "video_is_kept_for_no_negative_time" {
  command         = plan
  expect_failures = [var.stream_processors]
  variables {
    stream_processors = { yard = { labels = { names = ["PET"] }, retention_hours = -1, acknowledge_closed_to_new_customers = true } }
  }
}

run "what_aws_has_closed_to_new_customers_is_acknowledged" {
  command         = plan
  expect_failures = [var.stream_processors]
  variables {
    stream_processors = { yard = { labels = { names = ["PET"] } } }
  }
}

run "a_workflow_has_a_short_lower_case_name" {
  command         = plan
  expect_failures = [var.workflows]
  variables {
    workflows = { "All Invoices" = { service = "textract", bucket = "media", analyses = ["text"] } }
  }
}

run "a_workflow_s_service_is_one_of_three" {
  command         = plan
  expect_failures = [var.workflows]
  variables {
    workflows = { a = { service = "polly", bucket = "media", analyses = [] } }
  }
}

run "an_analysis_is_one_of_the_service_s" {
  command         = plan
  expect_failures = [var.workflows]
  variables {
    workflows = { a = { service = "comprehend", bucket = "media", analyses = ["forms"] } }
  }
}

run "text_is_analysed_alone" {
  command         = plan
  expect_failures = [var.workflows]
  variables {
    workflows = { a = { service = "textract", bucket = "media", analyses = ["forms", "text"] } }
  }
}

run "queries_are_an_analysis" {
  command         = plan
  expect_failures = [var.workflows]
  variables {
    workflows = { a = { service = "textract", bucket = "media", analyses = ["forms"], queries = { total = "What is the total?" } } }
  }
}

run "celebrities_are_looked_for_in_images" {
  command         = plan
  expect_failures = [var.workflows]
  variables {
    workflows = { a = { service = "rekognition", bucket = "media", media = "video", analyses = ["celebrities"] } }
  }
}

run "texts_are_in_a_language_that_comprehend_reads" {
  command         = plan
  expect_failures = [var.workflows]
  variables {
    workflows = { a = { service = "comprehend", bucket = "media", analyses = ["sentiment"], language = "tlh" } }
  }
}

run "confidence_is_a_percentage" {
  command         = plan
  expect_failures = [var.workflows]
  variables {
    workflows = { a = { service = "rekognition", bucket = "media", analyses = ["labels"], min_confidence = 101 } }
  }
}

run "a_workflow_s_bucket_is_there" {
  command         = plan
  expect_failures = [var.workflows]
  variables {
    workflows = { a = { service = "textract", bucket = "elsewhere", analyses = ["text"] } }
  }
}

run "a_classifier_has_a_name_that_comprehend_takes" {
  command         = plan
  expect_failures = [var.document_classifiers]
  variables {
    document_classifiers = { "a b" = { training = { bucket = "media", key = "x" } } }
  }
}

run "only_many_labels_have_a_delimiter" {
  command         = plan
  expect_failures = [var.document_classifiers]
  variables {
    document_classifiers = { topics = { label_delimiter = "|", training = { bucket = "media", key = "x" } } }
  }
}

run "a_classifier_reads_a_language_that_comprehend_trains" {
  command         = plan
  expect_failures = [var.document_classifiers]
  variables {
    document_classifiers = { topics = { language = "tlh", training = { bucket = "media", key = "x" } } }
  }
}

run "a_classifier_learns_from_one_place" {
  command         = plan
  expect_failures = [var.document_classifiers]
  variables {
    document_classifiers = { topics = { training = { bucket = "media", key = "x", file = "topics.csv" } } }
  }
}

run "a_bucket_comes_with_a_key" {
  command         = plan
  expect_failures = [var.document_classifiers]
  variables {
    document_classifiers = { topics = { training = { file = "topics.csv" }, test = { bucket = "media" } } }
  }
}

run "an_address_is_one_of_s3_s" {
  command         = plan
  expect_failures = [var.document_classifiers]
  variables {
    document_classifiers = { topics = { training = { uri = "https://example.com/topics.csv" } } }
  }
}

run "a_key_of_kms_belongs_to_an_address" {
  command         = plan
  expect_failures = [var.document_classifiers]
  variables {
    document_classifiers = { topics = { training = { file = "topics.csv", kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000009" } } }
  }
}

run "a_classifier_s_bucket_is_there" {
  command         = plan
  expect_failures = [var.document_classifiers]
  variables {
    document_classifiers = { topics = { training = { bucket = "elsewhere", key = "x" } } }
  }
}

run "a_classifier_trains_in_a_vpc_that_is_there" {
  command         = plan
  expect_failures = [var.document_classifiers]
  variables {
    document_classifiers = { topics = { in_vpc = true, training = { bucket = "media", key = "x" } } }
  }
}

run "a_recognizer_has_a_name_that_comprehend_takes" {
  command         = plan
  expect_failures = [var.entity_recognizers]
  variables {
    entity_recognizers = { "a b" = { entity_types = ["ORDER"], documents = { bucket = "media", key = "x" }, entity_list = { bucket = "media", key = "y" } } }
  }
}

run "entity_types_are_in_upper_case" {
  command         = plan
  expect_failures = [var.entity_recognizers]
  variables {
    entity_recognizers = { orders = { entity_types = ["order"], documents = { bucket = "media", key = "x" }, entity_list = { bucket = "media", key = "y" } } }
  }
}

run "a_recognizer_knows_something_of_its_texts" {
  command         = plan
  expect_failures = [var.entity_recognizers]
  variables {
    entity_recognizers = { orders = { entity_types = ["ORDER"], documents = { bucket = "media", key = "x" } } }
  }
}

run "a_recognizer_learns_from_one_place" {
  command         = plan
  expect_failures = [var.entity_recognizers]
  variables {
    entity_recognizers = { orders = { entity_types = ["ORDER"], documents = {}, entity_list = { bucket = "media", key = "y" } } }
  }
}

run "a_recognizer_s_buckets_are_there" {
  command         = plan
  expect_failures = [var.entity_recognizers]
  variables {
    entity_recognizers = { orders = { entity_types = ["ORDER"], documents = { bucket = "media", key = "x" }, entity_list = { bucket = "elsewhere", key = "y" } } }
  }
}

run "a_recognizer_trains_in_a_vpc_that_is_there" {
  command         = plan
  expect_failures = [var.entity_recognizers]
  variables {
    entity_recognizers = { orders = { entity_types = ["ORDER"], in_vpc = true, documents = { bucket = "media", key = "x" }, entity_list = { bucket = "media", key = "y" } } }
  }
}

run "a_file_becomes_a_packed_artifact" {
  command         = plan
  expect_failures = [var.models]
  variables {
    models = { m = { containers = [{ image = "r.example/m:1", artifact = "m/1/", artifact_file = "m", compressed = false }] } }
  }
}

run "a_file_is_put_below_the_layer_s_own_prefix" {
  command         = plan
  expect_failures = [var.models]
  variables {
    models = { m = { containers = [{ image = "r.example/m:1", artifact = "s3://elsewhere/model.tar.gz", artifact_file = "model.tar.gz" }] } }
  }
}

run "an_endpoint_on_a_generation_that_sagemaker_does_not_have" {
  command         = plan
  expect_failures = [var.endpoints]
  variables {
    endpoints = { e = { variants = { a = { model = "m", instance_type = "ml.m99.large" } } } }
  }
}

run "a_domain_on_a_size_that_sagemaker_does_not_have" {
  command         = plan
  expect_failures = [var.domains]
  variables {
    domains = { d = { instance_type = "ml.t3.huge" } }
  }
}

run "an_endpoints_name" {
  command         = plan
  expect_failures = [var.endpoints]
  variables {
    endpoints = { E = { variants = { a = { model = "m", instance_type = "ml.m5.large" } } } }
  }
}

run "a_domains_name" {
  command         = plan
  expect_failures = [var.domains]
  variables {
    domains = { D = {} }
  }
}

run "a_pipelines_name" {
  command         = plan
  expect_failures = [var.pipelines]
  variables {
    pipelines = { P = { definition = "Steps: []" } }
  }
}

run "an_endpoint_without_variants" {
  command         = plan
  expect_failures = [var.endpoints]
  variables {
    endpoints = { e = { variants = {} } }
  }
}

run "an_auth_mode" {
  command         = plan
  expect_failures = [var.domains]
  variables {
    domains = { d = { auth_mode = "SAML" } }
  }
}

run "a_pipeline_without_a_definition" {
  command         = plan
  expect_failures = [var.pipelines]
  variables {
    pipelines = { p = { description = "nothing" } }
  }
}

run "two_shadows" {
  command         = plan
  expect_failures = [var.endpoints]
  variables {
    endpoints = { e = { variants = { a = { model = "m", instance_type = "ml.m5.large" } }, shadow_variants = { b = { model = "m", instance_type = "ml.m5.large" }, c = { model = "m", instance_type = "ml.m5.large" } } } }
  }
}

run "an_idle_timeout_that_is_too_short" {
  command         = plan
  expect_failures = [var.domains]
  variables {
    domains = { d = { idle_timeout_minutes = 30 } }
  }
}

run "a_definition_without_a_pipeline" {
  command         = plan
  expect_failures = [var.pipelines]
  variables {
    pipeline_definitions = { p = { Steps = [] } }
  }
}

run "a_variant_of_a_serverless_model" {
  command         = plan
  expect_failures = [var.endpoints]
  variables {
    endpoints = { e = { variants = { a = { model = "s", instance_type = "ml.m5.large" } } } }
  }
}

run "a_domains_instance_type" {
  command         = plan
  expect_failures = [var.domains]
  variables {
    domains = { d = { instance_type = "t3.medium" } }
  }
}

run "a_definition_without_steps" {
  command         = plan
  expect_failures = [var.pipelines]
  variables {
    pipelines = { p = { definition = "Version: 1" } }
  }
}

run "an_instance_type_of_ec2" {
  command         = plan
  expect_failures = [var.endpoints]
  variables {
    endpoints = { e = { variants = { a = { model = "m", instance_type = "m5.large" } } } }
  }
}

run "an_app_to_hide" {
  command         = plan
  expect_failures = [var.domains]
  variables {
    domains = { d = { hidden_apps = ["Emacs"] } }
  }
}

run "no_parallel_steps" {
  command         = plan
  expect_failures = [var.pipelines]
  variables {
    pipelines = { p = { definition = "Steps: []", parallel_steps = 0 } }
  }
}

run "a_share_that_is_no_whole_number" {
  command         = plan
  expect_failures = [var.endpoints]
  variables {
    endpoints = { e = { variants = { a = { model = "m", instance_type = "ml.m5.large", weight = 0.1 } } } }
  }
}

run "a_disk_smaller_than_its_default" {
  command         = plan
  expect_failures = [var.domains]
  variables {
    domains = { d = { space_storage_gb = 50, max_space_storage_gb = 20 } }
  }
}

run "an_access_to_a_bucket" {
  command         = plan
  expect_failures = [var.pipelines]
  variables {
    pipelines = { p = { definition = "Steps: []", buckets = { media = "all" } } }
  }
}

run "a_volume_that_is_too_large" {
  command         = plan
  expect_failures = [var.endpoints]
  variables {
    endpoints = { e = { variants = { a = { model = "m", instance_type = "ml.m5.large", volume_size_gb = 513 } } } }
  }
}

run "a_script_for_another_app" {
  command         = plan
  expect_failures = [var.domains]
  variables {
    domains = { d = { lifecycle_scripts = { s = { app = "Emacs", content = "true" } } } }
  }
}

run "a_pipelines_unknown_bucket" {
  command         = plan
  expect_failures = [var.pipelines]
  variables {
    pipelines = { p = { definition = "Steps: []", buckets = { nowhere = "read" } } }
  }
}

run "scaling_below_the_instances" {
  command         = plan
  expect_failures = [var.endpoints]
  variables {
    endpoints = { e = { variants = { a = { model = "m", instance_type = "ml.m5.large", instances = 5, scaling = { min = 1, max = 4, invocations_per_instance = 10 } } } } }
  }
}

run "a_domains_access_to_a_bucket" {
  command         = plan
  expect_failures = [var.domains]
  variables {
    domains = { d = { buckets = { media = "all" } } }
  }
}

run "an_unknown_package_group" {
  command         = plan
  expect_failures = [var.pipelines]
  variables {
    pipelines = { p = { definition = "Steps: []", model_package_groups = ["g"] } }
  }
}

run "capturing_more_than_all" {
  command         = plan
  expect_failures = [var.endpoints]
  variables {
    endpoints = { e = { variants = { a = { model = "m", instance_type = "ml.m5.large" } }, data_capture = { percent = 101 } } }
  }
}

run "a_domains_unknown_feature_group" {
  command         = plan
  expect_failures = [var.domains]
  variables {
    domains = { d = { feature_groups = ["f"] } }
  }
}

run "a_pipelines_statement" {
  command         = plan
  expect_failures = [var.pipelines]
  variables {
    pipelines = { p = { definition = "Steps: []", policy_statements = ["{}"] } }
  }
}

run "an_unknown_strategy" {
  command         = plan
  expect_failures = [var.endpoints]
  variables {
    endpoints = { e = { variants = { a = { model = "m", instance_type = "ml.m5.large" } }, deployment = { strategy = "blue_green" } } }
  }
}

run "a_domains_unknown_bucket" {
  command         = plan
  expect_failures = [var.domains]
  variables {
    domains = { d = { buckets = { nowhere = "read" } } }
  }
}

run "a_linear_step_that_is_too_small" {
  command         = plan
  expect_failures = [var.endpoints]
  variables {
    endpoints = { e = { variants = { a = { model = "m", instance_type = "ml.m5.large" } }, deployment = { strategy = "linear", percent = 5 } } }
  }
}

run "a_users_name" {
  command         = plan
  expect_failures = [var.domains]
  variables {
    domains = { d = { user_profiles = { "ada@shop" = {} } } }
  }
}

run "more_errors_than_answers" {
  command         = plan
  expect_failures = [var.endpoints]
  variables {
    endpoints = { e = { variants = { a = { model = "m", instance_type = "ml.m5.large" } }, alarms = { error_percent = 101 } } }
  }
}

run "a_sign_on_user_in_iam" {
  command         = plan
  expect_failures = [var.domains]
  variables {
    domains = { d = { user_profiles = { ada = { sso_user = "ada" } } } }
  }
}

run "a_models_name" {
  command         = plan
  expect_failures = [var.models]
  variables {
    models = { Big_Model = { containers = [{ image = "r.example/m:1" }] } }
  }
}

run "buckets_of_a_user_without_a_role" {
  command         = plan
  expect_failures = [var.domains]
  variables {
    domains = { d = { user_profiles = { ada = { buckets = { media = "read" } } } } }
  }
}

run "a_model_without_containers" {
  command         = plan
  expect_failures = [var.models]
  variables {
    models = { m = { containers = [] } }
  }
}

run "a_domains_statement" {
  command         = plan
  expect_failures = [var.domains]
  variables {
    domains = { d = { policy_statements = ["{}"] } }
  }
}

run "a_container_with_image_and_package" {
  command         = plan
  expect_failures = [var.models]
  variables {
    models = { m = { containers = [{ image = "r.example/m:1", model_package_arn = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/a/1" }] } }
  }
}

run "a_feature_groups_name" {
  command         = plan
  expect_failures = [var.feature_groups]
  variables {
    feature_groups = { F_1 = { record_identifier = "id", event_time = "at", features = [{ name = "id", type = "String" }, { name = "at", type = "String" }], online = {} } }
  }
}

run "a_package_groups_name" {
  command         = plan
  expect_failures = [var.model_package_groups]
  variables {
    model_package_groups = { G = {} }
  }
}

run "captured_for_no_time" {
  command         = plan
  expect_failures = [var.data_capture_retention_days]
  variables {
    data_capture_retention_days = 0
  }
}

run "an_image_without_a_registry" {
  command         = plan
  expect_failures = [var.models]
  variables {
    models = { m = { containers = [{ image = "m" }] } }
  }
}

run "a_feature_group_without_a_store" {
  command         = plan
  expect_failures = [var.feature_groups]
  variables {
    feature_groups = { f = { record_identifier = "id", event_time = "at", features = [{ name = "id", type = "String" }, { name = "at", type = "String" }], description = "nowhere" } }
  }
}

run "an_account_that_is_none" {
  command         = plan
  expect_failures = [var.model_package_groups]
  variables {
    model_package_groups = { g = { reader_accounts = ["1234"] } }
  }
}

run "hosting_on_nothing" {
  command         = plan
  expect_failures = [var.models]
  variables {
    models = { m = { hosting = "batch", containers = [{ image = "r.example/m:1" }] } }
  }
}

run "an_identifier_that_is_no_feature" {
  command         = plan
  expect_failures = [var.feature_groups]
  variables {
    feature_groups = { f = { record_identifier = "id", event_time = "at", features = [{ name = "id", type = "String" }], online = {} } }
  }
}

run "a_serverless_pipeline_of_containers" {
  command         = plan
  expect_failures = [var.models]
  variables {
    models = { m = { hosting = "serverless", containers = [{ image = "r.example/m:1" }, { image = "r.example/n:1" }] } }
  }
}

run "a_feature_twice" {
  command         = plan
  expect_failures = [var.feature_groups]
  variables {
    feature_groups = { f = { record_identifier = "id", event_time = "at", features = concat([{ name = "id", type = "String" }, { name = "at", type = "String" }], [{ name = "id", type = "String" }]), online = {} } }
  }
}

run "a_models_unknown_bucket" {
  command         = plan
  expect_failures = [var.models]
  variables {
    models = { m = { containers = [{ image = "r.example/m:1" }], buckets = ["nowhere"] } }
  }
}

run "a_features_type" {
  command         = plan
  expect_failures = [var.feature_groups]
  variables {
    feature_groups = { f = { record_identifier = "id", event_time = "at", features = [{ name = "id", type = "Text" }, { name = "at", type = "String" }], online = {} } }
  }
}

run "a_serverless_endpoints_name" {
  command         = plan
  expect_failures = [var.serverless_endpoints]
  variables {
    serverless_endpoints = { E = { model = "s" } }
  }
}

run "a_vector_on_disk" {
  command         = plan
  expect_failures = [var.feature_groups]
  variables {
    feature_groups = { f = { record_identifier = "id", event_time = "at", features = [{ name = "id", type = "String" }, { name = "at", type = "String" }, { name = "v", type = "Fractional", collection = "Vector", dimension = 8 }], online = {} } }
  }
}

run "one_name_for_two_endpoints" {
  command         = plan
  expect_failures = [var.serverless_endpoints]
  variables {
    endpoints            = { e = { variants = { a = { model = "m", instance_type = "ml.m5.large" } } } }
    serverless_endpoints = { e = { model = "s" } }
  }
}

run "an_online_storage" {
  command         = plan
  expect_failures = [var.feature_groups]
  variables {
    feature_groups = { f = { record_identifier = "id", event_time = "at", features = [{ name = "id", type = "String" }, { name = "at", type = "String" }], online = { storage = "Disk" } } }
  }
}

run "a_serverless_endpoint_of_another_model" {
  command         = plan
  expect_failures = [var.serverless_endpoints]
  variables {
    serverless_endpoints = { e = { model = "m" } }
  }
}

run "a_table_format" {
  command         = plan
  expect_failures = [var.feature_groups]
  variables {
    feature_groups = { f = { record_identifier = "id", event_time = "at", features = [{ name = "id", type = "String" }, { name = "at", type = "String" }], offline = { table_format = "Parquet" } } }
  }
}

run "memory_in_other_steps" {
  command         = plan
  expect_failures = [var.serverless_endpoints]
  variables {
    serverless_endpoints = { e = { model = "s", memory_mb = 1536 } }
  }
}

run "throughput_of_no_online_store" {
  command         = plan
  expect_failures = [var.feature_groups]
  variables {
    feature_groups = { f = { record_identifier = "id", event_time = "at", features = [{ name = "id", type = "String" }, { name = "at", type = "String" }], offline = {}, throughput = { read_units = 1, write_units = 1 } } }
  }
}

run "concurrency_that_is_too_high" {
  command         = plan
  expect_failures = [var.serverless_endpoints]
  variables {
    serverless_endpoints = { e = { model = "s", max_concurrency = 201 } }
  }
}

run "an_object_without_steps" {
  command         = plan
  expect_failures = [var.pipeline_definitions]
  variables {
    pipelines            = { p = { description = "nothing" } }
    pipeline_definitions = { p = { Version = "1" } }
  }
}

run "scaling_without_provisioned_concurrency" {
  command         = plan
  expect_failures = [var.serverless_endpoints]
  variables {
    serverless_endpoints = { e = { model = "s", scaling = { min = 1, max = 2 } } }
  }
}

# Every rule of the variables refuses its own bad value, one at a time. Run over the variables alone, without a provider:
# `python -m pytest tests/e2e/test_modules.py`.

variables {
  name_prefix           = "shop-test"
  region                = "eu-west-1"
  account_id            = "123456789012"
  logs_kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  messaging_kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-1111-1111-1111-111111111111"
  vpc_id                = "vpc-0123456789abcdef0"
  vpc_cidr              = "10.0.0.0/16"
  private_subnet_ids    = ["subnet-00000000000000001", "subnet-00000000000000002", "subnet-00000000000000003"]
}

run "a_domain_without_administrators" {
  command = plan
  variables {
    opensearch_domain = { administrators = [] }
  }
  expect_failures = [var.opensearch_domain]
}

run "an_engine_that_is_none" {
  command = plan
  variables {
    opensearch_domain = { administrators = ["arn:aws:iam::123456789012:role/platform"], engine_version = "OpenSearch_2.9" }
  }
  expect_failures = [var.opensearch_domain]
}

run "an_instance_type_that_is_none" {
  command = plan
  variables {
    opensearch_domain = { administrators = ["arn:aws:iam::123456789012:role/platform"], instance_type = "m7g.large" }
  }
  expect_failures = [var.opensearch_domain]
}

run "a_series_and_a_size_that_are_none" {
  command = plan
  variables {
    opensearch_domain = { administrators = ["arn:aws:iam::123456789012:role/platform"], instance_type = "zz9.huge.search" }
  }
  expect_failures = [var.opensearch_domain]
}

run "masters_of_a_generation_that_is_none" {
  command = plan
  variables {
    opensearch_domain = { administrators = ["arn:aws:iam::123456789012:role/platform"], dedicated_masters = { instance_type = "m99g.large.search" } }
  }
  expect_failures = [var.opensearch_domain]
}

run "nodes_that_do_not_fill_the_zones" {
  command = plan
  variables {
    opensearch_domain = { administrators = ["arn:aws:iam::123456789012:role/platform"], instance_count = 4 }
  }
  expect_failures = [var.opensearch_domain]
}

run "a_standby_without_masters" {
  command = plan
  variables {
    opensearch_domain = { administrators = ["arn:aws:iam::123456789012:role/platform"], standby = true }
  }
  expect_failures = [var.opensearch_domain]
}

run "four_masters" {
  command = plan
  variables {
    opensearch_domain = { administrators = ["arn:aws:iam::123456789012:role/platform"], dedicated_masters = { count = 4 } }
  }
  expect_failures = [var.opensearch_domain]
}

run "an_hour_that_is_none" {
  command = plan
  variables {
    opensearch_domain = { administrators = ["arn:aws:iam::123456789012:role/platform"], snapshot_hour = 24 }
  }
  expect_failures = [var.opensearch_domain]
}

run "a_retention_of_the_domain_that_cloudwatch_does_not_take" {
  command = plan
  variables {
    opensearch_domain = { administrators = ["arn:aws:iam::123456789012:role/platform"], log_retention_in_days = 8 }
  }
  expect_failures = [var.opensearch_domain]
}

run "a_collection_of_no_type" {
  command = plan
  variables {
    opensearch_collections = { a1 = { type = "GRAPH" } }
  }
  expect_failures = [var.opensearch_collections]
}

run "a_collection_with_too_long_a_name" {
  command = plan
  variables {
    opensearch_collections = { a-collection-with-a-very-long-name = {} }
  }
  expect_failures = [var.opensearch_collections]
}

run "a_search_collection_that_forgets" {
  command = plan
  variables {
    opensearch_collections = { find = { type = "SEARCH", retention_days = 3 } }
  }
  expect_failures = [var.opensearch_collections]
}

run "delivered_to_nowhere" {
  command = plan
  variables {
    log_delivery = { a = { log_groups = ["/x"], to = "kinesis" } }
  }
  expect_failures = [var.log_delivery]
}

run "delivered_to_a_domain_that_is_not_there" {
  command = plan
  variables {
    log_delivery = { a = { log_groups = ["/x"], to = "domain" } }
  }
  expect_failures = [var.log_delivery]
}

run "delivered_to_a_collection_that_is_not_there" {
  command = plan
  variables {
    log_delivery = { a = { log_groups = ["/x"], to = "collection/logs" } }
  }
  expect_failures = [var.log_delivery]
}

run "three_deliveries_of_one_log_group" {
  command = plan
  variables {
    log_delivery = {
      a = { log_groups = ["/x"] }
      b = { log_groups = ["/x", "/y"] }
      c = { log_groups = ["/x"] }
    }
  }
  expect_failures = [var.log_delivery]
}

run "a_rotation_that_is_none" {
  command = plan
  variables {
    log_delivery = { a = { log_groups = ["/x"], rotation = "Daily" } }
  }
  expect_failures = [var.log_delivery]
}

run "a_backup_of_some" {
  command = plan
  variables {
    log_delivery = { a = { log_groups = ["/x"], backup = "some" } }
  }
  expect_failures = [var.log_delivery]
}

run "buffers_beyond_what_firehose_takes" {
  command = plan
  variables {
    log_delivery = { a = { log_groups = ["/x"], buffer_seconds = 1000 } }
  }
  expect_failures = [var.log_delivery]
}

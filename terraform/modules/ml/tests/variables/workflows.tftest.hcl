# Every rule of the variables refuses its own bad value, one at a time. Run over the variables alone, without a provider:
# `python -m pytest tests/e2e/test_modules.py`.

variables {
  name_prefix              = "shop-test"
  region                   = "eu-west-1"
  account_id               = "123456789012"
  kms_key_arn              = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-a6ef-1234567890ab"
  logs_kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  messaging_kms_key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000003"
  data_kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000004"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/shop-test-auth-boundary"
  vpc_id                   = "vpc-1"
  vpc_cidr                 = "10.0.0.0/16"
  private_subnet_ids       = ["subnet-1", "subnet-2"]
  bucket_names             = { media = "shop-test-data-media" }
  bucket_arns              = { media = "arn:aws:s3:::shop-test-data-media" }
}

run "what_makes_no_sense_is_refused" {
  command         = plan
  expect_failures = [var.workflows, var.document_classifiers, var.entity_recognizers, var.label_projects, var.face_collections]

  variables {
    workflows            = { a = { service = "textract", bucket = "elsewhere", analyses = ["forms", "text"], queries = { a = "b" } }, b = { service = "polly", bucket = "media", analyses = ["x"], media = "sound", language = "tlh", min_confidence = 101 } }
    document_classifiers = { "a b" = { mode = "NONE", language = "tlh", training = { bucket = "elsewhere", key = "x" } } }
    entity_recognizers   = { orders = { entity_types = ["lower"], documents = { bucket = "elsewhere", key = "x" } } }
    label_projects       = { products = { auto_update = true } }
    face_collections     = ["Staff Only"]
  }
}

run "a_stream_processor_does_one_thing_with_what_is_there" {
  command         = plan
  expect_failures = [var.stream_processors]

  variables {
    stream_processors = {
      door = { acknowledge_closed_to_new_customers = true }
      hall = { search_faces = { collection = "guests" }, acknowledge_closed_to_new_customers = true }
      yard = { labels = { names = ["COW"] }, retention_hours = -1, acknowledge_closed_to_new_customers = true }
    }
  }
}

run "what_aws_has_closed_to_new_customers_must_be_acknowledged" {
  command         = plan
  expect_failures = [var.stream_processors]

  variables {
    face_collections  = ["staff"]
    stream_processors = { door = { search_faces = { collection = "staff" } } }
  }
}

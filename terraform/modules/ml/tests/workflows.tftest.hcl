mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_iam_role" {
    override_during = plan
    defaults        = { arn = "arn:aws:iam::123456789012:role/shop-test-ml-x" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    override_during = plan
    defaults        = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:x" }
  }
  mock_resource "aws_sns_topic" {
    override_during = plan
    defaults        = { arn = "arn:aws:sns:eu-west-1:123456789012:shop-test-ml-x" }
  }
  mock_resource "aws_dynamodb_table" {
    override_during = plan
    defaults        = { arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/shop-test-ml-results" }
  }
  mock_resource "aws_sfn_state_machine" {
    override_during = plan
    defaults        = { arn = "arn:aws:states:eu-west-1:123456789012:stateMachine:x" }
  }
  mock_resource "aws_sqs_queue" {
    override_during = plan
    defaults        = { arn = "arn:aws:sqs:eu-west-1:123456789012:x" }
  }
  mock_resource "aws_kinesis_video_stream" {
    override_during = plan
    defaults        = { arn = "arn:aws:kinesisvideo:eu-west-1:123456789012:stream/x/1" }
  }
  mock_resource "aws_kinesis_stream" {
    override_during = plan
    defaults        = { arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/x" }
  }
}

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

run "without_settings_there_is_nothing" {
  command = plan

  assert {
    condition     = length(aws_sfn_state_machine.workflow) + length(aws_dynamodb_table.results) + length(aws_sns_topic.this) + length(aws_iam_role.comprehend) + length(aws_rekognition_collection.this) == 0
    error_message = "what is not asked for is not there"
  }
}

run "documents_are_read_by_textract_from_the_event_to_the_result" {
  command = plan

  variables {
    workflows = {
      invoices = {
        service = "textract", bucket = "media", prefix = "invoices/", suffixes = [".pdf"], analyses = ["forms", "tables", "queries"]
        queries = { total = "What is the total?" }, results_retention_days = 30
      }
    }
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.workflow["invoices"].event_pattern).detail.object.key[0].wildcard == "invoices/*.pdf"
    error_message = "the rule follows the prefix and the suffixes"
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.workflow["invoices"].event_pattern).detail.bucket.name == ["shop-test-data-media"]
    error_message = "the rule follows the bucket"
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.workflow["invoices"].definition).States.Analyse.Branches[0].States["Start document"].Parameters.FeatureTypes == ["FORMS", "QUERIES", "TABLES"]
    error_message = "the job looks for what is asked"
  }
  assert {
    condition     = endswith(jsondecode(aws_sfn_state_machine.workflow["invoices"].definition).States.Analyse.Branches[0].States["Start document"].Resource, ":aws-sdk:textract:startDocumentAnalysis")
    error_message = "the job is Textract's"
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.workflow["invoices"].definition).States.Analyse.Branches[0].States["Start document"].Parameters.KMSKeyId == var.kms_key_arn
    error_message = "results are encrypted with the layer's key"
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.workflow["invoices"].definition).States.Analyse.Catch[0].Next == "Note the failure"
    error_message = "a failure is noted and told"
  }
  assert {
    condition     = aws_sfn_state_machine.workflow["invoices"].encryption_configuration[0].type == "CUSTOMER_MANAGED_KMS_KEY" && aws_sfn_state_machine.workflow["invoices"].tracing_configuration[0].enabled
    error_message = "executions are encrypted and traced"
  }
  assert {
    condition     = aws_cloudwatch_event_target.workflow["invoices"].dead_letter_config[0].arn == aws_sqs_queue.unstarted[0].arn
    error_message = "what can't be started is put aside"
  }
  assert {
    condition     = one([for statement in data.aws_iam_policy_document.workflow["invoices"].statement : statement.resources if statement.sid == "ReadsObjects"]) == toset(["arn:aws:s3:::shop-test-data-media/invoices/*"])
    error_message = "it reads objects of its prefix only"
  }
  assert {
    condition     = one([for statement in data.aws_iam_policy_document.workflow["invoices"].statement : statement.actions if statement.sid == "RunsJobs"]) == toset(["textract:GetDocumentAnalysis", "textract:StartDocumentAnalysis"])
    error_message = "it may do what its job needs"
  }
  assert {
    condition     = one(one([for statement in data.aws_iam_policy_document.workflow["invoices"].statement : statement.condition if statement.sid == "PassesRole"])).values == tolist(["textract.amazonaws.com"])
    error_message = "the channel's role is passed to Textract alone"
  }
  assert {
    condition     = aws_dynamodb_table.results[0].deletion_protection_enabled && aws_dynamodb_table.results[0].point_in_time_recovery[0].enabled
    error_message = "results are protected by default"
  }
}

run "texts_images_and_videos_each_have_their_jobs" {
  command = plan

  variables {
    workflows = {
      reviews = { service = "comprehend", bucket = "media", prefix = "reviews/", analyses = ["sentiment", "pii", "language"], language = "de" }
      photos  = { service = "rekognition", bucket = "media", prefix = "photos/", analyses = ["labels", "text"], min_confidence = 90 }
      clips   = { service = "rekognition", media = "video", bucket = "media", prefix = "clips/", analyses = ["labels"] }
      bills   = { service = "textract", bucket = "media", prefix = "bills/", analyses = ["expenses"], enabled = false }
    }
  }

  assert {
    condition     = length(jsondecode(aws_sfn_state_machine.workflow["reviews"].definition).States.Analyse.Branches) == 3
    error_message = "texts have a job for each analysis"
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.workflow["reviews"].definition).States.Analyse.Branches[2].States["Start sentiment"].Parameters.LanguageCode == "de" && !can(jsondecode(aws_sfn_state_machine.workflow["reviews"].definition).States.Analyse.Branches[0].States["Start language"].Parameters.LanguageCode)
    error_message = "the language is said where it is not looked for"
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.workflow["photos"].definition).States.Analyse.Branches[0].States["Find labels"].Parameters.MinConfidence == 90
    error_message = "images are looked at with the confidence"
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.workflow["clips"].definition).States.Analyse.Branches[0].States["Start labels"].Parameters.NotificationChannel.SNSTopicArn == "arn:aws:sns:eu-west-1:123456789012:shop-test-ml-jobs"
    error_message = "videos' jobs tell the topic"
  }
  assert {
    condition     = endswith(jsondecode(aws_sfn_state_machine.workflow["bills"].definition).States.Analyse.Branches[0].States["Start document"].Resource, "startExpenseAnalysis") && aws_cloudwatch_event_rule.workflow["bills"].state == "DISABLED"
    error_message = "expenses have an operation of their own; a workflow can be stopped"
  }
  assert {
    condition     = one([for statement in data.aws_iam_policy_document.workflow["photos"].statement : statement.actions if statement.sid == "RunsJobs"]) == toset(["rekognition:DetectLabels", "rekognition:DetectText"])
    error_message = "images need what is looked for"
  }
  assert {
    condition     = !contains([for statement in data.aws_iam_policy_document.workflow["reviews"].statement : statement.sid], "ReadsObjects") && contains(local.comprehend_reads, "arn:aws:s3:::shop-test-data-media/reviews/*")
    error_message = "Comprehend reads with a role of its own"
  }
  assert {
    condition     = alltrue([for role in concat(values(aws_iam_role.workflow), values(aws_iam_role.starter), aws_iam_role.channel, aws_iam_role.comprehend) : role.permissions_boundary == var.permissions_boundary_arn])
    error_message = "every role has the boundary"
  }
}

run "models_collections_and_streams" {
  command = plan

  variables {
    document_classifiers = { topics = { training = { bucket = "media", key = "topics.csv" }, in_vpc = true } }
    entity_recognizers   = { orders = { entity_types = ["ORDER_NUMBER"], documents = { bucket = "media", key = "texts.txt" }, entity_list = { bucket = "media", key = "orders.csv" } } }
    face_collections     = ["staff"]
    label_projects       = { products = {}, taste = { feature = "CONTENT_MODERATION", auto_update = true } }
    stream_processors = {
      door = { search_faces = { collection = "staff" }, acknowledge_closed_to_new_customers = true }
      yard = { labels = { names = ["PET"] }, acknowledge_closed_to_new_customers = true }
    }
  }

  assert {
    condition     = aws_comprehend_document_classifier.this["topics"].model_kms_key_id == var.kms_key_arn && aws_comprehend_document_classifier.this["topics"].vpc_config[0].subnets == toset(["subnet-1", "subnet-2"])
    error_message = "classifiers are encrypted and trained in the VPC"
  }
  assert {
    condition     = aws_comprehend_entity_recognizer.this["orders"].input_data_config[0].entity_list[0].s3_uri == "s3://shop-test-data-media/orders.csv"
    error_message = "recognizers learn from the data layer's buckets"
  }
  assert {
    condition     = aws_rekognition_project.this["taste"].auto_update == "ENABLED" && aws_rekognition_project.this["products"].feature == "CUSTOM_LABELS"
    error_message = "projects are of their kind"
  }
  assert {
    condition     = length(aws_rekognition_stream_processor.this["door"].output[0].kinesis_data_stream) == 1 && length(aws_rekognition_stream_processor.this["yard"].output[0].s3_destination) == 1
    error_message = "faces go to a stream, pictures to a bucket"
  }
  assert {
    condition     = aws_kinesis_video_stream.this["door"].kms_key_id == var.kms_key_arn && !aws_rekognition_stream_processor.this["yard"].data_sharing_preference[0].opt_in
    error_message = "videos are encrypted and not shared with AWS"
  }
}

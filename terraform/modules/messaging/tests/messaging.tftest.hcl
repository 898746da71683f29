mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-west-1:123456789012:mock", url = "https://sqs.eu-west-1.amazonaws.com/123456789012/mock" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-west-1:123456789012:mock" }
  }
}

variables {
  name_prefix = "shop-test"
  account_id  = "123456789012"
  region      = "eu-west-1"
  kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"

  logs_kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  data_kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000002"
}

run "a_queue_is_encrypted_polls_long_and_has_a_dead_letter_queue" {
  variables {
    queues = { jobs = {} }
  }

  assert {
    condition     = aws_sqs_queue.this["jobs"].name == "shop-test-messaging-jobs" && aws_sqs_queue.this["jobs"].kms_master_key_id == var.kms_key_arn
    error_message = "named and encrypted"
  }
  assert {
    condition     = aws_sqs_queue.this["jobs"].receive_wait_time_seconds == 20
    error_message = "long polling is the default"
  }
  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_policy.this["jobs"].redrive_policy).maxReceiveCount == 5
    error_message = "five attempts, then the dead-letter queue"
  }
  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_allow_policy.dead_letter["jobs"].redrive_allow_policy).redrivePermission == "byQueue"
    error_message = "only its own queue may use a dead-letter queue"
  }
  assert {
    condition     = aws_sqs_queue.dead_letter["jobs"].message_retention_seconds == 1209600
    error_message = "what failed is kept for fourteen days"
  }
}

run "a_queue_takes_from_the_topics_it_is_subscribed_to_and_from_nobody_else" {
  variables {
    queues = { jobs = {}, other = { dead_letter = { enabled = false } } }
    topics = { orders = { subscriptions = { work = { queue = "jobs", raw_message_delivery = true, filter_policy = "{\"kind\": [\"new\"]}" } } } }
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.queue["jobs"].statement : statement.sid] == ["TlsOnly", "SubscribedTopics"]
    error_message = "a subscribed topic may send"
  }
  assert {
    condition     = [for statement in data.aws_iam_policy_document.queue["other"].statement : statement.sid] == ["TlsOnly"]
    error_message = "nobody else is let in"
  }
  assert {
    condition     = aws_sns_topic_subscription.this["orders/work"].protocol == "sqs" && jsondecode(aws_sns_topic_subscription.this["orders/work"].filter_policy).kind == ["new"]
    error_message = "the subscription is filtered"
  }
  assert {
    condition     = length(aws_sqs_queue.dead_letter) == 1
    error_message = "a dead-letter queue can be left out"
  }
}

run "services_may_send_for_this_account_only" {
  variables {
    queues = { uploads = { senders = { services = ["s3"], source_arns = ["arn:aws:s3:::shop-test-*"] } } }
    topics = { alarms = { publishers = { services = ["cloudwatch"] } } }
  }

  assert {
    condition = toset(flatten([
      for statement in data.aws_iam_policy_document.queue["uploads"].statement : [for condition in statement.condition : condition.variable] if statement.sid == "Services"
    ])) == toset(["aws:SourceAccount", "aws:SourceArn"])
    error_message = "a service is bound to the account and to what it sends for"
  }
  assert {
    condition     = contains([for statement in data.aws_iam_policy_document.topic["alarms"].statement : statement.sid], "Services")
    error_message = "named services may publish"
  }
}

run "deliveries_are_logged_where_asked_for" {
  command = plan

  variables {
    topics = { orders = { delivery_logging = { success_percent = 10 } }, quiet = {} }
  }

  assert {
    condition     = aws_sns_topic.this["orders"].sqs_success_feedback_sample_rate == 10 && aws_sns_topic.this["quiet"].sqs_success_feedback_sample_rate == null
    error_message = "one topic logs, the other does not"
  }
  assert {
    condition     = [for group in aws_cloudwatch_log_group.delivery : group.name] == ["sns/eu-west-1/123456789012/shop-test-messaging-orders", "sns/eu-west-1/123456789012/shop-test-messaging-orders/Failure"]
    error_message = "the log groups have the names that SNS writes to"
  }
}

run "fifo_names_end_as_aws_wants_them" {
  variables {
    queues = { ledger = { fifo = true, high_throughput = true } }
    topics = { entries = { fifo = true, subscriptions = { ledger = { queue = "ledger" } } } }
  }

  assert {
    condition     = aws_sqs_queue.this["ledger"].name == "shop-test-messaging-ledger.fifo" && aws_sqs_queue.dead_letter["ledger"].name == "shop-test-messaging-ledger-dlq.fifo"
    error_message = "the queue and its dead-letter queue are FIFO"
  }
  assert {
    condition     = aws_sqs_queue.this["ledger"].fifo_throughput_limit == "perMessageGroupId" && aws_sns_topic.this["entries"].name == "shop-test-messaging-entries.fifo"
    error_message = "high throughput is by message group"
  }
}

run "named_principals_may_send_and_publish" {
  variables {
    queues = { jobs = { senders = { principals = ["arn:aws:iam::123456789012:role/a"] } } }
    topics = { orders = { publishers = { principals = ["arn:aws:iam::123456789012:role/b"] } } }
  }

  assert {
    condition     = contains([for statement in data.aws_iam_policy_document.queue["jobs"].statement : statement.sid], "Principals")
    error_message = "the role may send"
  }
  assert {
    condition     = [for statement in data.aws_iam_policy_document.topic["orders"].statement : statement.sid] == ["AccountManages", "TlsOnly", "Principals"]
    error_message = "the role may publish, over TLS"
  }
}

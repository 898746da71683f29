mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

variables {
  name_prefix              = "shop-test"
  account_id               = "123456789012"
  region                   = "eu-west-1"
  kms_key_arn              = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  logs_kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  data_kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"

  queues            = { jobs = {}, ledger = { fifo = true }, undelivered = { dead_letter = { enabled = false } } }
  topics            = { orders = {} }
  services          = { orders = { runtime = "lambda" }, catalog = { runtime = "ecs" } }
  table_arns        = { orders = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders" }
  table_names       = { orders = "shop-test-data-orders" }
  table_stream_arns = { orders = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/1" }
  secret_arns       = { partner = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:partner-abcdef" }
}

run "a_machine_is_encrypted_logged_traced_and_knows_its_neighbours" {
  command = plan

  variables {
    state_machines = {
      fulfil = {
        definition    = "{\"StartAt\": \"Send\", \"States\": {\"Send\": {\"Type\": \"Task\", \"Resource\": \"arn:aws:states:::sqs:sendMessage\", \"Parameters\": {\"QueueUrl\": \"$${queue_urls.jobs}\", \"MessageBody\": \"$${own.word} $${table_names.orders} $${function_arns.orders}\"}, \"End\": true}}}"
        substitutions = { word = "hello" }
        uses          = { queues = ["jobs"], topics = ["orders"], functions = ["orders"], state_machines = ["quick"], tables = { orders = "read" } }
        aliases       = { live = {} }
      }
      quick = { type = "EXPRESS", definition = "{\"StartAt\": \"Done\", \"States\": {\"Done\": {\"Type\": \"Succeed\"}}}", logging = { level = "OFF" }, tracing = false }
    }
  }

  assert {
    condition     = jsondecode(aws_sfn_state_machine.this["fulfil"].definition).States.Send.Parameters.QueueUrl == "https://sqs.eu-west-1.amazonaws.com/123456789012/shop-test-messaging-jobs"
    error_message = "names of the platform are put in, and known when planning"
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.this["fulfil"].definition).States.Send.Parameters.MessageBody == "hello shop-test-data-orders arn:aws:lambda:eu-west-1:123456789012:function:shop-test-compute-orders:live"
    error_message = "own words, tables and functions"
  }
  assert {
    condition     = one(aws_sfn_state_machine.this["fulfil"].encryption_configuration).kms_key_id == var.kms_key_arn && one(aws_sfn_state_machine.this["fulfil"].tracing_configuration).enabled && one(aws_sfn_state_machine.this["fulfil"].logging_configuration).level == "ERROR"
    error_message = "encrypted, traced and logged"
  }
  assert {
    condition     = aws_sfn_state_machine.this["fulfil"].publish && !aws_sfn_state_machine.this["quick"].publish && keys(aws_cloudwatch_log_group.state_machine) == ["fulfil"]
    error_message = "versions where there is an alias, a log group where there is a log"
  }
  assert {
    condition     = [for statement in data.aws_iam_policy_document.state_machine["fulfil"].statement : statement.sid] == ["DeliverLogs", "Trace", "WatchExecutions", "WatchByRule"] && length(data.aws_iam_policy_document.state_machine["quick"].statement) == 0
    error_message = "what logging, tracing and waiting take, and only then"
  }
}

run "a_role_may_do_what_its_grants_say_and_no_more" {
  command = plan

  module {
    source = "./modules/role"
  }

  variables {
    name        = "shop-test-messaging-fulfil-sfn"
    description = "Lets the state machine fulfil do what it is for"
    service     = "states"
    source_arns = ["arn:aws:states:eu-west-1:123456789012:stateMachine:shop-test-messaging-fulfil"]
    grants      = { send_queues = ["arn:aws:sqs:eu-west-1:123456789012:jobs"], read_tables = ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders"] }
    encryption_context = {
      "aws:states:stateMachineArn" = ["arn:aws:states:eu-west-1:123456789012:stateMachine:shop-test-messaging-fulfil"]
    }
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.this.statement : statement.sid] == ["ReadTables", "SendToQueues", "UseKeyThroughServices", "UseDataKeyThroughServices", "UseKeyForAwsStatesStateMachineArn"]
    error_message = "one statement a grant, and the keys they take"
  }
  assert {
    condition     = !contains(flatten([for statement in data.aws_iam_policy_document.this.statement : statement.resources]), "*")
    error_message = "nothing is granted on everything"
  }
  assert {
    condition     = toset([for condition in data.aws_iam_policy_document.trust.statement[0].condition : condition.variable]) == toset(["aws:SourceAccount", "aws:SourceArn"])
    error_message = "the service takes the role for this thing only"
  }
  assert {
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::123456789012:policy/boundary"
    error_message = "the role has its boundary"
  }
}

run "schedules_and_pipes_have_a_role_each" {
  command = plan

  variables {
    schedule_groups = ["nightly"]
    schedules = {
      cleanup = { group = "nightly", expression = "cron(0 3 * * ? *)", timezone = "Europe/Berlin", flexible_minutes = 15, target = { function = "orders" }, dead_letter_queue = "undelivered" }
      tick    = { expression = "rate(1 hour)", target = { event_bus = "default", detail_type = "Tick", source = "shop.clock" } }
    }
    pipes = {
      stored  = { source = { table = "orders", dead_letter_queue = "undelivered" }, filters = ["{\"eventName\": [\"INSERT\"]}"], enrichment = { function = "orders" }, target = { event_bus = "default", detail_type = "Stored", source = "shop.data" } }
      forward = { source = { queue = "jobs" }, target = { topic = "orders" }, logging = { level = "OFF" } }
    }
  }

  assert {
    condition     = aws_scheduler_schedule.this["cleanup"].target[0].arn == "arn:aws:lambda:eu-west-1:123456789012:function:shop-test-compute-orders:live" && aws_scheduler_schedule.this["cleanup"].kms_key_arn == var.kms_key_arn
    error_message = "a function by its name, encrypted"
  }
  assert {
    condition     = aws_scheduler_schedule.this["cleanup"].flexible_time_window[0].mode == "FLEXIBLE" && aws_scheduler_schedule.this["tick"].flexible_time_window[0].mode == "OFF"
    error_message = "flexible where asked for"
  }
  assert {
    condition     = aws_pipes_pipe.this["stored"].source == "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/1" && aws_pipes_pipe.this["stored"].kms_key_identifier == var.kms_key_arn
    error_message = "a table's stream, encrypted"
  }
  assert {
    condition     = length(aws_pipes_pipe.this["forward"].target_parameters) == 0 && length(aws_pipes_pipe.this["forward"].log_configuration) == 0
    error_message = "no empty blocks"
  }
  assert {
    condition     = keys(module.schedule_role) == ["cleanup", "tick"] && keys(module.pipe_role) == ["forward", "stored"]
    error_message = "nothing shares a role"
  }
}

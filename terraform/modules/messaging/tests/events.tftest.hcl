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

run "the_accounts_own_bus_is_always_there" {
  command = plan

  assert {
    condition     = output.event_bus_arns == { default = "arn:aws:events:eu-west-1:123456789012:event-bus/default" } && output.event_bus_names == { default = "default" }
    error_message = "default is named like the others"
  }
}

run "events_find_their_targets_with_the_least_that_takes" {
  command = plan

  variables {
    event_buses = {
      shop  = { dead_letter_queue = "undelivered", discover_schemas = true, senders = { account_ids = ["210987654321"], organization_id = "o-abcdef1234", sources = ["partner.orders"] } }
      audit = {}
    }
    event_rules = {
      created = {
        bus     = "shop"
        pattern = "{\"source\": [\"shop.orders\"]}"
        targets = {
          queue   = { queue = "jobs", dead_letter_queue = "undelivered", input_transformer = { paths = { id = "$.detail.id" }, template = "{\"order\": <id>}" } }
          ledger  = { queue = "ledger", message_group_id = "orders" }
          topic   = { topic = "orders" }
          machine = { state_machine = "fulfil" }
          log     = { log = true }
        }
      }
      audited = { bus = "shop", pattern = "{\"source\": [{\"prefix\": \"shop.\"}]}", targets = { audit = { event_bus = "audit" }, hook = { api_destination = "partner" } } }
      nightly = { schedule_expression = "rate(1 day)", enabled = false, targets = { queue = { queue = "jobs" } } }
    }
    event_archives   = { shop = { bus = "shop" } }
    connections      = { partner = { type = "API_KEY", identity = "x-api-key", secret = "partner" } }
    api_destinations = { partner = { connection = "partner", endpoint = "https://api.example.com/orders", invocations_per_second = 10 } }
    state_machines   = { fulfil = { definition = "{\"StartAt\": \"Done\", \"States\": {\"Done\": {\"Type\": \"Succeed\"}}}" } }
    schema_registries = {
      shop = { schemas = { "shop.orders@Created" = { type = "JSONSchemaDraft4", content = "{\"type\": \"object\"}" } } }
    }
  }

  assert {
    condition     = aws_cloudwatch_event_bus.this["audit"].kms_key_identifier == var.kms_key_arn && aws_cloudwatch_event_bus.this["shop"].name == "shop-test-messaging-shop"
    error_message = "buses are named and encrypted"
  }
  assert {
    condition     = aws_cloudwatch_event_bus.this["shop"].kms_key_identifier == null
    error_message = "EventBridge discovers no schemas on a bus with a key of one's own"
  }
  assert {
    condition     = [for statement in data.aws_iam_policy_document.event_bus["shop"].statement : statement.sid] == ["TlsOnly", "Accounts", "Organization"] && [for statement in data.aws_iam_policy_document.event_bus["audit"].statement : statement.sid] == ["TlsOnly"]
    error_message = "only who is named may put events from elsewhere, and only over TLS"
  }
  assert {
    condition = toset(flatten([
      for statement in data.aws_iam_policy_document.event_bus["shop"].statement : [for condition in statement.condition : condition.variable] if statement.sid == "Organization"
    ])) == toset(["aws:PrincipalOrgID", "events:source"])
    error_message = "an organization is bound to itself and to its sources"
  }
  assert {
    condition = toset(flatten([
      for statement in data.aws_iam_policy_document.queue["undelivered"].statement : [for condition in statement.condition : condition.values] if statement.sid == "Events"
    ])) == toset(["arn:aws:events:eu-west-1:123456789012:event-bus/shop-test-messaging-shop", "arn:aws:events:eu-west-1:123456789012:rule/shop-test-messaging-shop/shop-test-messaging-created"])
    error_message = "a dead-letter queue takes from its rules and buses"
  }
  assert {
    condition     = contains([for statement in data.aws_iam_policy_document.topic["orders"].statement : statement.sid], "Events")
    error_message = "a topic takes from the rule"
  }
  assert {
    condition     = keys(module.rule_role) == ["audited", "created"] && aws_cloudwatch_event_target.this["created/queue"].role_arn == null
    error_message = "a role only where a target's own policy can't let the rule in"
  }
  assert {
    condition     = aws_cloudwatch_event_target.this["created/log"].input == null && aws_cloudwatch_log_group.rule["created/log"].name == "/aws/events/shop-test-messaging-created-log"
    error_message = "a log target has a log group of its own"
  }
  assert {
    condition     = aws_cloudwatch_event_rule.this["nightly"].state == "DISABLED" && aws_cloudwatch_event_rule.this["nightly"].event_bus_name == "default"
    error_message = "a schedule is a rule of the default bus"
  }
  assert {
    condition     = strcontains(aws_cloudformation_stack.connection["partner"].template_body, "{{resolve:secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:partner-abcdef:SecretString:value}}")
    error_message = "the template names the secret and does not hold it"
  }
  assert {
    condition     = keys(aws_schemas_discoverer.this) == ["shop"] && aws_schemas_schema.this["shop/shop.orders@Created"].type == "JSONSchemaDraft4"
    error_message = "schemas are discovered and agreed on"
  }
  assert {
    condition     = aws_cloudwatch_event_archive.this["shop"].retention_days == 90
    error_message = "ninety days to replay from"
  }
}

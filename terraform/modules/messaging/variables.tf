variable "name_prefix" {
  description = "Prefix of every name: <project>-<environment>."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "AWS account of the environment, 12 digits."
  type        = string
  nullable    = false
}

variable "region" {
  description = "AWS region; part of the ARNs that policies and definitions name."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "KMS key that encrypts queues, topics, buses, pipes, schedules and state machines."
  type        = string
  nullable    = false
}

variable "logs_kms_key_arn" {
  description = "KMS key that encrypts log groups."
  type        = string
  nullable    = false
}

variable "data_kms_key_arn" {
  description = "KMS key of the data layer's tables, for pipes and state machines that use them."
  type        = string
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "Permission boundary of the roles. Null: none."
  type        = string
  default     = null
}

variable "services" {
  description = "The environment's services. Functions are named <name_prefix>-compute-<service>, alias live."
  type        = map(object({ runtime = string }))
  default     = {}
  nullable    = false
}

variable "secret_arns" {
  description = "ARNs of the auth layer's secrets, by name, for connections."
  type        = map(string)
  default     = null
}

variable "table_arns" {
  description = "ARNs of the data layer's tables, by name, for state machines."
  type        = map(string)
  default     = null
}

variable "table_names" {
  description = "Names of the data layer's tables, by name, for state machines."
  type        = map(string)
  default     = null
}

variable "table_stream_arns" {
  description = "ARNs of the streams of the data layer's tables, by name, for pipes."
  type        = map(string)
  default     = null
}

variable "queues" {
  description = <<-EOT
    SQS queues by name, each with a dead-letter queue unless it says otherwise.
      senders.services: AWS services that may send, of this account only; topics of this layer that are
        subscribed need not be named.
      senders.source_arns: what they may send on behalf of, as ARN patterns; default: anything of this account.
      senders.principals: ARNs of IAM roles that may send; roles of this account may also be given it by IAM.
  EOT
  type = map(object({
    fifo                        = optional(bool, false)
    content_based_deduplication = optional(bool, false)
    high_throughput             = optional(bool, false)
    visibility_timeout_seconds  = optional(number, 60)
    retention_seconds           = optional(number, 345600)
    max_message_bytes           = optional(number, 262144)
    delay_seconds               = optional(number, 0)
    receive_wait_seconds        = optional(number, 20)
    data_key_reuse_seconds      = optional(number, 300)
    dead_letter = optional(object({
      enabled           = optional(bool, true)
      max_receive_count = optional(number, 5)
      retention_seconds = optional(number, 1209600)
    }), {})
    senders = optional(object({
      services    = optional(set(string), [])
      source_arns = optional(set(string), [])
      principals  = optional(set(string), [])
    }), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.queues) : can(regex("^[a-zA-Z0-9_-]{1,40}$", name))])
    error_message = "A queue's name has at most 40 letters, digits, hyphens and underscores; .fifo is added for you. Got ${join(", ", keys(var.queues))}."
  }

  validation {
    condition     = alltrue([for name in keys(var.queues) : !endswith(name, "-dlq")])
    error_message = "Names that end in -dlq are those of the dead-letter queues."
  }

  validation {
    condition     = alltrue([for name in keys(var.queues) : length("${var.name_prefix}-messaging-${name}-dlq.fifo") <= 80])
    error_message = "A queue's full name, ${var.name_prefix}-messaging-<name>-dlq.fifo at the longest, has at most 80 characters."
  }

  validation {
    condition     = alltrue([for queue in values(var.queues) : queue.fifo || !(queue.content_based_deduplication || queue.high_throughput)])
    error_message = "content_based_deduplication and high_throughput are for FIFO queues (fifo: true)."
  }

  validation {
    condition = alltrue([
      for queue in values(var.queues) : alltrue([
        queue.visibility_timeout_seconds >= 0 && queue.visibility_timeout_seconds <= 43200,
        queue.retention_seconds >= 60 && queue.retention_seconds <= 1209600,
        queue.max_message_bytes >= 1024 && queue.max_message_bytes <= 1048576,
        queue.delay_seconds >= 0 && queue.delay_seconds <= 900,
        queue.receive_wait_seconds >= 0 && queue.receive_wait_seconds <= 20,
        queue.data_key_reuse_seconds >= 60 && queue.data_key_reuse_seconds <= 86400,
        queue.dead_letter.retention_seconds >= 60 && queue.dead_letter.retention_seconds <= 1209600,
      ])
    ])
    error_message = "A queue's setting is out of range: visibility 0-43200 s, retention 60-1209600 s, message 1024-1048576 bytes, delay 0-900 s, wait 0-20 s, key reuse 60-86400 s."
  }

  validation {
    condition     = alltrue([for queue in values(var.queues) : queue.dead_letter.max_receive_count >= 1 && queue.dead_letter.max_receive_count <= 1000])
    error_message = "dead_letter.max_receive_count lies between 1 and 1000."
  }
}

variable "topics" {
  description = <<-EOT
    SNS topics by name.
      publishers.services: AWS services that may publish, of this account only.
      publishers.source_arns: what they may publish on behalf of, as ARN patterns; default: anything of this account.
      publishers.principals: ARNs of IAM roles that may publish.
      tracing: continues X-Ray traces through the topic; standard topics only, those that are FIFO know none. X-Ray lets SNS in
        by a resource policy of the account's, of which a region has five: this layer takes one.
      delivery_logging: logs deliveries to queues, functions, HTTPS endpoints, Firehose streams and applications: failures
        always, successes by success_percent; SNS chooses the log groups' names, sns/<region>/<account>/<topic>.
      subscriptions: by name; to a queue of this layer (queue) or anything else (protocol and endpoint).
        filter_policy is a JSON text; dead_letter_queue names a queue of this layer; role_arn is for firehose.
  EOT
  type = map(object({
    fifo                        = optional(bool, false)
    content_based_deduplication = optional(bool, false)
    display_name                = optional(string)
    tracing                     = optional(bool, false)
    delivery_logging            = optional(object({ success_percent = optional(number, 0) }))
    publishers = optional(object({
      services    = optional(set(string), [])
      source_arns = optional(set(string), [])
      principals  = optional(set(string), [])
    }), {})
    subscriptions = optional(map(object({
      queue                = optional(string)
      protocol             = optional(string)
      endpoint             = optional(string)
      role_arn             = optional(string)
      raw_message_delivery = optional(bool, false)
      filter_policy        = optional(string)
      filter_policy_scope  = optional(string, "MessageAttributes")
      dead_letter_queue    = optional(string)
    })), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.topics) : can(regex("^[a-zA-Z0-9_-]{1,200}$", name))])
    error_message = "A topic's name has letters, digits, hyphens and underscores; .fifo is added for you. Got ${join(", ", keys(var.topics))}."
  }

  validation {
    condition = alltrue(flatten([
      for topic in values(var.topics) : [
        for subscription in values(topic.subscriptions) :
        subscription.queue != null ? subscription.protocol == null && subscription.endpoint == null : subscription.protocol != null && subscription.endpoint != null
      ]
    ]))
    error_message = "A subscription has either queue, or protocol and endpoint."
  }

  validation {
    condition = alltrue(flatten([
      for topic in values(var.topics) : [
        for subscription in values(topic.subscriptions) : [
          for queue in compact([subscription.queue, subscription.dead_letter_queue]) : contains(keys(var.queues), queue)
        ]
      ]
    ]))
    error_message = "A subscription names a queue that is not in queues; there are: ${join(", ", keys(var.queues))}."
  }

  validation {
    condition = alltrue(flatten([
      for topic in values(var.topics) : [
        for subscription in values(topic.subscriptions) :
        topic.fifo ? subscription.queue != null || subscription.protocol == "sqs" : !try(var.queues[subscription.queue].fifo, false)
      ]
    ]))
    error_message = "A FIFO topic delivers to queues only, and a FIFO queue takes from FIFO topics only."
  }

  validation {
    condition = alltrue(flatten([
      for topic in values(var.topics) : [
        for subscription in values(topic.subscriptions) :
        subscription.dead_letter_queue == null ? true : try(var.queues[subscription.dead_letter_queue].fifo, topic.fifo) == topic.fifo
      ]
    ]))
    error_message = "The dead-letter queue of a subscription is FIFO just when its topic is."
  }

  validation {
    condition = alltrue(flatten([
      for topic in values(var.topics) : [
        for subscription in values(topic.subscriptions) : contains(["MessageAttributes", "MessageBody"], subscription.filter_policy_scope)
      ]
    ]))
    error_message = "filter_policy_scope is MessageAttributes or MessageBody."
  }

  validation {
    condition = alltrue(flatten([
      for topic in values(var.topics) : [
        for subscription in values(topic.subscriptions) : subscription.protocol != "firehose" || subscription.role_arn != null
      ]
    ]))
    error_message = "A subscription of a Firehose stream has the role_arn that SNS writes with."
  }

  validation {
    condition = alltrue(flatten([
      for topic in values(var.topics) : [
        for subscription in values(topic.subscriptions) :
        subscription.protocol == null ? true : contains(["sqs", "lambda", "firehose", "https", "email", "email-json", "sms", "application"], subscription.protocol)
      ]
    ]))
    error_message = "protocol is sqs, lambda, firehose, https, email, email-json, sms or application; plain http is not offered."
  }

  validation {
    condition = alltrue(flatten([
      for topic in values(var.topics) : [
        for subscription in values(topic.subscriptions) : subscription.filter_policy == null ? true : can(keys(jsondecode(subscription.filter_policy)))
      ]
    ]))
    error_message = "filter_policy is the text of a JSON object."
  }
}

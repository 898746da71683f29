# What each workflow's state machine does: note the object, start the jobs, wait for them, note what came of it, tell.
# Services answer by jobs that are asked for; their own completion messages go to the topic `jobs` besides.

locals {
  analyses_of = {
    textract    = ["text", "forms", "tables", "layout", "signatures", "queries", "expenses", "lending"]
    comprehend  = ["entities", "key-phrases", "sentiment", "targeted-sentiment", "pii", "language"]
    rekognition = ["labels", "moderation", "text", "faces", "celebrities"]
  }

  textract_operations = {
    text     = "DocumentTextDetection"
    expenses = "ExpenseAnalysis"
    lending  = "LendingAnalysis"
  }
  comprehend_operations = {
    entities           = "EntitiesDetectionJob"
    key-phrases        = "KeyPhrasesDetectionJob"
    sentiment          = "SentimentDetectionJob"
    targeted-sentiment = "TargetedSentimentDetectionJob"
    pii                = "PiiEntitiesDetectionJob"
    language           = "DominantLanguageDetectionJob"
  }
  image_operations = {
    labels      = { call = "detectLabels", parameters = true }
    moderation  = { call = "detectModerationLabels", parameters = true }
    text        = { call = "detectText", parameters = false }
    faces       = { call = "detectFaces", parameters = false }
    celebrities = { call = "recognizeCelebrities", parameters = false }
  }
  video_operations = {
    labels     = { name = "LabelDetection", confidence = true }
    moderation = { name = "ContentModeration", confidence = true }
    text       = { name = "TextDetection", confidence = false }
    faces      = { name = "FaceDetection", confidence = false }
  }

  # A job: how it is started and looked at. `input` and `state` are where a job's id and its status are found.
  textract_jobs = {
    for name, workflow in var.workflows : name => [{
      key   = "document"
      start = "textract:start${try(local.textract_operations[one(workflow.analyses)], "DocumentAnalysis")}"
      look  = "textract:get${try(local.textract_operations[one(workflow.analyses)], "DocumentAnalysis")}"
      parameters = merge(
        {
          DocumentLocation    = { S3Object = { "Bucket.$" = "$.detail.bucket.name", "Name.$" = "$.detail.object.key" } }
          JobTag              = name
          NotificationChannel = { RoleArn = local.channel_role_arn, SNSTopicArn = local.jobs_topic_arn }
          OutputConfig        = { S3Bucket = local.results_bucket, "S3Prefix.$" = "States.Format('${name}/{}', $.detail.object.key)" }
          KMSKeyId            = var.kms_key_arn
        },
        length(setintersection(workflow.analyses, ["text", "expenses", "lending"])) > 0 ? {} : { FeatureTypes = sort([for analysis in workflow.analyses : upper(analysis)]) },
        length(workflow.queries) == 0 ? {} : { QueriesConfig = { Queries = [for alias, text in workflow.queries : { Text = text, Alias = alias }] } },
      )
      status = "$.JobStatus"
    }] if workflow.service == "textract"
  }
  comprehend_jobs = {
    for name, workflow in var.workflows : name => [
      for analysis in sort(workflow.analyses) : {
        key   = analysis
        start = "comprehend:start${local.comprehend_operations[analysis]}"
        look  = "comprehend:describe${local.comprehend_operations[analysis]}"
        parameters = merge(
          {
            "JobName.$"       = "States.Format('${local.prefix}-${name}-{}', $$.Execution.Name)"
            DataAccessRoleArn = local.comprehend_role_arn
            InputDataConfig   = { "S3Uri.$" = "States.Format('s3://{}/{}', $.detail.bucket.name, $.detail.object.key)", InputFormat = "ONE_DOC_PER_FILE" }
            OutputDataConfig  = { "S3Uri.$" = "States.Format('s3://${local.results_bucket}/${name}/{}/', $.detail.object.key)", KmsKeyId = var.kms_key_arn }
          },
          analysis == "language" ? {} : { LanguageCode = workflow.language },
          analysis == "pii" ? { Mode = "ONLY_OFFSETS" } : { VolumeKmsKeyId = var.kms_key_arn },
        )
        status = "$.${local.comprehend_operations[analysis]}Properties.JobStatus"
      }
    ] if workflow.service == "comprehend"
  }
  video_jobs = {
    for name, workflow in var.workflows : name => [
      for analysis in sort(workflow.analyses) : {
        key   = analysis
        start = "rekognition:start${local.video_operations[analysis].name}"
        look  = "rekognition:get${local.video_operations[analysis].name}"
        parameters = merge(
          {
            Video               = { S3Object = { "Bucket.$" = "$.detail.bucket.name", "Name.$" = "$.detail.object.key" } }
            JobTag              = name
            NotificationChannel = { RoleArn = local.channel_role_arn, SNSTopicArn = local.jobs_topic_arn }
          },
          local.video_operations[analysis].confidence ? { MinConfidence = workflow.min_confidence } : {},
        )
        status = "$.JobStatus"
      }
    ] if workflow.service == "rekognition" && workflow.media == "video"
  }

  throttled = [{ ErrorEquals = ["States.TaskFailed"], IntervalSeconds = 5, MaxAttempts = 6, BackoffRate = 2, JitterStrategy = "FULL" }]

  # As JSON, since the branches of different services are of different types.
  job_branches = {
    for name, jobs in merge(local.textract_jobs, local.comprehend_jobs, local.video_jobs) : name => [
      for job in jobs : jsonencode({
        StartAt = "Start ${job.key}"
        States = {
          "Start ${job.key}" = {
            Type       = "Task"
            Resource   = "arn:${local.partition}:states:::aws-sdk:${job.start}"
            Parameters = job.parameters
            ResultPath = "$.job"
            Retry      = local.throttled
            Next       = "Wait for ${job.key}"
          }
          "Wait for ${job.key}" = { Type = "Wait", Seconds = var.workflows[name].poll_seconds, Next = "Look at ${job.key}" }
          "Look at ${job.key}" = {
            Type           = "Task"
            Resource       = "arn:${local.partition}:states:::aws-sdk:${job.look}"
            Parameters     = merge({ "JobId.$" = "$.job.JobId" }, var.workflows[name].service == "comprehend" ? {} : { MaxResults = 1 })
            ResultSelector = { "status.$" = job.status }
            ResultPath     = "$.state"
            Retry          = local.throttled
            Next           = "Is ${job.key} done?"
          }
          "Is ${job.key} done?" = {
            Type = "Choice"
            Choices = [
              { Or = [for status in ["SUBMITTED", "IN_PROGRESS", "STOP_REQUESTED"] : { Variable = "$.state.status", StringEquals = status }], Next = "Wait for ${job.key}" },
              { Or = [for status in ["SUCCEEDED", "COMPLETED", "PARTIAL_SUCCESS"] : { Variable = "$.state.status", StringEquals = status }], Next = "Keep ${job.key}" },
            ]
            Default = "${job.key} has failed"
          }
          "Keep ${job.key}"       = { Type = "Pass", Parameters = { analysis = job.key, "job.$" = "$.job.JobId", "status.$" = "$.state.status" }, End = true }
          "${job.key} has failed" = { Type = "Fail", Error = "JobFailed", Cause = "The job ${job.key} ended without a result." }
        }
      })
    ]
  }

  # Images are answered at once; the answer is put where a job's would be.
  image_branches = {
    for name, workflow in var.workflows : name => [
      for analysis in sort(workflow.analyses) : jsonencode({
        StartAt = "Find ${analysis}"
        States = {
          "Find ${analysis}" = {
            Type     = "Task"
            Resource = "arn:${local.partition}:states:::aws-sdk:rekognition:${local.image_operations[analysis].call}"
            Parameters = merge(
              { Image = { S3Object = { "Bucket.$" = "$.detail.bucket.name", "Name.$" = "$.detail.object.key" } } },
              local.image_operations[analysis].parameters ? { MinConfidence = workflow.min_confidence } : {},
            )
            ResultPath = "$.found"
            Retry      = local.throttled
            Next       = "Keep ${analysis}"
          }
          "Keep ${analysis}" = {
            Type     = "Task"
            Resource = "arn:${local.partition}:states:::aws-sdk:s3:putObject"
            Parameters = {
              Bucket      = local.results_bucket
              "Key.$"     = "States.Format('${name}/{}/${analysis}.json', $.detail.object.key)"
              "Body.$"    = "$.found"
              ContentType = "application/json"
            }
            ResultSelector = { analysis = analysis, status = "SUCCEEDED" }
            Retry          = local.throttled
            End            = true
          }
        }
      })
    ] if workflow.service == "rekognition" && workflow.media == "image"
  }

  branches = merge(local.job_branches, local.image_branches)

  result_key = {
    document = { "S.$" = "States.Format('s3://{}/{}', $.detail.bucket.name, $.detail.object.key)" }
  }

  definitions = {
    for name, workflow in var.workflows : name => jsonencode({
      Comment        = "${title(workflow.service)} looks at what is put into ${workflow.bucket}/${workflow.prefix}"
      StartAt        = "Note the object"
      TimeoutSeconds = workflow.timeout_minutes * 60
      States = {
        "Note the object" = {
          Type     = "Task"
          Resource = "arn:${local.partition}:states:::dynamodb:putItem"
          Parameters = {
            TableName = local.results_table
            Item = merge(local.result_key, {
              workflow   = { S = name }
              status     = { S = "STARTED" }
              execution  = { "S.$" = "$$.Execution.Id" }
              started_at = { "S.$" = "$$.Execution.StartTime" }
            })
          }
          ResultPath = null
          Retry      = local.throttled
          Next       = "Analyse"
        }
        "Analyse" = {
          Type       = "Parallel"
          Branches   = [for branch in local.branches[name] : jsondecode(branch)]
          ResultPath = "$.jobs"
          Catch      = [{ ErrorEquals = ["States.ALL"], ResultPath = "$.error", Next = "Note the failure" }]
          Next       = "Note the results"
        }
        "Note the results" = {
          Type     = "Task"
          Resource = "arn:${local.partition}:states:::dynamodb:updateItem"
          Parameters = {
            TableName                = local.results_table
            Key                      = merge(local.result_key, { workflow = { S = name } })
            UpdateExpression         = "SET #status = :status, finished_at = :at, results = :results, jobs = :jobs"
            ExpressionAttributeNames = { "#status" = "status" }
            ExpressionAttributeValues = {
              ":status"  = { S = "SUCCEEDED" }
              ":at"      = { "S.$" = "$$.State.EnteredTime" }
              ":results" = { "S.$" = "States.Format('s3://${local.results_bucket}/${name}/{}/', $.detail.object.key)" }
              ":jobs"    = { "S.$" = "States.JsonToString($.jobs)" }
            }
          }
          ResultPath = null
          Retry      = local.throttled
          Next       = "Tell"
        }
        "Tell" = {
          Type     = "Task"
          Resource = "arn:${local.partition}:states:::sns:publish"
          Parameters = {
            TopicArn = local.results_topic_arn
            Message = {
              workflow     = name
              status       = "SUCCEEDED"
              "document.$" = "States.Format('s3://{}/{}', $.detail.bucket.name, $.detail.object.key)"
              "results.$"  = "States.Format('s3://${local.results_bucket}/${name}/{}/', $.detail.object.key)"
              "jobs.$"     = "$.jobs"
            }
            MessageAttributes = {
              workflow = { DataType = "String", StringValue = name }
              status   = { DataType = "String", StringValue = "SUCCEEDED" }
            }
          }
          Retry = local.throttled
          End   = true
        }
        "Note the failure" = {
          Type     = "Task"
          Resource = "arn:${local.partition}:states:::dynamodb:updateItem"
          Parameters = {
            TableName                = local.results_table
            Key                      = merge(local.result_key, { workflow = { S = name } })
            UpdateExpression         = "SET #status = :status, finished_at = :at, reason = :reason"
            ExpressionAttributeNames = { "#status" = "status" }
            ExpressionAttributeValues = {
              ":status" = { S = "FAILED" }
              ":at"     = { "S.$" = "$$.State.EnteredTime" }
              ":reason" = { "S.$" = "States.JsonToString($.error)" }
            }
          }
          ResultPath = null
          Retry      = local.throttled
          Next       = "Tell the failure"
        }
        "Tell the failure" = {
          Type     = "Task"
          Resource = "arn:${local.partition}:states:::sns:publish"
          Parameters = {
            TopicArn = local.results_topic_arn
            Message = {
              workflow     = name
              status       = "FAILED"
              "document.$" = "States.Format('s3://{}/{}', $.detail.bucket.name, $.detail.object.key)"
              "error.$"    = "$.error"
            }
            MessageAttributes = {
              workflow = { DataType = "String", StringValue = name }
              status   = { DataType = "String", StringValue = "FAILED" }
            }
          }
          Retry      = local.throttled
          ResultPath = null
          Next       = "Failed"
        }
        "Failed" = { Type = "Fail", ErrorPath = "$.error.Error", CausePath = "$.error.Cause" }
      }
    })
  }
}

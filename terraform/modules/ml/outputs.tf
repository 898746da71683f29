output "workflow_arns" {
  description = "ARN of each workflow's state machine."
  value       = { for name, machine in aws_sfn_state_machine.workflow : name => machine.arn }
}

output "workflow_role_arns" {
  description = "Role of each workflow."
  value       = { for name, role in aws_iam_role.workflow : name => role.arn }
}

output "workflow_log_group_names" {
  description = "Log group of each workflow."
  value       = { for name, group in aws_cloudwatch_log_group.workflow : name => group.name }
}

output "results_bucket_name" {
  description = "Bucket with the workflows' results, by <workflow>/<object>; null without workflows."
  value       = one(module.results_bucket[*].name)
}

output "results_table_name" {
  description = "Table of what came of each object; null without workflows."
  value       = one(aws_dynamodb_table.results[*].name)
}

output "results_topic_arn" {
  description = "Topic that is told of each result, with the attributes workflow and status; null without workflows."
  value       = try(aws_sns_topic.this["results"].arn, null)
}

output "jobs_topic_arn" {
  description = "Topic that Textract and Rekognition tell when a job is done; null without workflows."
  value       = try(aws_sns_topic.this["jobs"].arn, null)
}

output "unstarted_queue_name" {
  description = "Queue of objects for which no workflow could be started; null without workflows."
  value       = one(aws_sqs_queue.unstarted[*].name)
}

output "document_classifier_arns" {
  description = "ARN of each document classifier's version."
  value       = { for name, model in aws_comprehend_document_classifier.this : name => model.arn }
}

output "entity_recognizer_arns" {
  description = "ARN of each entity recognizer's version."
  value       = { for name, model in aws_comprehend_entity_recognizer.this : name => model.arn }
}

output "face_collection_ids" {
  description = "Id of each collection of faces."
  value       = { for name, collection in aws_rekognition_collection.this : name => collection.collection_id }
}

output "label_project_arns" {
  description = "ARN of each Rekognition project."
  value       = { for name, project in aws_rekognition_project.this : name => project.arn }
}

output "stream_processor_arns" {
  description = "ARN of each stream processor."
  value       = { for name, processor in aws_rekognition_stream_processor.this : name => processor.stream_processor_arn }
}

output "video_stream_arns" {
  description = "ARN of the Kinesis video stream of each stream processor."
  value       = { for name, stream in aws_kinesis_video_stream.this : name => stream.arn }
}

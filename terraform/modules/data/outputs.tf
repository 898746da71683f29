output "bucket_names" {
  description = "Full name of each bucket."
  value       = { for key, bucket in module.bucket : key => bucket.name }
}

output "bucket_arns" {
  description = "ARN of each bucket."
  value       = { for key, bucket in module.bucket : key => bucket.arn }
}

output "bucket_regional_domain_names" {
  description = "Host name of each bucket in its region."
  value       = { for key, bucket in module.bucket : key => bucket.regional_domain_name }
}

output "access_log_bucket_name" {
  description = "Bucket that the access logs of all buckets go to."
  value       = aws_s3_bucket.access_logs.bucket
}

output "table_names" {
  description = "Full name of each table."
  value       = { for key, table in module.table : key => table.name }
}

output "table_arns" {
  description = "ARN of each table."
  value       = { for key, table in module.table : key => table.arn }
}

output "table_stream_arns" {
  description = "ARN of the stream of each table that has one."
  value       = { for key, table in module.table : key => table.stream_arn if var.tables[key].stream_view != null }
}

output "name" {
  description = "Full name of the bucket, once log delivery is allowed to write to it."
  value       = aws_s3_bucket.this.bucket

  depends_on = [aws_s3_bucket_policy.this]
}

output "force_destroy" {
  description = "Whether destroying the bucket destroys its logs."
  value       = aws_s3_bucket.this.force_destroy
}

output "name" {
  description = "Name of the pipeline."
  value       = aws_codepipeline.this.name
}

output "arn" {
  description = "ARN of the pipeline."
  value       = aws_codepipeline.this.arn
}

output "role_arn" {
  description = "ARN of the role it works with."
  value       = aws_iam_role.this.arn
}

output "name" {
  description = "Name of the project."
  value       = aws_codebuild_project.this.name
}

output "arn" {
  description = "ARN of the project."
  value       = aws_codebuild_project.this.arn
}

output "role_arn" {
  description = "ARN of the role of its builds."
  value       = aws_iam_role.this.arn
}

output "role_name" {
  description = "Name of the role of its builds."
  value       = aws_iam_role.this.name
}

output "log_group_name" {
  description = "Log group of its builds."
  value       = aws_cloudwatch_log_group.this.name
}

output "name" {
  description = "Full name of the model."
  value       = aws_sagemaker_model.this.name
}

output "arn" {
  description = "ARN of the model."
  value       = aws_sagemaker_model.this.arn
}

output "arn" {
  description = "ARN of the role, once it has its policies."
  value       = aws_iam_role.this.arn

  # What takes the role on at once would be refused without them.
  depends_on = [aws_iam_role_policy.this, aws_iam_role_policy_attachment.this]
}

output "name" {
  description = "Name of the role."
  value       = aws_iam_role.this.name
}

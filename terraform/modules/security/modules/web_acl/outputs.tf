output "arn" {
  description = "ARN of the web ACL."
  value       = aws_wafv2_web_acl.this.arn
}

output "id" {
  description = "Id of the web ACL."
  value       = aws_wafv2_web_acl.this.id
}

output "capacity" {
  description = "Web ACL capacity units in use, of 5,000."
  value       = aws_wafv2_web_acl.this.capacity
}

output "log_group_name" {
  description = "Log group of the web ACL."
  value       = aws_cloudwatch_log_group.this.name
}

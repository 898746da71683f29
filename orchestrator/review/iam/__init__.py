"""IAM policies as statements that can be compared."""

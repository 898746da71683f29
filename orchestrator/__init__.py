"""Deploys a complete AWS microservices platform with Terraform, one exact plan at a time."""

__version__ = "0.1.0"

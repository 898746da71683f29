terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"

      # The region of copies: of buckets, tables, global databases and backups.
      configuration_aliases = [aws.replica]
    }
  }
}

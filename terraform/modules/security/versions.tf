terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
      # What guards CloudFront lives in us-east-1; keys have replicas in the environment's other region.
      configuration_aliases = [aws.us_east_1, aws.replica]
    }
  }
}

# Laid over every stack. The backend's settings come from outside, so that the state can live anywhere.
terraform {
  required_version = ">= 1.6"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }

  backend "s3" {}
}

variable "aws_region" {
  description = "The region to build in."
  type        = string
}

variable "environment" {
  description = "live, or the name of a test environment; every name starts with it."
  type        = string
}

provider "aws" {
  region = var.aws_region

  default_tags {
    tags = {
      application = "pharmacy-updates"
      environment = var.environment
    }
  }
}

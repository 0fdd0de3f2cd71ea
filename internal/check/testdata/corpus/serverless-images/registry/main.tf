terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.66.0"
    }
  }

  backend "s3" {
    bucket         = "imaging-tfstate"
    key            = "registry"
    region         = "us-east-1"
    dynamodb_table = "imaging-tflock"
  }
}

provider "aws" {
  region = "us-east-1"
}

locals {
  functions = ["resize", "classify"]
}

resource "aws_ecr_repository" "function" {
  for_each             = toset(local.functions)
  name                 = "imaging/${each.key}"
  image_tag_mutability = "MUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }
}

# Copies to another region of the same account, so that they outlive us-east-1.
resource "aws_ecr_replication_configuration" "copies" {
  replication_configuration {
    rule {
      destination {
        region      = "us-west-2"
        registry_id = data.aws_caller_identity.current.account_id
      }
    }
  }
}

data "aws_caller_identity" "current" {}

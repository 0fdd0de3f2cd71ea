# The bucket of all states. Its own state is kept here: run it from a laptop, once.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }

  backend "local" {
    path = "bootstrap.tfstate"
  }
}

provider "aws" {
  region = var.region
}

variable "region" {
  type = string
}

data "aws_caller_identity" "current" {}

resource "aws_s3_bucket" "states" {
  bucket = "parcels-tfstate-${data.aws_caller_identity.current.account_id}-${var.region}"
}

resource "aws_s3_bucket_versioning" "states" {
  bucket = aws_s3_bucket.states.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_replication_configuration" "states" {
  bucket = aws_s3_bucket.states.id
  role   = var.replication_role
  rule {
    status = "Enabled"
    destination {
      bucket = var.replica
    }
  }
}

variable "replication_role" {
  type = string
}

variable "replica" {
  type = string
}

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }

  backend "s3" {
    encrypt = true
  }
}

provider "aws" {
  region = var.aws_region
}

variable "aws_region" {
  type    = string
  default = "eu-west-2"
}

variable "environment" {
  type    = string
  default = "live"
}

resource "aws_kms_key" "data" {
  description             = "data at rest"
  deletion_window_in_days = 7
}

resource "aws_kms_alias" "data" {
  name          = "alias/${var.environment}-visits"
  target_key_id = aws_kms_key.data.key_id
}

resource "aws_dynamodb_table" "visits" {
  name                        = "${var.environment}-visits"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  deletion_protection_enabled = true

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = 7
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.data.arn
  }
}

resource "aws_sqs_queue" "visits" {
  name = "${var.environment}-visits-queue"
}

resource "aws_ecr_repository" "visits" {
  name                 = "visits"
  image_tag_mutability = "IMMUTABLE"
}

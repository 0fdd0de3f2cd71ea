terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
  backend "s3" {}
}

variable "environment" {}

variable "registry" {}

resource "aws_dynamodb_table" "orders" {
  name     = "orders"
  hash_key = "id"
}

resource "aws_s3_bucket" "exports" {
  bucket = "orders-exports"
}

resource "aws_kms_key" "data" {}

resource "aws_kms_alias" "data" {
  name          = "alias/${var.environment}-orders"
  target_key_id = aws_kms_key.data.key_id
}

resource "aws_secretsmanager_secret" "partner" {
  name = "orders/partner"
}

resource "aws_lambda_function" "worker" {
  function_name                  = "worker"
  package_type                   = "Image"
  image_uri                      = "${var.registry}/orders/worker:1.4.2"
  role                           = "worker"
  reserved_concurrent_executions = 20
}

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

variable "active" {
  type    = string
  default = "blue"
}

data "aws_sqs_queue" "visits" {
  name = "${var.environment}-visits-queue"
}

data "aws_lambda_function" "visits" {
  function_name = "${var.environment}-${var.active}-visits"
}

resource "aws_lambda_event_source_mapping" "visits" {
  event_source_arn = data.aws_sqs_queue.visits.arn
  function_name    = data.aws_lambda_function.visits.arn
}

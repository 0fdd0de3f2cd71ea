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
  type = string
  # default = "eu-west-2"
  default = "eu-west-2"
}

variable "environment" {
  type    = string
  default = "live"
}

variable "blue_green_environment" {
  description = "blue or green"
  type        = string
}

variable "build_id" {
  type = string
}

locals {
  prefix = "${var.environment}-${var.blue_green_environment}"
}

data "aws_sqs_queue" "visits" {
  name = "${var.environment}-visits-queue"
}

data "aws_dynamodb_table" "visits" {
  name = "${var.environment}-visits"
}

data "aws_ecr_repository" "visits" {
  name = "visits"
}

data "aws_kms_alias" "data" {
  name = "alias/${var.environment}-visits"
}

data "aws_secretsmanager_secret" "upstream" {
  name = "visits/upstream"
}

data "aws_vpc" "main" {
  tags = {
    Name = "platform-${var.environment}"
  }
}

data "aws_subnets" "private" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.main.id]
  }
  filter {
    name   = "tag:tier"
    values = ["private"]
  }
}

data "aws_security_groups" "egress" {
  filter {
    name   = "group-name"
    values = ["egress-*"]
  }

  lifecycle {
    postcondition {
      condition     = length(self.ids) > 0
      error_message = "No security group allows egress."
    }
  }
}

resource "aws_iam_role" "visits" {
  name               = "${local.prefix}-visits"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_lambda_function" "visits" {
  function_name = "${local.prefix}-visits"
  role          = aws_iam_role.visits.arn
  package_type  = "Image"
  image_uri     = "${data.aws_ecr_repository.visits.repository_url}:${var.build_id}"

  vpc_config {
    subnet_ids         = data.aws_subnets.private.ids
    security_group_ids = data.aws_security_groups.egress.ids
  }

  environment {
    variables = {
      QUEUE = data.aws_sqs_queue.visits.url
      KEY   = data.aws_kms_alias.data.target_key_arn
    }
  }
}

resource "aws_cloudwatch_log_group" "visits" {
  name              = "/aws/lambda/${local.prefix}-visits"
  retention_in_days = 90
}

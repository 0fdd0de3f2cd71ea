terraform {
  backend "s3" {}
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.2"
    }
  }
}

provider "aws" {
  region = var.region
}

# Alarms of the edge are kept where CloudFront keeps its metrics.
provider "aws" {
  alias  = "us-east-1"
  region = "us-east-1"
}

variable "region" {}
variable "stage" {}
variable "zone" {}
variable "image" {}
variable "kms_key_id" {}
variable "queue_param_name" {}
variable "flag_param_name" {}

variable "with_archive" {
  default = false
}

data "aws_caller_identity" "current" {}

data "aws_ssm_parameter" "queue" {
  name = var.queue_param_name
}

# Its name comes from the pipeline: registry may make it, or not.
data "aws_ssm_parameter" "flag" {
  name = var.flag_param_name
}

data "aws_ecr_image" "sorter" {
  repository_name = data.aws_ecr_repository.sorter.name
  image_tag       = "4.0.1"
}

data "aws_ecr_repository" "sorter" {
  name = "orchard/sorter"
}

data "aws_route53_zone" "main" {
  name = "${var.zone}."
}

data "aws_acm_certificate" "wildcard" {
  domain = "*.${trimsuffix(data.aws_route53_zone.main.name, ".")}"
}

resource "aws_lambda_function" "intake" {
  function_name = "orchard-${var.stage}-intake"
  package_type  = "Image"
  image_uri     = var.image
  role          = aws_iam_role.intake.arn
  kms_key_arn   = "arn:aws:kms:${var.region}:${data.aws_caller_identity.current.account_id}:key/${var.kms_key_id}"

  environment {
    variables = {
      QUEUE = data.aws_ssm_parameter.queue.value
      FLAG  = data.aws_ssm_parameter.flag.value
    }
  }
}

resource "aws_iam_role" "intake" {
  name_prefix        = "orchard-intake-"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_cloudwatch_log_group" "intake" {
  name = "/aws/lambda/orchard-${var.stage}-intake"
}

# API Gateway writes to any group that it is told; it makes none of this name.
resource "aws_cloudwatch_log_group" "api" {
  name = "/aws/apigateway/orchard-${var.stage}"
}

resource "aws_sns_topic" "edge_alarms" {
  provider = aws.us-east-1
  name     = "orchard-edge-alarms-${var.region}"
}

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.66.0"
    }
  }

  backend "s3" {
    bucket         = "imaging-tfstate"
    key            = "functions"
    region         = "us-east-1"
    dynamodb_table = "imaging-tflock"
  }
}

provider "aws" {
  region = data.aws_region.home.name
}

data "aws_region" "home" {}

variable "registry" {
  type    = string
  default = "313233343536.dkr.ecr.us-east-1.amazonaws.com"
}

data "aws_ecr_repository" "resize" {
  name = "imaging/resize"
}

data "aws_ecr_image" "classify" {
  repository_name = "imaging/classify"
  image_tag       = "latest"
}

resource "aws_iam_role" "functions" {
  name               = "imaging-functions"
  assume_role_policy = file("${path.module}/trust.json")
}

resource "aws_lambda_function" "resize" {
  function_name = "imaging-resize"
  role          = aws_iam_role.functions.arn
  package_type  = "Image"
  image_uri     = "${data.aws_ecr_repository.resize.repository_url}:2.1.0"
}

resource "aws_lambda_function" "classify" {
  function_name                  = "imaging-classify"
  role                           = aws_iam_role.functions.arn
  package_type                   = "Image"
  image_uri                      = "${var.registry}/imaging/classify@${data.aws_ecr_image.classify.image_digest}"
  reserved_concurrent_executions = 5
}

resource "aws_lambda_function" "scan" {
  function_name                  = "imaging-scan"
  role                           = aws_iam_role.functions.arn
  package_type                   = "Image"
  image_uri                      = "public.ecr.aws/example/scan:3"
  reserved_concurrent_executions = -1
}

resource "aws_cloudwatch_event_rule" "nightly" {
  name                = "imaging-nightly"
  schedule_expression = "cron(0 3 * * ? *)"
}

resource "aws_api_gateway_account" "this" {
  cloudwatch_role_arn = aws_iam_role.functions.arn
}

resource "aws_api_gateway_rest_api" "this" {
  name = "imaging"
}

resource "aws_api_gateway_stage" "this" {
  rest_api_id   = aws_api_gateway_rest_api.this.id
  deployment_id = aws_api_gateway_deployment.this.id
  stage_name    = "v1"

  access_log_settings {
    destination_arn = "arn:aws:logs:us-east-1:313233343536:log-group:imaging-access"
    format          = "$context.requestId"
  }
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
}

resource "aws_api_gateway_api_key" "viewer" {
  name  = "viewer"
  value = data.aws_secretsmanager_secret_version.viewer.secret_string
}

data "aws_secretsmanager_secret_version" "viewer" {
  secret_id = "imaging/viewer-key"
}

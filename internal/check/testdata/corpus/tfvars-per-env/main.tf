terraform {
  required_version = ">= 1.6"

  backend "s3" {}
}

provider "aws" {
  region = var.region
}

variable "region" {
  type = string
}

variable "env" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "image" {
  type = string
}

variable "release" {
  type = string
}

variable "retention" {
  type    = number
  default = 30
}

variable "kms_key_arn" {
  description = "Such as arn:aws:kms:us-east-2:123456789012:key/..."
  type        = string
  default     = null
}

data "aws_subnets" "app" {
  filter {
    name   = "vpc-id"
    values = [var.vpc_id]
  }
}

data "aws_iam_policy" "basic" {
  arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

data "aws_partition" "current" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::987654321098:root"]
    }
  }
}

data "aws_iam_policy_document" "read" {
  statement {
    actions = ["dynamodb:GetItem"]
    resources = [
      "arn:aws:dynamodb:us-east-2:*:table/rota-*",
      "arn:${data.aws_partition.current.partition}:s3:::rota-${var.env}/*",
      "arn:aws:s3:::rota-public/*",
    ]
  }
}

resource "aws_iam_role" "app" {
  name_prefix        = "rota-${var.env}-"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_policy" "read" {
  name   = "rota-${var.env}-read-${var.region}"
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_instance_profile" "app" {
  name = "rota-${var.env}"
  role = aws_iam_role.app.name
}

resource "aws_lambda_function" "app" {
  function_name = "rota-${var.env}"
  role          = aws_iam_role.app.arn
  package_type  = "Image"
  image_uri     = "${var.image}:${var.release}"

  vpc_config {
    subnet_ids         = data.aws_subnets.app.ids
    security_group_ids = []
  }
}

resource "aws_dynamodb_table" "rota" {
  name                        = "rota-${var.env}"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "person"
  deletion_protection_enabled = true

  attribute {
    name = "person"
    type = "S"
  }

  point_in_time_recovery {
    enabled = var.env == "prod"
  }

  lifecycle {
    ignore_changes = [read_capacity, write_capacity]
  }
}

resource "aws_cloudwatch_log_group" "app" {
  name              = "/aws/lambda/rota-${var.env}"
  retention_in_days = var.retention
}

output "console" {
  value = "https://us-east-2.console.aws.amazon.com/lambda/home"
}

# One root module, one workspace an environment. Lives in eu-west-2; the account is 111111111111.
terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }

  backend "s3" {
    bucket         = "orders-terraform-state"
    key            = "orders.tfstate"
    region         = "eu-west-2"
    dynamodb_table = "orders-terraform-lock"
  }
}

provider "aws" {
  region = "eu-west-2"

  default_tags {
    tags = {
      environment = terraform.workspace
      home        = "eu-west-2"
    }
  }
}

locals {
  name = "orders-${terraform.workspace}"

  sizes = {
    prod    = 3
    staging = 1
  }
}

data "aws_region" "current" {}

data "aws_availability_zones" "available" {
  state = "available"
}

module "store" {
  source = "./modules/store"
  name   = local.name
}

resource "aws_sqs_queue" "orders" {
  name = "${local.name}-incoming"
}

resource "aws_iam_role" "worker" {
  name = "${local.name}-worker"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Action    = "sts:AssumeRole"
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "worker" {
  name = "queue"
  role = aws_iam_role.worker.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage"]
        Resource = aws_sqs_queue.orders.arn
      },
      {
        Effect   = "Allow"
        Action   = ["logs:*"]
        Resource = "arn:aws:logs:*:*:log-group:/aws/lambda/*"
      },
      {
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = "arn:aws:kms:eu-west-2:111111111111:key/1f0c2a52-1111-4111-8111-0d7a3ab1c001"
      },
    ]
  })
}

resource "aws_lambda_function" "worker" {
  function_name                  = "${local.name}-worker"
  role                           = aws_iam_role.worker.arn
  runtime                        = "python3.12"
  handler                        = "app.handler"
  filename                       = "build/worker.zip"
  reserved_concurrent_executions = 40

  layers = [
    "arn:aws:lambda:eu-west-2:580247275435:layer:LambdaInsightsExtension:38",
  ]

  environment {
    variables = {
      TABLE        = module.store.table_name
      QUEUE_URL    = "https://sqs.eu-west-2.amazonaws.com/111111111111/orders-prod-audit"
      PAYMENTS_URL = "https://payments.prod.internal"
      DOCS_URL     = "https://docs.example.org/guide"
      REGION       = data.aws_region.current.name
      LIMIT        = "123456789012345"
    }
  }
}

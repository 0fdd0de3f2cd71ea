terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
  backend "s3" {}
}

variable "region" {}

variable "domain" {}

provider "aws" {
  region = var.region
}

provider "aws" {
  alias  = "edge"
  region = "us-east-1"
}

provider "aws" {
  alias  = "dns"
  region = var.region
  assume_role {
    role_arn = "arn:aws:iam::999999999999:role/dns"
  }
}

resource "aws_vpc" "main" {
  count      = 2
  cidr_block = "10.${count.index}.0.0/16"
}

resource "aws_eip" "nat" {
  for_each = toset(["a", "b"])
  domain   = "vpc"
}

resource "aws_kms_key" "data" {}

resource "aws_dynamodb_table" "carts" {
  name     = "carts"
  hash_key = "id"
}

data "aws_acm_certificate" "site" {
  provider = aws.edge
  domain   = "www.${var.domain}"
}

resource "aws_acm_certificate" "api" {
  domain_name       = "api.${var.domain}"
  validation_method = "DNS"
}

data "aws_route53_zone" "site" {
  name = var.domain
}

data "aws_route53_zone" "partner" {
  provider = aws.dns
  name     = "partner.example"
}

resource "aws_api_gateway_method_settings" "all" {
  rest_api_id = "x"
  stage_name  = "live"
  method_path = "*/*"
  settings {
    logging_level = "INFO"
  }
}

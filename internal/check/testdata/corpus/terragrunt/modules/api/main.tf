terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.70.0"
    }
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = ["222233334444"]
}

variable "name" {
  type = string
}

variable "region" {
  type = string

  validation {
    condition     = contains(["us-west-2", "us-east-2"], var.region)
    error_message = "Only us-west-2 and us-east-2 are in use."
  }
}

variable "queue_arn" {
  type = string
}

data "aws_route53_zone" "public" {
  name = "parcels.example.com"
}

resource "aws_api_gateway_rest_api" "this" {
  name = var.name
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
}

resource "aws_api_gateway_stage" "this" {
  rest_api_id   = aws_api_gateway_rest_api.this.id
  deployment_id = aws_api_gateway_deployment.this.id
  stage_name    = "live"

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format          = "$context.requestId"
  }
}

resource "aws_cloudwatch_log_group" "access" {
  name = "${var.name}-access"
}

resource "aws_acm_certificate" "this" {
  domain_name       = "api.parcels.example.com"
  validation_method = "DNS"
}

resource "aws_api_gateway_domain_name" "this" {
  domain_name              = "api.parcels.example.com"
  regional_certificate_arn = aws_acm_certificate.this.arn

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_route53_record" "this" {
  zone_id = data.aws_route53_zone.public.zone_id
  name    = "api"
  type    = "A"

  alias {
    name                   = aws_api_gateway_domain_name.this.regional_domain_name
    zone_id                = aws_api_gateway_domain_name.this.regional_zone_id
    evaluate_target_health = true
  }
}

resource "aws_api_gateway_api_key" "partner" {
  name = "${var.name}-partner"
}

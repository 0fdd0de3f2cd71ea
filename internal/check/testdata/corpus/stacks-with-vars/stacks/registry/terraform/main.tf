# Applied by the team's script: terraform -chdir=stacks/NAME/terraform apply -var-file=../vars/STAGE.tfvars
terraform {
  backend "s3" {}
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region  = var.region
  version = "~> 5.60"
}

variable "region" {}
variable "stage" {}
variable "zone" {}

resource "aws_sqs_queue" "intake" {
  name = "orchard-${var.stage}-intake"
}

resource "aws_ssm_parameter" "intake_queue" {
  name  = "/orchard/${var.stage}/queues/intake-url"
  type  = "String"
  value = aws_sqs_queue.intake.url
}

data "aws_route53_zone" "main" {
  name = "${var.zone}."
}

resource "aws_acm_certificate" "wildcard" {
  domain_name       = "*.${data.aws_route53_zone.main.name}"
  validation_method = "DNS"
}

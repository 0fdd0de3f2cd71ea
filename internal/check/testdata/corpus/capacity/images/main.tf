terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }

  backend "s3" {}
}

provider "aws" {
  region = var.region
}

variable "region" {
  type    = string
  default = null
}

variable "vault_account" {
  type = string
}

resource "aws_ecr_repository" "label" {
  name                 = "parcels/label"
  image_tag_mutability = "IMMUTABLE"
}

resource "aws_ecr_lifecycle_policy" "label" {
  repository = aws_ecr_repository.label.name
  policy     = file("${path.module}/lifecycle.json")
}

resource "aws_ecr_repository_policy" "label" {
  repository = aws_ecr_repository.label.name
  policy     = data.aws_iam_policy_document.pull.json
}

data "aws_iam_policy_document" "pull" {
  statement {
    actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

# Copies for the night when this account is gone.
resource "aws_ecr_replication_configuration" "vault" {
  replication_configuration {
    rule {
      destination {
        region      = var.region
        registry_id = var.vault_account
      }
    }
  }
}

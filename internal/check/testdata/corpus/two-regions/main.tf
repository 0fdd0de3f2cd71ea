terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

variable "domain" {
  type    = string
  default = "news.example.com"
}

provider "aws" {
  region = local.home
}

provider "aws" {
  alias  = "edge"
  region = "us-east-1"
}

provider "aws" {
  alias  = "audit"
  region = local.home

  assume_role {
    role_arn = "arn:aws:iam::${var.audit_account}:role/audit"
  }
}

variable "audit_account" {
  type = string
}

locals {
  home = "sa-east-1"

  # CloudFront takes certificates from us-east-1 only.
  amis = {
    "sa-east-1" = "ami-01112131415161718"
    "us-east-1" = "ami-02122232425262728"
  }
}

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

variable "registry" {
  type = string
}

variable "role" {
  type = string
}

resource "aws_lambda_function" "print" {
  function_name = "parcels-print"
  role          = var.role
  package_type  = "Image"
  image_uri     = "${var.registry}/parcels/label:2.4.0"
  architectures = ["arm64"]
}

resource "aws_lambda_function" "preview" {
  function_name = "parcels-preview"
  role          = var.role
  package_type  = "Image"
  image_uri     = "${var.registry}/parcels/label:2.4.0"
}

resource "aws_lambda_function" "archive" {
  function_name = "parcels-archive"
  role          = var.role
  package_type  = "Image"
  image_uri     = "${var.registry}/parcels/archive:2.4.0-arm64"
}

resource "aws_lambda_function" "purge" {
  function_name = "parcels-purge"
  role          = var.role
  package_type  = "Image"
  image_uri     = "${var.registry}/parcels/purge:2.4.0-arm64"
  architectures = ["arm64"]
}

resource "aws_lambda_function" "older" {
  function_name = "parcels-older"
  role          = var.role
  package_type  = "Image"
  image_uri     = "${var.registry}/parcels/label:2.3.0"
  architectures = ["arm64"]
}

variable "region" {
  type = string
}

variable "replica_region" {
  type = string
}

variable "zones" {
  type = list(string)
}

variable "project" {
  type = string
}

variable "owner_account" {
  type = string
}

variable "build" {
  type = string
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.8.1"

  name            = var.project
  cidr            = "10.0.0.0/16"
  azs             = var.zones
  private_subnets = ["10.0.1.0/24", "10.0.2.0/24"]
}

module "queue" {
  source = "terraform-aws-modules/sqs/aws"
  name   = "${var.project}-orders"
}

module "labels" {
  source = "git::https://github.com/cloudposse/terraform-null-label.git"
  name   = var.project
}

module "tables" {
  source = "git::https://example.org/platform/tables.git?ref=v2.3.0"
  name   = var.project
}

resource "random_id" "suffix" {
  byte_length = 4
}

resource "aws_s3_bucket" "assets" {
  bucket = "${var.project}-assets-${random_id.suffix.hex}"
}

resource "aws_s3_bucket" "scratch" {
  bucket_prefix = "${var.project}-scratch-"
}

resource "aws_s3_bucket" "logs" {
  bucket = "shop-eu-central-1-logs"
}

resource "aws_dynamodb_table" "carts" {
  name                        = "${var.project}-carts"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  stream_enabled              = true
  stream_view_type            = "NEW_AND_OLD_IMAGES"
  deletion_protection_enabled = true

  attribute {
    name = "id"
    type = "S"
  }

  replica {
    region_name = var.replica_region
  }

  point_in_time_recovery {
    enabled = true
  }
}

data "aws_ami" "ubuntu" {
  most_recent = true
  owners      = ["099720109477"]

  filter {
    name   = "name"
    values = ["ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-*"]
  }
}

data "aws_ami" "golden" {
  most_recent = true
  owners      = ["self"]
}

resource "aws_instance" "batch" {
  ami           = "ami-0a1b2c3d4e5f60718"
  instance_type = "t3.small"
  subnet_id     = module.vpc.private_subnets[0]

  user_data = <<-SH
    #!/bin/sh
    aws configure set region eu-central-1
    echo started
  SH

  tags = { Name = "batch", home = "eu-central-1" }
}

resource "aws_instance" "worker" {
  ami           = data.aws_ami.ubuntu.id
  instance_type = "t3.small"
  subnet_id     = "subnet-0f1e2d3c4b5a69788"
}

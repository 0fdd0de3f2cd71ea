terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.70.0"
    }
  }
}

provider "aws" {
  region = var.region
}

variable "name" {
  type = string
}

variable "region" {
  type = string
}

resource "aws_kms_key" "queue" {
  description = "messages in flight"
}

resource "aws_sqs_queue" "this" {
  name              = "${var.name}-events"
  kms_master_key_id = aws_kms_key.queue.arn
}

output "queue_arn" {
  value = aws_sqs_queue.this.arn
}

variable "name" {
  description = "Name, without .fifo."
  type        = string
}

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

resource "aws_sqs_queue" "this" {
  name       = "${var.name}.fifo"
  fifo_queue = true
}

output "url" {
  value = aws_sqs_queue.this.url
}

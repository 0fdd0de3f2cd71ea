variable "name" {
  type = string
}

variable "recovery" {
  type    = bool
  default = true
}

resource "aws_dynamodb_table" "this" {
  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  deletion_protection_enabled = true

  attribute {
    name = "pk"
    type = "S"
  }

  point_in_time_recovery {
    enabled = var.recovery
  }
}

output "arn" {
  value = aws_dynamodb_table.this.arn
}

variable "name" {
  description = "Prefix of every name, such as orders-prod. The table lives in eu-west-2."
  type        = string
}

resource "aws_dynamodb_table" "orders" {
  name         = "${var.name}-table"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_s3_bucket" "exports" {
  bucket = "${var.name}-exports"
}

output "table_name" {
  value = aws_dynamodb_table.orders.name
}

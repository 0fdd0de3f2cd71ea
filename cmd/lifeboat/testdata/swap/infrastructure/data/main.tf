variable "table_name" {
  type = string
}

resource "aws_dynamodb_table" "history" {
  name                        = var.table_name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  range_key                   = "at"
  deletion_protection_enabled = true
  stream_enabled              = true
  stream_view_type            = "NEW_IMAGE"

  attribute {
    name = "id"
    type = "S"
  }

  attribute {
    name = "at"
    type = "N"
  }

  attribute {
    name = "who"
    type = "S"
  }

  global_secondary_index {
    name            = "by-who"
    hash_key        = "who"
    projection_type = "KEYS_ONLY"
  }

  point_in_time_recovery {
    enabled = true
  }

  ttl {
    attribute_name = "expires"
    enabled        = true
  }

  tags = {
    application = "history"
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_ssm_parameter" "table" {
  name  = "/history/table"
  type  = "String"
  value = aws_dynamodb_table.history.name
}

resource "aws_iam_policy" "read" {
  name = "history-read"

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = aws_dynamodb_table.history.arn }]
  })
}

output "table_name" {
  value = aws_dynamodb_table.history.name
}

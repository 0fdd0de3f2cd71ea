variable "table_name" {
  type = string
}

data "aws_dynamodb_table" "history" {
  name = var.table_name
}

resource "aws_cloudwatch_log_group" "reader" {
  name = "/reader/${data.aws_dynamodb_table.history.name}"
}

resource "aws_ssm_parameter" "reader" {
  name  = "/reader/table"
  type  = "String"
  value = data.aws_dynamodb_table.history.name
}

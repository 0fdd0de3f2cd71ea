variable "name" {
  type = string
}

variable "env" {
  type    = map(string)
  default = {}
}

variable "layer" {
  type    = string
  default = "arn:aws:lambda:ca-central-1:770693421928:layer:Klayers-p312-requests:4"
}

resource "aws_iam_role" "this" {
  name = "${var.name}-role"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_lambda_function" "this" {
  function_name = var.name
  role          = aws_iam_role.this.arn
  handler       = "main.handler"
  runtime       = "python3.12"
  filename      = "${path.root}/build/function.zip"
  layers        = [var.layer]

  environment {
    variables = var.env
  }

  lifecycle {
    ignore_changes = [filename, source_code_hash]
  }
}

output "arn" {
  value = aws_lambda_function.this.arn
}

variable "tenant" {
  type = string
}

data "aws_sqs_queue" "bookings" {
  name = "bookings"
}

data "aws_secretsmanager_secret_version" "payments" {
  secret_id = "bookings/payments"
}

data "aws_ssm_parameter" "fees" {
  name = "/bookings/fees"
}

data "aws_caller_identity" "current" {}

resource "aws_iam_role" "app" {
  name = "bookings-app"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_lambda_function" "app" {
  function_name = "bookings-app"
  role          = aws_iam_role.app.arn
  package_type  = "Image"
  image_uri     = "${data.aws_caller_identity.current.account_id}.dkr.ecr.${var.region}.amazonaws.com/bookings/web:2024.1"

  environment {
    variables = {
      QUEUE = data.aws_sqs_queue.bookings.url
      FEES  = data.aws_ssm_parameter.fees.value
    }
  }
}

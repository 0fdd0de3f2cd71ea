locals {
  functions = {
    change-event   = { repository = data.aws_ecr_repository.change_event.repository_url, memory = 512 }
    message-replay = { repository = data.aws_ecr_repository.message_replay.repository_url, memory = 256 }
  }
}

resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${local.name}-${each.key}"
  retention_in_days = 30
}

resource "aws_lambda_function" "function" {
  for_each = local.functions

  function_name = "${local.name}-${each.key}"
  role          = aws_iam_role.function.arn
  package_type  = "Image"
  image_uri     = "${each.value.repository}:${var.image_tag}"
  memory_size   = each.value.memory
  timeout       = 30

  dead_letter_config {
    target_arn = data.aws_sqs_queue.failed_events.arn
  }

  environment {
    variables = {
      MESSAGE_HISTORY_TABLE = data.aws_dynamodb_table.message_history.name
      DIRECTORY_SECRET      = data.aws_secretsmanager_secret.directory.name
      SIGNING_SECRET        = data.aws_secretsmanager_secret.signing_key.name
      OPENING_TIMES_URL     = data.aws_ssm_parameter.opening_times.insecure_value
    }
  }

  depends_on = [aws_cloudwatch_log_group.function, aws_iam_role_policy.function]
}

output "function_names" {
  value = { for key, function in aws_lambda_function.function : key => function.function_name }
}

output "change_event_function" {
  value = aws_lambda_function.function["change-event"].function_name
}

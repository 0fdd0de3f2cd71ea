data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "function" {
  statement {
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    resources = [data.aws_sqs_queue.change_events.arn]
  }

  statement {
    actions   = ["sqs:SendMessage"]
    resources = [data.aws_sqs_queue.failed_events.arn]
  }

  statement {
    actions   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
    resources = [data.aws_dynamodb_table.message_history.arn, "${data.aws_dynamodb_table.message_history.arn}/index/*"]
  }

  statement {
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [data.aws_kms_alias.data.target_key_arn]
  }

  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [data.aws_secretsmanager_secret.directory.arn, data.aws_secretsmanager_secret.signing_key.arn]
  }

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = [for group in aws_cloudwatch_log_group.function : "${group.arn}:*"]
  }
}

# The region is part of the name: IAM names are unique in an account, and a second region must not collide.
resource "aws_iam_role" "function" {
  name               = "${local.name}-${var.aws_region}"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy" "function" {
  name   = "use-what-it-needs"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.function.json
}

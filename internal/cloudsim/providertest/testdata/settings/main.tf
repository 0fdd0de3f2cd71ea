# Settings that the example does not use. The test applies it, changes every setting through var.turn, and destroys it.
variable "turn" {
  type    = number
  default = 1
}

data "aws_caller_identity" "me" {}

locals {
  account = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"
}

resource "aws_kms_key" "key" {
  description             = "key ${var.turn}"
  enable_key_rotation     = true
  rotation_period_in_days = 180 * var.turn
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Turn${var.turn}", Effect = "Allow", Principal = { AWS = local.account }, Action = "kms:*", Resource = "*" }]
  })
}

resource "aws_kms_key" "disabled" {
  multi_region = true
  is_enabled   = false
}

resource "aws_kms_alias" "key" {
  name_prefix   = "alias/settings-"
  target_key_id = var.turn == 1 ? aws_kms_key.key.id : aws_kms_key.disabled.id
}

resource "aws_kms_ciphertext" "text" {
  key_id    = aws_kms_key.key.key_id
  plaintext = "hello"
  context   = { purpose = "test" }
}

resource "aws_sqs_queue" "fifo" {
  name                        = "settings.fifo"
  fifo_queue                  = true
  content_based_deduplication = true
  visibility_timeout_seconds  = 60 + var.turn
  kms_master_key_id           = "alias/aws/sqs"
}

resource "aws_secretsmanager_secret" "secret" {
  name                    = "settings/secret"
  description             = "turn ${var.turn}"
  kms_key_id              = aws_kms_key.key.arn
  recovery_window_in_days = 0
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Turn${var.turn}", Effect = "Allow", Principal = { AWS = local.account }, Action = "secretsmanager:GetSecretValue", Resource = "*" }]
  })
}

resource "aws_secretsmanager_secret_version" "secret" {
  secret_id     = aws_secretsmanager_secret.secret.id
  secret_string = "value ${var.turn}"
}

resource "aws_ssm_parameter" "parameter" {
  for_each = {
    "/settings/text"   = { type = "String", tier = "Standard" }
    "/settings/secret" = { type = "SecureString", tier = "Standard" }
    "settings-list"    = { type = "StringList", tier = "Advanced" }
  }

  name        = each.key
  type        = each.value.type
  tier        = each.value.tier
  value       = "a,${var.turn}"
  description = "turn ${var.turn}"
}

resource "aws_cloudwatch_log_group" "group" {
  name              = "/settings/group"
  retention_in_days = var.turn == 1 ? 7 : 14
  kms_key_id        = aws_kms_key.key.arn
  tags              = { turn = var.turn }
}

resource "aws_cloudwatch_log_stream" "stream" {
  name           = "stream"
  log_group_name = aws_cloudwatch_log_group.group.name
}

resource "aws_iam_role" "role" {
  name = "settings"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

data "aws_ecr_repository" "image" {
  name = "pharmacy-updates/change-event"
}

resource "aws_lambda_function" "function" {
  function_name                  = "settings"
  role                           = aws_iam_role.role.arn
  package_type                   = "Image"
  image_uri                      = "${data.aws_ecr_repository.image.repository_url}:1.4.2"
  description                    = "turn ${var.turn}"
  publish                        = true
  reserved_concurrent_executions = 4 + var.turn
  architectures                  = ["arm64"]

  ephemeral_storage {
    size = 1024
  }

  image_config {
    command = ["handler.${var.turn}"]
  }

  tags = { turn = var.turn }
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.function.function_name
  function_version = aws_lambda_function.function.version
}

resource "aws_lambda_permission" "bucket" {
  statement_id   = "FromBucket"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.function.function_name
  principal      = "s3.amazonaws.com"
  source_arn     = "arn:aws:s3:::a-bucket"
  source_account = data.aws_caller_identity.me.account_id
}

# What is made is found by those who look for it.
data "aws_kms_key" "key" {
  key_id = aws_kms_alias.key.arn
}

data "aws_secretsmanager_secret_version" "secret" {
  secret_id = aws_secretsmanager_secret_version.secret.secret_id
}

data "aws_ssm_parameters_by_path" "all" {
  path       = "/settings"
  depends_on = [aws_ssm_parameter.parameter]
}

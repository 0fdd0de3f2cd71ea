# The key that the consumers send. It is made once, and never changed by Terraform again.
data "aws_secretsmanager_random_password" "key" {
  password_length     = 40
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret" "key" {
  name                    = "${var.environment}-pharmacy-updates-api-key"
  description             = "The API key of the consumers of pharmacy updates"
  recovery_window_in_days = 7
}

resource "aws_secretsmanager_secret_version" "key" {
  secret_id     = aws_secretsmanager_secret.key.id
  secret_string = jsonencode({ api_key = data.aws_secretsmanager_random_password.key.random_password })

  lifecycle {
    ignore_changes = [secret_string]
  }
}

output "secret_name" {
  value = aws_secretsmanager_secret.key.name
}

output "api_key" {
  value     = jsondecode(aws_secretsmanager_secret_version.key.secret_string).api_key
  sensitive = true
}

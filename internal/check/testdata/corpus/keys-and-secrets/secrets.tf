resource "tls_private_key" "signing" {
  algorithm = "RSA"
  rsa_bits  = 4096
}

resource "random_password" "partner" {
  length = 40
}

resource "random_pet" "name" {}

resource "aws_secretsmanager_secret" "signing" {
  name       = "records/signing"
  kms_key_id = aws_kms_key.shared.arn
}

resource "aws_secretsmanager_secret_version" "signing" {
  secret_id     = aws_secretsmanager_secret.signing.id
  secret_string = tls_private_key.signing.private_key_pem
}

resource "aws_secretsmanager_secret" "throwaway" {
  name                    = "records/throwaway"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret" "prefixed" {
  name_prefix = "records/prefixed-"
}

resource "aws_secretsmanager_secret_version" "throwaway" {
  secret_id     = aws_secretsmanager_secret.throwaway.id
  secret_string = "set by hand"

  lifecycle {
    ignore_changes = [secret_string]
  }
}

resource "aws_ssm_parameter" "mode" {
  name  = "/records/mode"
  type  = "String"
  value = "normal"

  lifecycle {
    ignore_changes = [value]
  }
}

resource "aws_api_gateway_api_key" "partner" {
  name  = "partner"
  value = random_password.partner.result
}

resource "aws_api_gateway_api_key" "internal" {
  name = "internal"
}

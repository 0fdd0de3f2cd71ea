resource "aws_kms_key" "data" {
  description = "data at rest"
}

resource "aws_secretsmanager_secret" "key" {
  name = "consumers-key"
}

output "key_arn" {
  value = aws_kms_key.data.arn
}

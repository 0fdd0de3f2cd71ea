variable "licence" {
  type      = string
  sensitive = true
}

variable "password" {
  type      = string
  sensitive = true
}

# Not marked as sensitive, as in code that was never meant to be read: the plan knows better.
variable "signing" {
  type = string
}

variable "address" {
  type = string
}

data "aws_secretsmanager_secret_version" "login" {
  secret_id = "canary/login"
}

resource "aws_ssm_parameter" "app" {
  name  = "/canary/app"
  type  = "SecureString"
  value = "${var.licence} ${var.password} ${var.signing} ${var.address}"
}

output "connection" {
  value     = "db://${jsondecode(data.aws_secretsmanager_secret_version.login.secret_string).username}:${var.password}@example.org"
  sensitive = true
}

# Shown by terraform itself in its stream and its plan.
output "careless" {
  value = var.signing
}

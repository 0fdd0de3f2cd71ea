# What the shared stack made.
data "aws_sqs_queue" "change_events" {
  name = "${var.environment}-pharmacy-change-events"
}

data "aws_sqs_queue" "failed_events" {
  name = "${var.environment}-pharmacy-failed-events"
}

data "aws_dynamodb_table" "message_history" {
  name = "${var.environment}-pharmacy-message-history"
}

data "aws_kms_alias" "data" {
  name = "alias/${var.environment}-pharmacy-updates"
}

# What no Terraform makes: images are pushed by the build, the secrets and the parameter are kept by the platform team.
data "aws_ecr_repository" "change_event" {
  name = "pharmacy-updates/change-event"
}

data "aws_ecr_repository" "message_replay" {
  name = "pharmacy-updates/message-replay"
}

data "aws_secretsmanager_secret" "directory" {
  name = "pharmacy-updates/directory-of-services"
}

data "aws_secretsmanager_secret" "signing_key" {
  name = "pharmacy-updates/signing-key"
}

data "aws_ssm_parameter" "opening_times" {
  name = "/pharmacy-updates/opening-times-url"
}

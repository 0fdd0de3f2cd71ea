data "aws_caller_identity" "current" {}

resource "aws_kms_key" "data" {
  description             = "${var.environment} pharmacy updates: data at rest"
  deletion_window_in_days = 14
  enable_key_rotation     = true
}

resource "aws_kms_alias" "data" {
  name          = "alias/${var.environment}-pharmacy-updates"
  target_key_id = aws_kms_key.data.key_id
}

resource "aws_dynamodb_table" "message_history" {
  name         = "${var.environment}-pharmacy-message-history"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "organisation"
  range_key    = "received_at"

  attribute {
    name = "organisation"
    type = "S"
  }

  attribute {
    name = "received_at"
    type = "N"
  }

  attribute {
    name = "message_id"
    type = "S"
  }

  global_secondary_index {
    name            = "by-message"
    hash_key        = "message_id"
    projection_type = "ALL"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.data.arn
  }
}

resource "aws_s3_bucket" "messages" {
  bucket = "${var.environment}-pharmacy-messages-${data.aws_caller_identity.current.account_id}-${var.aws_region}"
}

resource "aws_s3_bucket_versioning" "messages" {
  bucket = aws_s3_bucket.messages.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "messages" {
  bucket                  = aws_s3_bucket.messages.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "messages" {
  bucket = aws_s3_bucket.messages.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.data.arn
    }
  }
}

# Two queues side by side: the functions' own failures go to the second (see application/functions.tf).
resource "aws_sqs_queue" "change_events" {
  name                       = "${var.environment}-pharmacy-change-events"
  visibility_timeout_seconds = 180
  message_retention_seconds  = 1209600
  sqs_managed_sse_enabled    = true
}

resource "aws_sqs_queue" "failed_events" {
  name                      = "${var.environment}-pharmacy-failed-events"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

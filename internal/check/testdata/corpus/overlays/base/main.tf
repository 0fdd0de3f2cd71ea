variable "environment" {
  type = string
}

variable "region" {
  type = string
}

data "aws_caller_identity" "me" {}

resource "aws_s3_bucket" "uploads" {
  bucket = "notify-uploads-${var.environment}-${data.aws_caller_identity.me.account_id}-${var.region}"
}

resource "aws_s3_bucket" "reports" {
  bucket = "notify-reports-${var.environment}"
}

resource "aws_s3_bucket_policy" "reports" {
  bucket = aws_s3_bucket.reports.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "s3:GetObject"
      Resource  = "${aws_s3_bucket.reports.arn}/*"
      Principal = { AWS = "arn:aws:iam::555566667777:role/reporting" }
    }]
  })
}

resource "aws_sns_topic" "alerts" {
  name = "notify-${var.environment}"
}

resource "aws_cloudwatch_log_resource_policy" "route53" {
  policy_name = "notify-${var.environment}"

  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "logs:PutLogEvents"
      Resource  = "arn:aws:logs:*:*:*"
      Principal = { Service = "logs.ap-southeast-2.amazonaws.com" }
    }]
  })
}

output "topic_arn" {
  value = aws_sns_topic.alerts.arn
}

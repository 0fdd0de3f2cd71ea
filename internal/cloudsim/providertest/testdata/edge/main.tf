# What stands in front of an application and watches it, of services that the drill cloud lacks, beside a queue that it has. Only the
# record needs another resource, so that each of the others is read whatever became of the rest.
resource "aws_sqs_queue" "changes" { name = "changes" }

resource "aws_cloudwatch_metric_alarm" "full" {
  alarm_name          = "changes-pile-up"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = "changes" }
  comparison_operator = "GreaterThanThreshold"
  statistic           = "Maximum"
  threshold           = 100
  period              = 60
  evaluation_periods  = 3
}

resource "aws_wafv2_web_acl" "edge" {
  name  = "edge"
  scope = "REGIONAL"
  default_action {
    allow {}
  }
  rule {
    name     = "rate"
    priority = 1
    action {
      block {}
    }
    statement {
      rate_based_statement {
        limit              = 1000
        aggregate_key_type = "IP"
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = false
      metric_name                = "rate"
      sampled_requests_enabled   = false
    }
  }
  visibility_config {
    cloudwatch_metrics_enabled = false
    metric_name                = "edge"
    sampled_requests_enabled   = false
  }
}

resource "aws_route53_zone" "pharmacy" { name = "pharmacy.example" }

resource "aws_acm_certificate" "api" {
  domain_name       = "api.pharmacy.example"
  validation_method = "DNS"
}

resource "aws_route53_record" "validation" {
  zone_id = aws_route53_zone.pharmacy.zone_id
  name    = tolist(aws_acm_certificate.api.domain_validation_options)[0].resource_record_name
  type    = "CNAME"
  ttl     = 60
  records = [tolist(aws_acm_certificate.api.domain_validation_options)[0].resource_record_value]
}

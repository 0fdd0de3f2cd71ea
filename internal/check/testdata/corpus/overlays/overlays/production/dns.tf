# The zone is ours: us-east-1 is only where the metrics of health checks live.
provider "aws" {
  alias  = "virginia"
  region = "us-east-1"
}

resource "aws_route53_zone" "main" {
  name = "notify.example.net"
}

resource "aws_route53_record" "www" {
  zone_id = aws_route53_zone.main.zone_id
  name    = "www"
  type    = "CNAME"
  ttl     = 60
  records = ["edge.example.net"]
}

resource "aws_route53_health_check" "www" {
  fqdn          = "www.notify.example.net"
  type          = "HTTPS"
  port          = 443
  resource_path = "/status"
}

resource "aws_cloudwatch_metric_alarm" "www" {
  provider            = aws.virginia
  alarm_name          = "notify-www"
  namespace           = "AWS/Route53"
  metric_name         = "HealthCheckStatus"
  comparison_operator = "LessThanThreshold"
  evaluation_periods  = 1
  threshold           = 1
  period              = 60
  statistic           = "Minimum"
  dimensions          = { HealthCheckId = aws_route53_health_check.www.id }
}

resource "aws_cloudwatch_metric_alarm" "queue" {
  alarm_name          = "notify-queue"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  threshold           = 300
  period              = 60
  statistic           = "Maximum"
}

resource "aws_s3_bucket" "site" {
  bucket = var.domain
}

resource "aws_acm_certificate" "site" {
  provider          = aws.edge
  domain_name       = var.domain
  validation_method = "DNS"
}

resource "aws_route53_zone" "site" {
  name = var.domain
}

resource "aws_route53_record" "validation" {
  for_each = { for o in aws_acm_certificate.site.domain_validation_options : o.domain_name => o }

  zone_id = aws_route53_zone.site.zone_id
  name    = each.value.resource_record_name
  type    = each.value.resource_record_type
  records = [each.value.resource_record_value]
  ttl     = 60
}

resource "aws_cloudfront_distribution" "site" {
  enabled = true
  aliases = [var.domain]

  origin {
    domain_name = aws_s3_bucket.site.bucket_regional_domain_name
    origin_id   = "site"
  }

  default_cache_behavior {
    target_origin_id       = "site"
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = data.aws_cloudfront_cache_policy.optimised.id
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn = aws_acm_certificate.site.arn
    ssl_support_method  = "sni-only"
  }
}

data "aws_cloudfront_cache_policy" "optimised" {
  name = "Managed-CachingOptimized"
}

resource "aws_sns_topic" "alarms" {
  provider = aws.edge
  name     = "news-alarms"
}

data "external" "release" {
  program = ["./release.sh"]
}

resource "aws_instance" "renderer" {
  ami           = lookup(local.amis, local.home)
  instance_type = "t4g.small"

  user_data = templatefile("${path.module}/user_data.sh.tftpl", { release = data.external.release.result.tag })

  provisioner "local-exec" {
    command = "./warm-up.sh ${self.private_ip}"
  }
}

# A route at a load balancer that others use, too: its own target group, rule and certificate, behind a web ACL.

resource "aws_acm_certificate" "front" {
  provider          = aws.consumer
  for_each          = toset(["front.${local.domain}", "shop.${local.domain}"])
  domain_name       = each.value
  validation_method = "DNS"
}

resource "aws_route53_record" "certificate" {
  provider = aws.provider
  for_each = aws_acm_certificate.front
  zone_id  = aws_route53_zone.public.zone_id
  name     = one(each.value.domain_validation_options).resource_record_name
  type     = one(each.value.domain_validation_options).resource_record_type
  ttl      = 60
  records  = [one(each.value.domain_validation_options).resource_record_value]
}

resource "aws_acm_certificate_validation" "front" {
  provider                = aws.consumer
  for_each                = aws_acm_certificate.front
  certificate_arn         = each.value.arn
  validation_record_fqdns = [aws_route53_record.certificate[each.key].fqdn]
}

resource "aws_lb_listener" "https" {
  provider          = aws.consumer
  load_balancer_arn = aws_lb.front.arn
  protocol          = "HTTPS"
  port              = 443
  certificate_arn   = aws_acm_certificate_validation.front["front.${local.domain}"].certificate_arn
  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener_certificate" "shop" {
  provider        = aws.consumer
  listener_arn    = aws_lb_listener.https.arn
  certificate_arn = aws_acm_certificate_validation.front["shop.${local.domain}"].certificate_arn
}

resource "aws_lb_target_group" "shop" {
  provider             = aws.consumer
  name                 = "shop"
  vpc_id               = aws_vpc.shop.id
  protocol             = "HTTPS"
  port                 = 443
  target_type          = "ip"
  deregistration_delay = 30
  health_check {
    protocol = "HTTPS"
    path     = "/healthz"
    matcher  = "200-299"
  }
}

resource "aws_lb_target_group_attachment" "shop" {
  provider         = aws.consumer
  count            = 2
  target_group_arn = aws_lb_target_group.shop.arn
  target_id        = data.aws_network_interface.api[count.index].private_ip
}

resource "aws_lb_listener_rule" "shop" {
  provider     = aws.consumer
  listener_arn = aws_lb_listener.https.arn
  priority     = 10
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.shop.arn
  }
  condition {
    host_header { values = ["shop.${local.domain}"] }
  }
  condition {
    path_pattern { values = ["/api/*"] }
  }
}

resource "aws_wafv2_web_acl" "front" {
  provider = aws.consumer
  name     = "front"
  scope    = "REGIONAL"
  default_action {
    allow {}
  }
  visibility_config {
    cloudwatch_metrics_enabled = false
    metric_name                = "front"
    sampled_requests_enabled   = false
  }
}

resource "aws_wafv2_web_acl_association" "front" {
  provider     = aws.consumer
  resource_arn = aws_lb.front.arn
  web_acl_arn  = aws_wafv2_web_acl.front.arn
}

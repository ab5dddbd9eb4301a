# What the consumer has: a network, the endpoint with its private DNS name, a load balancer that has the endpoint's
# addresses as targets, and a private zone with an alias for the endpoint.

data "aws_vpc_endpoint_service" "api" {
  provider     = aws.consumer
  service_name = aws_vpc_endpoint_service.api.service_name
  depends_on   = [aws_vpc_endpoint_service_allowed_principal.consumer]
}

resource "aws_vpc" "shop" {
  provider                         = aws.consumer
  cidr_block                       = "10.2.0.0/16"
  assign_generated_ipv6_cidr_block = true
  enable_dns_hostnames             = true
  tags                             = { Name = "shop" }
}

resource "aws_subnet" "shop" {
  provider             = aws.consumer
  count                = 2
  vpc_id               = aws_vpc.shop.id
  cidr_block           = cidrsubnet(aws_vpc.shop.cidr_block, 8, count.index)
  ipv6_cidr_block      = cidrsubnet(aws_vpc.shop.ipv6_cidr_block, 8, count.index)
  availability_zone_id = "euc1-az${count.index + 1}"
}

resource "aws_security_group" "endpoint" {
  provider    = aws.consumer
  name        = "endpoint"
  description = "Who may reach the endpoint"
  vpc_id      = aws_vpc.shop.id
  ingress {
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = [aws_vpc.shop.cidr_block]
  }
}

resource "aws_security_group" "load_balancer" {
  provider = aws.consumer
  name     = "load-balancer"
  vpc_id   = aws_vpc.shop.id
}

resource "aws_vpc_security_group_ingress_rule" "https" {
  provider          = aws.consumer
  security_group_id = aws_security_group.load_balancer.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "endpoint" {
  provider                     = aws.consumer
  security_group_id            = aws_security_group.load_balancer.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.endpoint.id
}

resource "aws_vpc_endpoint" "api" {
  provider           = aws.consumer
  vpc_endpoint_type  = "Interface"
  vpc_id             = aws_vpc.shop.id
  service_name       = data.aws_vpc_endpoint_service.api.service_name
  subnet_ids         = aws_subnet.shop[*].id
  security_group_ids = [aws_security_group.endpoint.id]
  tags               = { Name = "api" }
}

resource "aws_vpc_endpoint_private_dns" "api" {
  provider            = aws.consumer
  vpc_endpoint_id     = aws_vpc_endpoint.api.id
  private_dns_enabled = true
  depends_on          = [aws_vpc_endpoint_connection_accepter.api, aws_vpc_endpoint_service_private_dns_verification.api]
}

data "aws_network_interface" "api" {
  provider = aws.consumer
  count    = 2
  id       = tolist(aws_vpc_endpoint.api.network_interface_ids)[count.index]
}

resource "aws_lb_target_group" "api" {
  provider    = aws.consumer
  name        = "api"
  vpc_id      = aws_vpc.shop.id
  protocol    = "HTTPS"
  port        = 443
  target_type = "ip"
}

resource "aws_lb_target_group_attachment" "api" {
  provider         = aws.consumer
  count            = 2
  target_group_arn = aws_lb_target_group.api.arn
  target_id        = data.aws_network_interface.api[count.index].private_ip
}

resource "aws_lb" "front" {
  provider           = aws.consumer
  name               = "front"
  internal           = true
  load_balancer_type = "application"
  subnets            = aws_subnet.shop[*].id
  security_groups    = [aws_security_group.load_balancer.id]
}

resource "aws_lb_listener" "front" {
  provider          = aws.consumer
  load_balancer_arn = aws_lb.front.arn
  protocol          = "HTTP"
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.api.arn
  }
}

resource "aws_route53_zone" "private" {
  provider = aws.consumer
  name     = "links.internal"
  vpc { vpc_id = aws_vpc.shop.id }
}

resource "aws_route53_record" "api" {
  provider = aws.consumer
  zone_id  = aws_route53_zone.private.zone_id
  name     = "api.links.internal"
  type     = "A"
  alias {
    name                   = aws_vpc_endpoint.api.dns_entry[0].dns_name
    zone_id                = aws_vpc_endpoint.api.dns_entry[0].hosted_zone_id
    evaluate_target_health = false
  }
}

# What the provider of the service has: a network, a load balancer, the endpoint service, the proof of its domain,
# and the service's name in Parameter Store.

data "aws_availability_zones" "provider" {
  provider = aws.provider
  state    = "available"
}

resource "aws_vpc" "cluster" {
  provider             = aws.provider
  cidr_block           = "10.1.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "cluster" }
}

resource "aws_subnet" "cluster" {
  provider             = aws.provider
  count                = 2
  vpc_id               = aws_vpc.cluster.id
  cidr_block           = cidrsubnet(aws_vpc.cluster.cidr_block, 8, count.index)
  availability_zone_id = "euc1-az${count.index + 1}"
}

resource "aws_lb_target_group" "cluster" {
  provider    = aws.provider
  name        = "cluster"
  vpc_id      = aws_vpc.cluster.id
  protocol    = "TCP"
  port        = 443
  target_type = "ip"
}

resource "aws_lb" "cluster" {
  provider           = aws.provider
  name               = "cluster"
  internal           = true
  load_balancer_type = "network"
  subnets            = aws_subnet.cluster[*].id
}

resource "aws_lb_listener" "cluster" {
  provider          = aws.provider
  load_balancer_arn = aws_lb.cluster.arn
  protocol          = "TCP"
  port              = 443
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.cluster.arn
  }
}

resource "aws_vpc_endpoint_service" "api" {
  provider                   = aws.provider
  acceptance_required        = true
  network_load_balancer_arns = [aws_lb.cluster.arn]
  private_dns_name           = local.name
  tags                       = { Name = "api" }
}

resource "aws_vpc_endpoint_service_allowed_principal" "consumer" {
  provider                = aws.provider
  vpc_endpoint_service_id = aws_vpc_endpoint_service.api.id
  principal_arn           = "arn:aws:iam::${data.aws_caller_identity.consumer.account_id}:root"
}

resource "aws_route53_zone" "public" {
  provider = aws.provider
  name     = local.domain
}

resource "aws_route53_record" "proof" {
  provider = aws.provider
  zone_id  = aws_route53_zone.public.zone_id
  name     = "${aws_vpc_endpoint_service.api.private_dns_name_configuration[0].name}.${local.domain}"
  type     = aws_vpc_endpoint_service.api.private_dns_name_configuration[0].type
  ttl      = 60
  records  = [aws_vpc_endpoint_service.api.private_dns_name_configuration[0].value]
}

resource "aws_vpc_endpoint_service_private_dns_verification" "api" {
  provider              = aws.provider
  service_id            = aws_vpc_endpoint_service.api.id
  wait_for_verification = true
  depends_on            = [aws_route53_record.proof]
}

resource "aws_ssm_parameter" "name" {
  provider    = aws.provider
  name        = "/links/api/service-name"
  description = "What consumers connect to"
  type        = "String"
  value       = aws_vpc_endpoint_service.api.service_name
}

resource "aws_vpc_endpoint_connection_accepter" "api" {
  provider                = aws.provider
  vpc_endpoint_service_id = aws_vpc_endpoint_service.api.id
  vpc_endpoint_id         = aws_vpc_endpoint.api.id
}

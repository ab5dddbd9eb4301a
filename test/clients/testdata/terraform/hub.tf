# A hub: VPCs of an inventory in the consumer's account, peered with a network of the provider's; a security group for
# one endpoint, and a private zone that the other account sees, too.

resource "aws_vpc" "hub" {
  provider             = aws.consumer
  count                = 2
  cidr_block           = "10.${20 + count.index}.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "hub-${count.index}" }
}

resource "aws_subnet" "hub" {
  provider             = aws.consumer
  count                = 2
  vpc_id               = aws_vpc.hub[count.index].id
  cidr_block           = cidrsubnet(aws_vpc.hub[count.index].cidr_block, 8, 0)
  availability_zone_id = "euc1-az${count.index + 1}"
}

resource "aws_route_table" "hub" {
  provider = aws.consumer
  count    = 2
  vpc_id   = aws_vpc.hub[count.index].id
}

resource "aws_route_table_association" "hub" {
  provider       = aws.consumer
  count          = 2
  subnet_id      = aws_subnet.hub[count.index].id
  route_table_id = aws_route_table.hub[count.index].id
}

resource "aws_security_group" "hub" {
  provider    = aws.consumer
  name        = "one-endpoint"
  description = "Who may reach one endpoint"
  vpc_id      = aws_vpc.hub[0].id
}

resource "aws_vpc_security_group_ingress_rule" "hub" {
  provider          = aws.consumer
  for_each          = toset([aws_vpc.hub[0].cidr_block, aws_vpc.cluster.cidr_block])
  security_group_id = aws_security_group.hub.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = each.value
}

resource "aws_vpc_endpoint" "hub" {
  provider           = aws.consumer
  vpc_endpoint_type  = "Interface"
  vpc_id             = aws_vpc.hub[0].id
  service_name       = data.aws_vpc_endpoint_service.api.service_name
  subnet_ids         = [aws_subnet.hub[0].id]
  security_group_ids = [aws_security_group.hub.id]
}

resource "aws_vpc_endpoint_connection_accepter" "hub" {
  provider                = aws.provider
  vpc_endpoint_service_id = aws_vpc_endpoint_service.api.id
  vpc_endpoint_id         = aws_vpc_endpoint.hub.id
}

resource "aws_route53_zone" "hub" {
  provider = aws.consumer
  name     = "hub.example.com"
  vpc { vpc_id = aws_vpc.hub[0].id }
  lifecycle { ignore_changes = [vpc] } # those of other accounts are associated by themselves
}

resource "aws_route53_zone_association" "hub" {
  provider = aws.consumer
  zone_id  = aws_route53_zone.hub.zone_id
  vpc_id   = aws_vpc.hub[1].id
}

resource "aws_route53_vpc_association_authorization" "cluster" {
  provider = aws.consumer
  zone_id  = aws_route53_zone.hub.zone_id
  vpc_id   = aws_vpc.cluster.id
}

resource "aws_route53_zone_association" "cluster" {
  provider = aws.provider
  zone_id  = aws_route53_vpc_association_authorization.cluster.zone_id
  vpc_id   = aws_vpc_peering_connection.hub.peer_vpc_id
}

resource "aws_route53_record" "hub" {
  provider = aws.consumer
  zone_id  = aws_route53_zone.hub.zone_id
  name     = "hub.example.com"
  type     = "A"
  alias {
    name                   = aws_vpc_endpoint.hub.dns_entry[0].dns_name
    zone_id                = aws_vpc_endpoint.hub.dns_entry[0].hosted_zone_id
    evaluate_target_health = false
  }
}

resource "aws_vpc_peering_connection" "hub" {
  provider      = aws.consumer
  vpc_id        = aws_vpc.hub[0].id
  peer_owner_id = data.aws_caller_identity.provider.account_id
  peer_vpc_id   = aws_vpc.cluster.id
}

resource "aws_vpc_peering_connection_accepter" "hub" {
  provider                  = aws.provider
  vpc_peering_connection_id = aws_vpc_peering_connection.hub.id
  auto_accept               = true
}

resource "aws_route" "to_cluster" {
  provider                  = aws.consumer
  route_table_id            = aws_route_table.hub[0].id
  destination_cidr_block    = aws_vpc.cluster.cidr_block
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.hub.id
}

resource "aws_route" "to_hub" {
  provider                  = aws.provider
  route_table_id            = aws_vpc.cluster.main_route_table_id
  destination_cidr_block    = aws_vpc.hub[0].cidr_block
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.hub.id
}

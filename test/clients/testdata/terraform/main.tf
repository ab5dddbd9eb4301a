# The provider of AWS in both accounts: as a user in the provider's, through a role in the consumer's.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 6.0.0"
    }
  }
}

variable "endpoint" { type = string }
variable "access_key" { type = string }
variable "secret_key" { type = string }
variable "role" { type = string }

locals {
  region = "eu-central-1"
  domain = "example.com"
  name   = "api.${local.domain}"
}

provider "aws" {
  alias      = "provider"
  region     = local.region
  access_key = var.access_key
  secret_key = var.secret_key
  endpoints {
    acm     = var.endpoint
    ec2     = var.endpoint
    elbv2   = var.endpoint
    iam     = var.endpoint
    route53 = var.endpoint
    ssm     = var.endpoint
    sts     = var.endpoint
    wafv2   = var.endpoint
  }
  default_tags { tags = { by = "terraform" } }
}

provider "aws" {
  alias      = "consumer"
  region     = local.region
  access_key = var.access_key
  secret_key = var.secret_key
  assume_role {
    role_arn     = var.role
    external_id  = "consumer-terraform"
    session_name = "deployment"
  }
  endpoints {
    acm     = var.endpoint
    ec2     = var.endpoint
    elbv2   = var.endpoint
    iam     = var.endpoint
    route53 = var.endpoint
    ssm     = var.endpoint
    sts     = var.endpoint
    wafv2   = var.endpoint
  }
}

output "provider_identity" { value = data.aws_caller_identity.provider.arn }
output "consumer_identity" { value = data.aws_caller_identity.consumer.arn }
output "service_name" { value = aws_vpc_endpoint_service.api.service_name }
output "endpoint" { value = aws_vpc_endpoint.api.id }
output "endpoint_state" { value = aws_vpc_endpoint_connection_accepter.api.vpc_endpoint_state }
output "service_id" { value = aws_vpc_endpoint_service.api.id }

data "aws_caller_identity" "provider" { provider = aws.provider }
data "aws_caller_identity" "consumer" { provider = aws.consumer }

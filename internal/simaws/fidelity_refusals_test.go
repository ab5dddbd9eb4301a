package simaws

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const (
	ec2Errors     = `Amazon EC2 API Reference, "Error codes"`
	ec2Throttling = `Amazon EC2 Developer Guide, "Request throttling for the Amazon EC2 API"`
	privateLink   = `AWS PrivateLink Guide`
)

// connecting asks for an endpoint to a published service, after a change of the request.
func connecting(change func(testCloud, *awsec2.CreateVpcEndpointInput)) func(context.Context, testCloud, aws.Config) error {
	return func(ctx context.Context, tc testCloud, config aws.Config) error {
		in := tc.connectInput(tc.publish())
		change(tc, in)
		_, err := awsec2.NewFromConfig(config).CreateVpcEndpoint(ctx, in)
		return err
	}
}

// enabling switches private DNS on, on an endpoint that is prepared.
func enabling(prepare func(testCloud) *types.VpcEndpoint) func(context.Context, testCloud, aws.Config) error {
	return func(ctx context.Context, tc testCloud, config aws.Config) error {
		_, err := awsec2.NewFromConfig(config).ModifyVpcEndpoint(ctx, &awsec2.ModifyVpcEndpointInput{VpcEndpointId: prepare(tc).VpcEndpointId, PrivateDnsEnabled: aws.Bool(true)})
		return err
	}
}

// connected is an endpoint that is available.
func connected(tc testCloud, service *types.ServiceConfiguration) *types.VpcEndpoint {
	endpoint := tc.connect(service)
	tc.advance(time.Minute)
	return endpoint
}

func TestFidelityWhatConsumersAreRefused(t *testing.T) {
	type input = awsec2.CreateVpcEndpointInput
	for _, fact := range []refusal{
		{"when an endpoint does not exist, Describe says InvalidVpcEndpointId.NotFound", ec2Errors, func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awsec2.NewFromConfig(c).DescribeVpcEndpoints(ctx, &awsec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{"vpce-00000000000000000"}})
			return err
		}, 400, "InvalidVpcEndpointId.NotFound", "vpce-00000000000000000"},
		{"when an endpoint does not exist, Modify says InvalidVpcEndpointId.NotFound", ec2Errors, func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awsec2.NewFromConfig(c).ModifyVpcEndpoint(ctx, &awsec2.ModifyVpcEndpointInput{VpcEndpointId: aws.String("vpce-0")})
			return err
		}, 400, "InvalidVpcEndpointId.NotFound", "vpce-0"},
		{"when the service does not exist, it is InvalidServiceName", ec2Errors, connecting(func(_ testCloud, in *input) {
			in.ServiceName = aws.String("com.amazonaws.vpce.us-east-1.vpce-svc-0")
		}), 400, "InvalidServiceName", "com.amazonaws.vpce.us-east-1.vpce-svc-0"},
		{"when the type is left out, it is Gateway, which the service is not", "EC2 API Reference, CreateVpcEndpoint", connecting(func(_ testCloud, in *input) {
			in.VpcEndpointType = ""
		}), 400, "InvalidParameter", "Gateway"},
		{"when two subnets are in one zone, it is DuplicateSubnetsInSameZone", ec2Errors, connecting(func(tc testCloud, in *input) {
			in.SubnetIds = append(in.SubnetIds, tc.id("consumer", "subnet", "main/one-more"))
		}), 400, "DuplicateSubnetsInSameZone", ""},
		{"when the service is not in the zone, the message says which subnet", privateLink + `, "Endpoint service availability zones"`, connecting(func(tc testCloud, in *input) {
			in.SubnetIds = []string{tc.id("consumer", "subnet", "main/three")}
		}), 400, "InvalidParameter", "does not support the availability zone of the subnet: subnet-"},
		{"when a subnet does not exist, it is InvalidSubnetId.NotFound", ec2Errors, connecting(func(_ testCloud, in *input) {
			in.SubnetIds = []string{"subnet-0"}
		}), 400, "InvalidSubnetId.NotFound", "subnet-0"},
		{"when a subnet does not exist, Describe says InvalidSubnetID.NotFound", ec2Errors, func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awsec2.NewFromConfig(c).DescribeSubnets(ctx, &awsec2.DescribeSubnetsInput{SubnetIds: []string{"subnet-0"}})
			return err
		}, 400, "InvalidSubnetID.NotFound", "subnet-0"},
		{"when a fixed address is for another subnet, it is refused", "EC2 API Reference, CreateVpcEndpoint", connecting(func(tc testCloud, in *input) {
			in.SubnetConfigurations = []types.SubnetConfiguration{{SubnetId: aws.String(tc.id("consumer", "subnet", "main/two")), Ipv4: aws.String("10.1.2.7")}}
		}), 400, "InvalidParameter", "subnet-"},
		{"when the policy is no JSON, it is InvalidPolicyDocument", ec2Errors, connecting(func(_ testCloud, in *input) {
			in.PolicyDocument = aws.String("allow all")
		}), 400, "InvalidPolicyDocument", ""},
		{"when the policy is too long, it is InvalidPolicyDocument", privateLink + `, "Quotas"`, connecting(func(_ testCloud, in *input) {
			in.PolicyDocument = aws.String(`"` + strings.Repeat("x", 20480) + `"`)
		}), 400, "InvalidPolicyDocument", "20480"},
		{"when there are too many tags, it is TagLimitExceeded", ec2Errors, connecting(func(_ testCloud, in *input) {
			spec := types.TagSpecification{ResourceType: types.ResourceTypeVpcEndpoint}
			for i := range 51 {
				spec.Tags = append(spec.Tags, types.Tag{Key: aws.String("k" + string(rune('0'+i))), Value: aws.String("v")})
			}
			in.TagSpecifications = []types.TagSpecification{spec}
		}), 400, "TagLimitExceeded", "50"},
		{"when a client token has 65 characters, it is refused", `EC2 API Reference, "Ensuring idempotency"`, connecting(func(_ testCloud, in *input) {
			in.ClientToken = aws.String(strings.Repeat("x", 65))
		}), 400, "InvalidParameterValue", "64"},
		{"when a client token comes with another request, it is IdempotentParameterMismatch", `EC2 API Reference, "Ensuring idempotency"`, func(ctx context.Context, tc testCloud, c aws.Config) error {
			in := tc.connectInput(tc.publish())
			in.ClientToken = aws.String(strings.Repeat("x", 64))
			client := awsec2.NewFromConfig(c)
			must(client.CreateVpcEndpoint(ctx, in))(tc.t)
			in.SecurityGroupIds = []string{tc.id("consumer", "security-group", "main/https")}
			_, err := client.CreateVpcEndpoint(ctx, in)
			return err
		}, 400, "IdempotentParameterMismatch", ""},
		{"when a dry run would succeed, it is DryRunOperation", ec2Errors, connecting(func(_ testCloud, in *input) { in.DryRun = aws.Bool(true) }), 412, "DryRunOperation", "Request would have succeeded"},
		{"when private DNS is wanted before acceptance, the message says so", "EC2 API Reference, ModifyVpcEndpoint", enabling(func(tc testCloud) *types.VpcEndpoint {
			return tc.connect(tc.publishVerified("api.example.com"))
		}), 400, "InvalidParameter", "Private DNS can only be enabled after the endpoint connection is accepted by the owner of com.amazonaws.vpce.us-east-1.vpce-svc-"},
		{"when the service has no private name, the message says so", "EC2 API Reference, ModifyVpcEndpoint", enabling(func(tc testCloud) *types.VpcEndpoint {
			return connected(tc, tc.publish(withoutAcceptance))
		}), 400, "InvalidParameter", "Private DNS can't be enabled because the service com.amazonaws.vpce.us-east-1.vpce-svc-"},
		{"when the VPC's DNS is off, the message names the two attributes", privateLink + `, "Private DNS"`, enabling(func(tc testCloud) *types.VpcEndpoint {
			must(tc.ec2Of(consumer).ModifyVpcAttribute(tc.t.Context(), &awsec2.ModifyVpcAttributeInput{
				VpcId: aws.String(tc.id("consumer", "vpc", "main")), EnableDnsHostnames: &types.AttributeBooleanValue{Value: aws.Bool(false)},
			}))(tc.t)
			return connected(tc, tc.publishVerified("api.example.com", withoutAcceptance))
		}), 400, "InvalidParameter", "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for vpc-"},
		{"when the VPC has the name already, the message says that it conflicts", privateLink + `, "Private DNS"`, enabling(func(tc testCloud) *types.VpcEndpoint {
			service := tc.publishVerified("api.example.com", withoutAcceptance)
			in := tc.connectInput(service)
			in.PrivateDnsEnabled = aws.Bool(true)
			must(tc.ec2Of(consumer).CreateVpcEndpoint(tc.t.Context(), in))(tc.t)
			return connected(tc, service)
		}), 400, "InvalidParameter", "private-dns-enabled cannot be set because there is already a conflicting DNS domain for api.example.com in the VPC vpc-"},
		{"when a filter is unknown, it is InvalidParameterValue", ec2Errors, func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awsec2.NewFromConfig(c).DescribeVpcEndpoints(ctx, &awsec2.DescribeVpcEndpointsInput{Filters: []types.Filter{{Name: aws.String("colour"), Values: []string{"red"}}}})
			return err
		}, 400, "InvalidParameterValue", "The filter 'colour' is invalid"},
		{"when a page is too small, it is InvalidParameterValue", "EC2 API Reference, DescribeVpcEndpoints", func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awsec2.NewFromConfig(c).DescribeVpcEndpoints(ctx, &awsec2.DescribeVpcEndpointsInput{MaxResults: aws.Int32(4)})
			return err
		}, 400, "InvalidParameterValue", "between 5 and 1000"},
		{"when a page is too large, it is InvalidParameterValue", "EC2 API Reference, DescribeVpcEndpoints", func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awsec2.NewFromConfig(c).DescribeVpcEndpointConnections(ctx, &awsec2.DescribeVpcEndpointConnectionsInput{MaxResults: aws.Int32(1001)})
			return err
		}, 400, "InvalidParameterValue", "between 5 and 1000"},
		{"when a page's token is not ours, it is InvalidNextToken", ec2Errors, func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awsec2.NewFromConfig(c).DescribeVpcEndpoints(ctx, &awsec2.DescribeVpcEndpointsInput{NextToken: aws.String("token")})
			return err
		}, 400, "InvalidNextToken", ""},
	} {
		fact.check(t, consumer, inQuery)
	}
}

func TestFidelityWhatProvidersAreRefused(t *testing.T) {
	for _, fact := range []refusal{
		{"when a service does not exist, Describe says InvalidVpcEndpointServiceId.NotFound", ec2Errors, func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awsec2.NewFromConfig(c).DescribeVpcEndpointServiceConfigurations(ctx, &awsec2.DescribeVpcEndpointServiceConfigurationsInput{ServiceIds: []string{"vpce-svc-0"}})
			return err
		}, 400, "InvalidVpcEndpointServiceId.NotFound", "vpce-svc-0"},
		{"when a service does not exist, Reject says InvalidVpcEndpointServiceId.NotFound", ec2Errors, func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awsec2.NewFromConfig(c).RejectVpcEndpointConnections(ctx, &awsec2.RejectVpcEndpointConnectionsInput{ServiceId: aws.String("vpce-svc-0"), VpcEndpointIds: []string{"vpce-0"}})
			return err
		}, 400, "InvalidVpcEndpointServiceId.NotFound", "vpce-svc-0"},
		{"when a load balancer does not exist, it is InvalidNetworkLoadBalancerArn.NotFound", ec2Errors, func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awsec2.NewFromConfig(c).CreateVpcEndpointServiceConfiguration(ctx, &awsec2.CreateVpcEndpointServiceConfigurationInput{
				NetworkLoadBalancerArns: []string{"arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/net/none/0123456789abcdef"},
			})
			return err
		}, 400, "InvalidNetworkLoadBalancerArn.NotFound", "net/none"},
		{"when a load balancer backs another service, the message says so", privateLink + `, "Create an endpoint service"`, func(ctx context.Context, tc testCloud, c aws.Config) error {
			tc.publish()
			_, err := awsec2.NewFromConfig(c).CreateVpcEndpointServiceConfiguration(ctx, &awsec2.CreateVpcEndpointServiceConfigurationInput{
				NetworkLoadBalancerArns: []string{tc.id("provider", "load-balancer", "api")},
			})
			return err
		}, 400, "InvalidParameter", "LBs are already associated with another VPC Endpoint Service Configuration"},
		{"when a load balancer goes from under connections, it is ExistingVpcEndpointConnections", ec2Errors, func(ctx context.Context, tc testCloud, c aws.Config) error {
			service := tc.publish(withoutAcceptance)
			tc.connect(service)
			_, err := awsec2.NewFromConfig(c).ModifyVpcEndpointServiceConfiguration(ctx, &awsec2.ModifyVpcEndpointServiceConfigurationInput{
				ServiceId:                     service.ServiceId,
				AddNetworkLoadBalancerArns:    []string{tc.id("provider", "load-balancer", "other")},
				RemoveNetworkLoadBalancerArns: []string{tc.id("provider", "load-balancer", "api")},
			})
			return err
		}, 400, "ExistingVpcEndpointConnections", ""},
		{"when a principal has a path, it is refused", "EC2 API Reference, ModifyVpcEndpointServicePermissions", func(ctx context.Context, tc testCloud, c aws.Config) error {
			_, err := awsec2.NewFromConfig(c).ModifyVpcEndpointServicePermissions(ctx, &awsec2.ModifyVpcEndpointServicePermissionsInput{
				ServiceId: tc.publish().ServiceId, AddAllowedPrincipals: []string{"arn:aws:iam::333333333333:role/team/linkwright"},
			})
			return err
		}, 400, "InvalidPrincipal", "role/team/linkwright"},
		{"when a private DNS name has capitals, it is refused", privateLink + `, "Manage DNS names for VPC endpoint services"`, func(ctx context.Context, tc testCloud, c aws.Config) error {
			_, err := awsec2.NewFromConfig(c).ModifyVpcEndpointServiceConfiguration(ctx, &awsec2.ModifyVpcEndpointServiceConfigurationInput{
				ServiceId: tc.publish().ServiceId, PrivateDnsName: aws.String("API.example.com"),
			})
			return err
		}, 400, "InvalidParameter", "API.example.com"},
		{"when the payer is not the owner, it is refused", "EC2 API Reference, ModifyVpcEndpointServicePayerResponsibility", func(ctx context.Context, tc testCloud, c aws.Config) error {
			_, err := awsec2.NewFromConfig(c).ModifyVpcEndpointServicePayerResponsibility(ctx, &awsec2.ModifyVpcEndpointServicePayerResponsibilityInput{
				ServiceId: tc.publish().ServiceId, PayerResponsibility: "EndpointOwner",
			})
			return err
		}, 400, "InvalidParameterValue", "EndpointOwner"},
		{"when a service without a name is to be verified, it is refused", "EC2 API Reference, StartVpcEndpointServicePrivateDnsVerification", func(ctx context.Context, tc testCloud, c aws.Config) error {
			_, err := awsec2.NewFromConfig(c).StartVpcEndpointServicePrivateDnsVerification(ctx, &awsec2.StartVpcEndpointServicePrivateDnsVerificationInput{ServiceId: tc.publish().ServiceId})
			return err
		}, 400, "InvalidParameter", "does not provide a private DNS name"},
	} {
		fact.check(t, provider, inQuery)
	}
}

func TestFidelityQuotasAndThrottling(t *testing.T) {
	full := refusal{"when a VPC is full, it is VpcEndpointLimitExceeded", ec2Errors, connecting(func(tc testCloud, in *awsec2.CreateVpcEndpointInput) {
		must(tc.ec2Of(consumer).CreateVpcEndpoint(tc.t.Context(), in))(tc.t)
	}), 400, "VpcEndpointLimitExceeded", "vpc-"}
	full.check(t, consumer, inQuery, func(c *Config) { c.World.EndpointsPerVPC = 1 })

	noAddress := refusal{"when a subnet is full, it is InsufficientFreeAddressesInSubnet", ec2Errors, func(ctx context.Context, tc testCloud, c aws.Config) error {
		in := tc.connectInput(tc.publish())
		in.VpcId, in.SubnetIds = aws.String(tc.id("consumer", "vpc", "plain")), []string{tc.id("consumer", "subnet", "plain/plain")}
		for range 16 - 5 { // a /28, of which AWS keeps five
			must(tc.ec2Of(consumer).CreateVpcEndpoint(ctx, in))(tc.t)
		}
		_, err := awsec2.NewFromConfig(c).CreateVpcEndpoint(ctx, in)
		return err
	}, 400, "InsufficientFreeAddressesInSubnet", "subnet-"}
	noAddress.check(t, consumer, inQuery)

	hurried := refusal{"when a bucket is empty, it is RequestLimitExceeded", ec2Throttling, func(ctx context.Context, _ testCloud, c aws.Config) error {
		for range 4 {
			if _, err := awsec2.NewFromConfig(c).DeleteVpcEndpoints(ctx, &awsec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{"vpce-0"}}); err != nil {
				return err
			}
		}
		_, err := awsec2.NewFromConfig(c).DeleteVpcEndpoints(ctx, &awsec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{"vpce-0"}})
		return err
	}, 503, "RequestLimitExceeded", ""}
	hurried.check(t, consumer, inQuery, func(c *Config) { c.World.RequestBuckets.Enabled = true })

	fresh := refusal{"when a service is available but not known everywhere, it is Unavailable", ec2Errors, connecting(func(testCloud, *awsec2.CreateVpcEndpointInput) {}), 503, "Unavailable", ""}
	fresh.check(t, consumer, inQuery, func(c *Config) { c.World.HiddenFor = Duration(5 * time.Minute) })
}

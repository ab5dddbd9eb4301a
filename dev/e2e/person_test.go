package e2e

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// What people do in their accounts beside Linkwright, with clients of their own.

func (s *scene) providerEC2() *ec2.Client { return ec2.NewFromConfig(s.admin(s.provider())) }
func (s *scene) consumerEC2() *ec2.Client { return ec2.NewFromConfig(s.admin(s.consumer())) }

// openEndpoint has the consumer open an endpoint to a service.
func (s *scene) openEndpoint(serviceName string) string {
	s.t.Helper()
	made, err := s.consumerEC2().CreateVpcEndpoint(s.ctx, &ec2.CreateVpcEndpointInput{
		VpcEndpointType: ec2types.VpcEndpointTypeInterface, VpcId: aws.String(s.vpc()), ServiceName: aws.String(serviceName),
		SubnetIds: s.subnets(subnets()...), SecurityGroupIds: []string{s.group("endpoints")}, PrivateDnsEnabled: aws.Bool(false),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return aws.ToString(made.VpcEndpoint.VpcEndpointId)
}

// openEndpointIn has the consumer open an endpoint in a VPC, with the VPC's default security group.
func (s *scene) openEndpointIn(vpc, subnet, serviceName string) string {
	s.t.Helper()
	made, err := s.consumerEC2().CreateVpcEndpoint(s.ctx, &ec2.CreateVpcEndpointInput{
		VpcEndpointType: ec2types.VpcEndpointTypeInterface, VpcId: &vpc, SubnetIds: []string{subnet},
		ServiceName: &serviceName, PrivateDnsEnabled: aws.Bool(false),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return aws.ToString(made.VpcEndpoint.VpcEndpointId)
}

// networkIn has the consumer make a network of one subnet in another region.
func (s *scene) networkIn(region string) (vpc, subnet string) {
	s.t.Helper()
	there := s.admin(s.consumer())
	there.Region = region
	client := ec2.NewFromConfig(there)
	made, err := client.CreateVpc(s.ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.3.0.0/16")})
	if err != nil {
		s.t.Fatal(err)
	}
	vpc = aws.ToString(made.Vpc.VpcId)
	in, err := client.CreateSubnet(s.ctx, &ec2.CreateSubnetInput{
		VpcId: &vpc, CidrBlock: aws.String("10.3.0.0/24"), AvailabilityZone: aws.String(region + "a"),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return vpc, aws.ToString(in.Subnet.SubnetId)
}

// deleteEndpoints has the consumer delete endpoints, and waits until they are gone.
func (s *scene) deleteEndpoints(ids ...string) {
	s.t.Helper()
	out, err := s.consumerEC2().DeleteVpcEndpoints(s.ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: ids})
	if err != nil || len(out.Unsuccessful) > 0 {
		s.t.Fatal(err, out.Unsuccessful)
	}
	var left []ec2types.VpcEndpoint
	s.until("endpoints to be deleted", func() bool {
		left = s.endpoints(ids...)
		return len(left) == 0
	}, func() any { return left })
}

// endpoints are those of the ids that the consumer still has.
func (s *scene) endpoints(ids ...string) []ec2types.VpcEndpoint {
	s.t.Helper()
	out, err := s.consumerEC2().DescribeVpcEndpoints(s.ctx, &ec2.DescribeVpcEndpointsInput{
		Filters: []ec2types.Filter{{Name: aws.String("vpc-endpoint-id"), Values: ids}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	var left []ec2types.VpcEndpoint
	for _, e := range out.VpcEndpoints {
		if !strings.EqualFold(string(e.State), string(ec2types.StateDeleted)) {
			left = append(left, e)
		}
	}
	return left
}

// endpoint is one endpoint as the consumer sees it.
func (s *scene) endpoint(id string) ec2types.VpcEndpoint {
	s.t.Helper()
	found := s.endpoints(id)
	if len(found) != 1 {
		s.t.Fatalf("the consumer sees %d endpoints %s", len(found), id)
	}
	return found[0]
}

// foreignService has the provider publish a service of its own on a load balancer, open to the consumer.
func (s *scene) foreignService(loadBalancer string) (id, name string) {
	s.t.Helper()
	made, err := s.providerEC2().CreateVpcEndpointServiceConfiguration(s.ctx, &ec2.CreateVpcEndpointServiceConfigurationInput{
		AcceptanceRequired: aws.Bool(false), NetworkLoadBalancerArns: []string{s.id(s.provider(), "load-balancer", loadBalancer)},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	id, name = aws.ToString(made.ServiceConfiguration.ServiceId), aws.ToString(made.ServiceConfiguration.ServiceName)
	if _, err := s.providerEC2().ModifyVpcEndpointServicePermissions(s.ctx, &ec2.ModifyVpcEndpointServicePermissionsInput{
		ServiceId: &id, AddAllowedPrincipals: []string{"arn:aws:iam::" + s.consumerID + ":root"},
	}); err != nil {
		s.t.Fatal(err)
	}
	s.awaitForeignService(s.providerEC2(), id)
	return id, name
}

func (s *scene) awaitForeignService(client *ec2.Client, id string) {
	s.t.Helper()
	s.until("the foreign service to be available", func() bool {
		out, err := client.DescribeVpcEndpointServiceConfigurations(s.ctx, &ec2.DescribeVpcEndpointServiceConfigurationsInput{ServiceIds: []string{id}})
		if err != nil {
			s.t.Fatal(err)
		}
		return strings.EqualFold(string(out.ServiceConfigurations[0].ServiceState), string(ec2types.ServiceStateAvailable))
	}, func() any { return id })
}

func (s *scene) deleteForeignService(id string) {
	s.t.Helper()
	s.deleteService(s.providerEC2(), id)
}

// ownService has the consumer publish a service of its own, on a load balancer made for it.
func (s *scene) ownService() (id, name string) {
	s.t.Helper()
	balancers := elasticloadbalancingv2.NewFromConfig(s.admin(s.consumer()))
	balancer, err := balancers.CreateLoadBalancer(s.ctx, &elasticloadbalancingv2.CreateLoadBalancerInput{
		Name: aws.String("own"), Type: elbtypes.LoadBalancerTypeEnumNetwork, Scheme: elbtypes.LoadBalancerSchemeEnumInternal, Subnets: s.subnets("a"),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	arns := []string{aws.ToString(balancer.LoadBalancers[0].LoadBalancerArn)}
	s.until("the consumer's load balancer to be active", func() bool {
		out, err := balancers.DescribeLoadBalancers(s.ctx, &elasticloadbalancingv2.DescribeLoadBalancersInput{LoadBalancerArns: arns})
		if err != nil {
			s.t.Fatal(err)
		}
		return out.LoadBalancers[0].State.Code == elbtypes.LoadBalancerStateEnumActive
	}, func() any { return arns })
	made, err := s.consumerEC2().CreateVpcEndpointServiceConfiguration(s.ctx, &ec2.CreateVpcEndpointServiceConfigurationInput{
		AcceptanceRequired: aws.Bool(false), NetworkLoadBalancerArns: arns,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	id, name = aws.ToString(made.ServiceConfiguration.ServiceId), aws.ToString(made.ServiceConfiguration.ServiceName)
	s.awaitForeignService(s.consumerEC2(), id)
	return id, name
}

func (s *scene) deleteService(client *ec2.Client, id string) {
	s.t.Helper()
	out, err := client.DeleteVpcEndpointServiceConfigurations(s.ctx, &ec2.DeleteVpcEndpointServiceConfigurationsInput{ServiceIds: []string{id}})
	if err != nil || len(out.Unsuccessful) > 0 {
		s.t.Fatal(err, out.Unsuccessful)
	}
}

// tagged has the provider tag a load balancer, and returns the tags.
func (s *scene) tagged(loadBalancer string) map[string]string {
	s.t.Helper()
	if _, err := elasticloadbalancingv2.NewFromConfig(s.admin(s.provider())).AddTags(s.ctx, &elasticloadbalancingv2.AddTagsInput{
		ResourceArns: []string{s.id(s.provider(), "load-balancer", loadBalancer)},
		Tags:         []elbtypes.Tag{{Key: aws.String("behind"), Value: aws.String(loadBalancer)}},
	}); err != nil {
		s.t.Fatal(err)
	}
	return map[string]string{"behind": loadBalancer}
}

func (s *scene) setDNSSupport(on bool) {
	s.t.Helper()
	if _, err := s.consumerEC2().ModifyVpcAttribute(s.ctx, &ec2.ModifyVpcAttributeInput{
		VpcId: aws.String(s.vpc()), EnableDnsSupport: &ec2types.AttributeBooleanValue{Value: aws.Bool(on)},
	}); err != nil {
		s.t.Fatal(err)
	}
}

// privateZone has the consumer make a private zone in its network.
func (s *scene) privateZone(name string) (id string) {
	s.t.Helper()
	made, err := route53.NewFromConfig(s.admin(s.consumer())).CreateHostedZone(s.ctx, &route53.CreateHostedZoneInput{
		Name: aws.String(name), CallerReference: aws.String(name),
		HostedZoneConfig: &r53types.HostedZoneConfig{PrivateZone: true},
		VPC:              &r53types.VPC{VPCId: aws.String(s.vpc()), VPCRegion: region},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return aws.ToString(made.HostedZone.Id)
}

func (s *scene) deleteZone(account, id string) {
	s.t.Helper()
	if _, err := route53.NewFromConfig(s.admin(account)).DeleteHostedZone(s.ctx, &route53.DeleteHostedZoneInput{Id: &id}); err != nil {
		s.t.Fatal(err)
	}
}

// changeTXT has the owner of the domain add or delete a TXT record.
func (s *scene) changeTXT(action r53types.ChangeAction, name, value string) {
	s.t.Helper()
	if _, err := route53.NewFromConfig(s.admin(s.dns())).ChangeResourceRecordSets(s.ctx, &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String(s.id(s.dns(), "hosted-zone", domainOf(s.name))),
		ChangeBatch: &r53types.ChangeBatch{Changes: []r53types.Change{{Action: action, ResourceRecordSet: &r53types.ResourceRecordSet{
			Name: aws.String(name), Type: r53types.RRTypeTxt, TTL: aws.Int64(60),
			ResourceRecords: []r53types.ResourceRecord{{Value: aws.String(`"` + value + `"`)}},
		}}}},
	}); err != nil {
		s.t.Fatal(err)
	}
}

// proof is the record that proves the service's domain, as AWS asks for it.
func (s *scene) proof() (name, value string) {
	s.t.Helper()
	out, err := s.providerEC2().DescribeVpcEndpointServiceConfigurations(s.ctx, &ec2.DescribeVpcEndpointServiceConfigurationsInput{})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range out.ServiceConfigurations {
		if p := c.PrivateDnsNameConfiguration; p != nil && aws.ToString(p.Name) != "" {
			return aws.ToString(p.Name) + "." + strings.TrimPrefix(aws.ToString(c.PrivateDnsName), "*."), aws.ToString(p.Value)
		}
	}
	s.t.Fatal("the provider has no service with a domain to prove")
	return "", ""
}

// attach has the consumer's ingress send what arrives at a port to a target group.
func (s *scene) attach(targetGroup string, port int32) {
	s.t.Helper()
	if _, err := elasticloadbalancingv2.NewFromConfig(s.admin(s.consumer())).CreateListener(s.ctx, &elasticloadbalancingv2.CreateListenerInput{
		LoadBalancerArn: aws.String(s.id(s.consumer(), "load-balancer", "central")), Port: aws.Int32(port), Protocol: elbtypes.ProtocolEnumHttp,
		DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: aws.String(s.targetGroup(targetGroup))}},
	}); err != nil {
		s.t.Fatal(err)
	}
}

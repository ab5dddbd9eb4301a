package clients

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/linkwright/linkwright/test/lab"
)

// endpoints is how many endpoints a link has: more than the smallest page holds.
const endpoints = 7

// link is a private link in the demo's world, made with the SDK: a service with a proven name, endpoints of which all
// but the last are accepted, the addresses of the first as targets, and the service's name as a parameter.
type link struct {
	service   ec2types.ServiceConfiguration
	endpoints []string
	group     string // of targets
}

// builder makes a link; what cannot fail in a cloud that works ends the test if it does.
type builder struct {
	ctx   context.Context
	t     *testing.T
	cloud *lab.Cloud
}

func (b builder) check(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b builder) link() link {
	b.t.Helper()
	l := link{service: b.publish(), group: b.cloud.Resource("consumer", "target-group", "payments")}
	consumer := ec2.NewFromConfig(b.cloud.Admin("consumer"))
	for range endpoints {
		id, err := b.cloud.OpenEndpoint(b.ctx, aws.ToString(l.service.ServiceName))
		b.check(err)
		l.endpoints = append(l.endpoints, id)
	}
	accepted, err := ec2.NewFromConfig(b.cloud.Admin("provider")).AcceptVpcEndpointConnections(b.ctx, &ec2.AcceptVpcEndpointConnectionsInput{
		ServiceId: l.service.ServiceId, VpcEndpointIds: l.endpoints[:endpoints-1],
	})
	b.check(err)
	if len(accepted.Unsuccessful) > 0 {
		b.t.Fatalf("accept: %v", aws.ToString(accepted.Unsuccessful[0].Error.Message))
	}
	b.until("the endpoints to be available", func() (bool, error) {
		out, err := consumer.DescribeVpcEndpoints(b.ctx, &ec2.DescribeVpcEndpointsInput{Filters: []ec2types.Filter{{Name: aws.String("vpc-endpoint-state"), Values: []string{"available"}}}})
		return err == nil && len(out.VpcEndpoints) == endpoints-1, err
	})
	interfaces, err := consumer.DescribeNetworkInterfaces(b.ctx, &ec2.DescribeNetworkInterfacesInput{Filters: []ec2types.Filter{
		{Name: aws.String("description"), Values: []string{"VPC Endpoint Interface " + l.endpoints[0]}},
	}})
	b.check(err)
	var targets []elbtypes.TargetDescription
	for _, i := range interfaces.NetworkInterfaces {
		targets = append(targets, elbtypes.TargetDescription{Id: i.PrivateIpAddress})
	}
	balancers := elasticloadbalancingv2.NewFromConfig(b.cloud.Admin("consumer"))
	_, err = balancers.RegisterTargets(b.ctx, &elasticloadbalancingv2.RegisterTargetsInput{TargetGroupArn: &l.group, Targets: targets})
	b.check(err)
	b.until("the targets to be healthy", func() (bool, error) {
		out, err := balancers.DescribeTargetHealth(b.ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: &l.group})
		return err == nil && !slices.ContainsFunc(out.TargetHealthDescriptions, func(d elbtypes.TargetHealthDescription) bool {
			return d.TargetHealth.State != elbtypes.TargetHealthStateEnumHealthy
		}), err
	})
	return l
}

// publish makes the service and proves its name.
func (b builder) publish() ec2types.ServiceConfiguration {
	b.t.Helper()
	client := ec2.NewFromConfig(b.cloud.Admin("provider"))
	created, err := client.CreateVpcEndpointServiceConfiguration(b.ctx, &ec2.CreateVpcEndpointServiceConfigurationInput{
		NetworkLoadBalancerArns: []string{b.cloud.Resource("provider", "load-balancer", "istio-ingressgateway")},
		AcceptanceRequired:      aws.Bool(true), PrivateDnsName: aws.String("*.k.acme.com"),
		TagSpecifications: []ec2types.TagSpecification{{ResourceType: ec2types.ResourceTypeVpcEndpointService, Tags: []ec2types.Tag{{Key: aws.String("Name"), Value: aws.String("payments")}}}},
	})
	b.check(err)
	service := *created.ServiceConfiguration
	_, err = client.ModifyVpcEndpointServicePermissions(b.ctx, &ec2.ModifyVpcEndpointServicePermissionsInput{ServiceId: service.ServiceId, AddAllowedPrincipals: []string{"arn:aws:iam::222222222222:root"}})
	b.check(err)
	proof := service.PrivateDnsNameConfiguration
	dns := route53.NewFromConfig(b.cloud.Admin("dns"))
	change, err := dns.ChangeResourceRecordSets(b.ctx, &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String(b.cloud.Resource("dns", "hosted-zone", "acme.com")), ChangeBatch: &r53types.ChangeBatch{Changes: []r53types.Change{{
			Action: r53types.ChangeActionUpsert, ResourceRecordSet: &r53types.ResourceRecordSet{
				Name: aws.String(*proof.Name + ".k.acme.com"), Type: r53types.RRTypeTxt, TTL: aws.Int64(60), ResourceRecords: []r53types.ResourceRecord{{Value: aws.String(`"` + *proof.Value + `"`)}},
			},
		}}},
	})
	b.check(err)
	b.until("the record to be in sync", func() (bool, error) {
		out, err := dns.GetChange(b.ctx, &route53.GetChangeInput{Id: change.ChangeInfo.Id})
		return err == nil && out.ChangeInfo.Status == r53types.ChangeStatusInsync, err
	})
	_, err = client.StartVpcEndpointServicePrivateDnsVerification(b.ctx, &ec2.StartVpcEndpointServicePrivateDnsVerificationInput{ServiceId: service.ServiceId})
	b.check(err)
	b.until("the name to be verified", func() (bool, error) {
		out, err := client.DescribeVpcEndpointServiceConfigurations(b.ctx, &ec2.DescribeVpcEndpointServiceConfigurationsInput{ServiceIds: []string{*service.ServiceId}})
		if err != nil {
			return false, err
		}
		service = out.ServiceConfigurations[0]
		return service.ServiceState == ec2types.ServiceStateAvailable && service.PrivateDnsNameConfiguration.State == ec2types.DnsNameStateVerified, nil
	})
	_, err = ssm.NewFromConfig(b.cloud.Admin("provider")).PutParameter(b.ctx, &ssm.PutParameterInput{Name: aws.String("/links/payments"), Value: service.ServiceName, Type: ssmtypes.ParameterTypeString})
	b.check(err)
	return service
}

func (b builder) until(what string, done func() (bool, error)) {
	b.t.Helper()
	ctx, cancel := context.WithTimeoutCause(b.ctx, time.Minute, errors.New("it takes longer than a minute"))
	defer cancel()
	b.check(lab.Until(ctx, what, done))
}

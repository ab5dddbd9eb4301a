package simaws

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func TestARequestThatNobodyAcceptsExpires(t *testing.T) {
	tc := startCloud(t, func(c *Config) { c.World.AcceptanceWithin = Duration(time.Hour) })
	client, service := tc.ec2Of(provider), tc.publish()
	late, inTime := tc.connect(service), tc.connect(service)
	tc.advance(59 * time.Minute)
	if got := tc.endpoint(late.VpcEndpointId).State; got != "pendingAcceptance" {
		t.Errorf("before its time it is %q", got)
	}
	tc.accept(service, inTime)
	tc.advance(time.Minute)
	if got := tc.endpoint(late.VpcEndpointId).State; got != "expired" {
		t.Errorf("after its time it is %q", got)
	}
	if got := tc.endpoint(inTime.VpcEndpointId).State; got != "available" {
		t.Errorf("the endpoint that was accepted in time is %q", got)
	}
	seen := must(client.DescribeVpcEndpointConnections(t.Context(), &awsec2.DescribeVpcEndpointConnectionsInput{
		Filters: []types.Filter{{Name: aws.String("vpc-endpoint-state"), Values: []string{"expired"}}},
	}))(t).VpcEndpointConnections
	if len(seen) != 1 || *seen[0].VpcEndpointId != *late.VpcEndpointId {
		t.Errorf("the provider sees %+v", seen)
	}
	accepted := must(client.AcceptVpcEndpointConnections(t.Context(), &awsec2.AcceptVpcEndpointConnectionsInput{ServiceId: service.ServiceId, VpcEndpointIds: []string{*late.VpcEndpointId}}))(t)
	if len(accepted.Unsuccessful) != 1 || *accepted.Unsuccessful[0].Error.Code != "InvalidState" {
		t.Errorf("it can be accepted: %+v", accepted.Unsuccessful)
	}
	must(tc.ec2Of(consumer).DeleteVpcEndpoints(t.Context(), &awsec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{*inTime.VpcEndpointId}}))(t)
	tc.advance(time.Minute)
	deleted := must(client.DeleteVpcEndpointServiceConfigurations(t.Context(), &awsec2.DeleteVpcEndpointServiceConfigurationsInput{ServiceIds: []string{*service.ServiceId}}))(t)
	if len(deleted.Unsuccessful) != 0 {
		t.Errorf("it keeps its service from being deleted: %+v", deleted.Unsuccessful)
	}
}

package simaws

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func TestClientTokens(t *testing.T) {
	tc := startCloud(t)
	service := tc.publish()
	input := tc.connectInput(service)
	input.ClientToken = aws.String("connect-1")
	client := tc.ec2Of(consumer)
	create := func() *types.VpcEndpoint {
		return must(client.CreateVpcEndpoint(t.Context(), input))(t).VpcEndpoint
	}
	first := create()
	if again := create(); *again.VpcEndpointId != *first.VpcEndpointId {
		t.Error("the same token made a second endpoint")
	}
	other := tc.connectInput(service)
	other.ClientToken, other.PrivateDnsEnabled = input.ClientToken, nil
	_, err := client.CreateVpcEndpoint(t.Context(), other)
	wantError(t, err, "IdempotentParameterMismatch")

	must(client.DeleteVpcEndpoints(t.Context(), &awsec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{*first.VpcEndpointId}}))(t)
	tc.advance(2 * time.Minute)
	if again := create(); *again.VpcEndpointId == *first.VpcEndpointId {
		t.Error("the token brought back an endpoint that is gone")
	}
}

func TestConnectionsComeInPages(t *testing.T) {
	tc := startCloud(t)
	service := tc.publish()
	const total = 12
	for range total {
		tc.connect(service)
	}
	pages := awsec2.NewDescribeVpcEndpointConnectionsPaginator(tc.ec2Of(provider), &awsec2.DescribeVpcEndpointConnectionsInput{MaxResults: aws.Int32(5)})
	seen := map[string]bool{}
	for count := 0; pages.HasMorePages(); count++ {
		page := must(pages.NextPage(t.Context()))(t)
		if len(page.VpcEndpointConnections) > 5 {
			t.Errorf("page %d has %d connections", count, len(page.VpcEndpointConnections))
		}
		for _, c := range page.VpcEndpointConnections {
			seen[*c.VpcEndpointId] = true
		}
	}
	if len(seen) != total {
		t.Errorf("the pages hold %d connections, want %d", len(seen), total)
	}
}

func TestBoundsOfPages(t *testing.T) {
	tc := startCloud(t)
	for _, test := range []struct {
		size  int32
		token string
		code  string // "" for success
	}{
		{4, "", "InvalidParameterValue"},
		{5, "", ""},
		{1000, "", ""},
		{1001, "", "InvalidParameterValue"},
		{5, "no-token-of-ours", "InvalidNextToken"},
	} {
		t.Run(fmt.Sprint(test.size, test.token), func(t *testing.T) {
			input := &awsec2.DescribeVpcEndpointsInput{MaxResults: &test.size}
			if test.token != "" {
				input.NextToken = &test.token
			}
			_, err := tc.ec2Of(consumer).DescribeVpcEndpoints(t.Context(), input)
			if test.code != "" {
				wantError(t, err, test.code)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFilters(t *testing.T) {
	tc := startCloud(t)
	service := tc.publish()
	tagged := tc.connectInput(service)
	tagged.TagSpecifications = []types.TagSpecification{{ResourceType: types.ResourceTypeVpcEndpoint, Tags: []types.Tag{{Key: aws.String("owner"), Value: aws.String("link/a")}}}}
	first := must(tc.ec2Of(consumer).CreateVpcEndpoint(t.Context(), tagged))(t).VpcEndpoint
	tc.connect(service)
	tc.accept(service, first)
	for _, test := range []struct {
		name, value string
		want        int // -1 for a filter that there is not
	}{
		{"tag:owner", "link/a", 1},
		{"tag:owner", "link/*", 1},
		{"tag:owner", "Link/a", 0},
		{"tag-key", "owner", 1},
		{"vpc-endpoint-state", "pendingAcceptance", 1},
		{"vpc-endpoint-state", "PendingAcceptance", 0},
		{"vpc-endpoint-state", "pending", 1},
		{"vpc-endpoint-id", *first.VpcEndpointId, 1},
		{"service-name", *service.ServiceName, 2},
		{"vpc-id", "vpc-0", 0},
		{"colour", "red", -1},
	} {
		t.Run(test.name+"="+test.value, func(t *testing.T) {
			out, err := tc.ec2Of(consumer).DescribeVpcEndpoints(t.Context(), &awsec2.DescribeVpcEndpointsInput{
				Filters: []types.Filter{{Name: &test.name, Values: []string{test.value}}},
			})
			if test.want < 0 {
				wantError(t, err, "InvalidParameterValue")
				return
			}
			if err != nil || len(out.VpcEndpoints) != test.want {
				t.Errorf("got %d endpoints (%v), want %d", len(out.VpcEndpoints), err, test.want)
			}
		})
	}
}

func TestEventualConsistency(t *testing.T) {
	tc := startCloud(t, func(c *Config) { c.World.HiddenFor = Duration(5 * time.Minute) })
	client := tc.ec2Of(provider)
	service := must(client.CreateVpcEndpointServiceConfiguration(t.Context(), &awsec2.CreateVpcEndpointServiceConfigurationInput{
		NetworkLoadBalancerArns: []string{tc.id("provider", "load-balancer", "api")},
	}))(t).ServiceConfiguration
	ids := &awsec2.DescribeVpcEndpointServiceConfigurationsInput{ServiceIds: []string{*service.ServiceId}}
	_, err := client.DescribeVpcEndpointServiceConfigurations(t.Context(), ids)
	wantError(t, err, "InvalidVpcEndpointServiceId.NotFound")
	if all := must(client.DescribeVpcEndpointServiceConfigurations(t.Context(), &awsec2.DescribeVpcEndpointServiceConfigurationsInput{}))(t); len(all.ServiceConfigurations) != 0 {
		t.Error("the service is listed already")
	}
	must(client.ModifyVpcEndpointServicePermissions(t.Context(), &awsec2.ModifyVpcEndpointServicePermissionsInput{ServiceId: service.ServiceId, AddAllowedPrincipals: []string{"*"}}))(t)
	tc.advance(time.Minute) // available, but not everywhere yet
	_, err = tc.ec2Of(consumer).CreateVpcEndpoint(t.Context(), tc.connectInput(service))
	wantError(t, err, "Unavailable")
	tc.advance(5 * time.Minute)
	must(client.DescribeVpcEndpointServiceConfigurations(t.Context(), ids))(t)
	tc.connect(service)
}

func TestSparsePages(t *testing.T) {
	tc := startCloud(t, func(c *Config) { c.World.SparsePages = true })
	service := tc.publish()
	for range 6 {
		tc.connect(service)
	}
	last := tc.connect(service)
	input := &awsec2.DescribeVpcEndpointsInput{
		MaxResults: aws.Int32(5), Filters: []types.Filter{{Name: aws.String("vpc-endpoint-id"), Values: []string{*last.VpcEndpointId}}},
	}
	first := must(tc.ec2Of(consumer).DescribeVpcEndpoints(t.Context(), input))(t)
	if len(first.VpcEndpoints) != 0 || first.NextToken == nil {
		t.Fatalf("got %d endpoints on the first page", len(first.VpcEndpoints))
	}
	input.NextToken = first.NextToken
	if second := must(tc.ec2Of(consumer).DescribeVpcEndpoints(t.Context(), input))(t); len(second.VpcEndpoints) != 1 || second.NextToken != nil {
		t.Errorf("got %d endpoints on the second page", len(second.VpcEndpoints))
	}
}

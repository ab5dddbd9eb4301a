package simaws

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// "The AWS PrivateLink API returns the possible states using camel case" (AWS PrivateLink Guide, "Interface endpoint
// states"). The SDK's constants are in Pascal case, and it hands on what it gets.
func TestFidelityStatesOfEndpointsAreInCamelCase(t *testing.T) {
	reject := func(tc testCloud, service *types.ServiceConfiguration, e *types.VpcEndpoint) {
		must(tc.ec2Of(provider).RejectVpcEndpointConnections(tc.t.Context(), &awsec2.RejectVpcEndpointConnectionsInput{ServiceId: service.ServiceId, VpcEndpointIds: []string{*e.VpcEndpointId}}))(tc.t)
	}
	for _, fact := range []struct {
		state    string
		constant types.State
		bring    func(testCloud, *types.ServiceConfiguration, *types.VpcEndpoint)
	}{
		{"pendingAcceptance", types.StatePendingAcceptance, func(testCloud, *types.ServiceConfiguration, *types.VpcEndpoint) {}},
		{"pending", types.StatePending, testCloud.accept},
		{"available", types.StateAvailable, func(tc testCloud, s *types.ServiceConfiguration, e *types.VpcEndpoint) {
			tc.accept(s, e)
			tc.advance(time.Minute)
		}},
		{"rejected", types.StateRejected, reject},
		{"rejected", types.StateRejected, func(tc testCloud, s *types.ServiceConfiguration, e *types.VpcEndpoint) {
			tc.accept(s, e)
			tc.advance(time.Minute)
			reject(tc, s, e) // also what was available
		}},
		{"expired", types.StateExpired, func(tc testCloud, _ *types.ServiceConfiguration, _ *types.VpcEndpoint) { tc.advance(time.Hour) }},
		{"deleting", types.StateDeleting, func(tc testCloud, _ *types.ServiceConfiguration, e *types.VpcEndpoint) {
			must(tc.ec2Of(consumer).DeleteVpcEndpoints(tc.t.Context(), &awsec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{*e.VpcEndpointId}}))(tc.t)
		}},
	} {
		t.Run("when it is "+fact.state+", it is so for both sides", func(t *testing.T) {
			tc := startCloud(t, func(c *Config) { c.World.AcceptanceWithin = Duration(time.Hour) })
			service := tc.publish()
			endpoint := tc.connect(service)
			fact.bring(tc, service, endpoint)

			config, wire := tc.taped(consumer)
			seen := must(awsec2.NewFromConfig(config).DescribeVpcEndpoints(t.Context(), &awsec2.DescribeVpcEndpointsInput{}))(t).VpcEndpoints[0]
			wire.has(t, "<state>"+fact.state+"</state>")
			if string(seen.State) != fact.state || seen.State == fact.constant || !strings.EqualFold(string(seen.State), string(fact.constant)) {
				t.Errorf("the consumer's SDK has the state %q, its constant is %q", seen.State, fact.constant)
			}
			config, wire = tc.taped(provider)
			connection := must(awsec2.NewFromConfig(config).DescribeVpcEndpointConnections(t.Context(), &awsec2.DescribeVpcEndpointConnectionsInput{}))(t).VpcEndpointConnections[0]
			wire.has(t, "<vpcEndpointState>"+fact.state+"</vpcEndpointState>")
			if string(connection.VpcEndpointState) != fact.state {
				t.Errorf("the provider's SDK has the state %q", connection.VpcEndpointState)
			}
			// The filter takes what the wire shows, and nothing else.
			for value, want := range map[string]bool{fact.state: true, string(fact.constant): false} {
				answer := tc.query(provider, "ec2", "DescribeVpcEndpointConnections", "Filter.1.Name", "vpc-endpoint-state", "Filter.1.Value.1", value)
				if got := strings.Contains(answer.body, "<vpcEndpointState>"); got != want {
					t.Errorf("the filter vpc-endpoint-state=%s finds it: %v", value, got)
				}
			}
		})
	}
}

// A batch fails item by item, with HTTP 200 and no error for the SDK (EC2 API Reference, DeleteVpcEndpoints and its
// neighbours); what is missing has one code for deletion and another for decisions.
func TestFidelityBatchesFailItemByItem(t *testing.T) {
	for _, fact := range []struct {
		name string
		do   func(*awsec2.Client, testCloud, *types.ServiceConfiguration, *types.VpcEndpoint) ([]types.UnsuccessfulItem, error)
		code string // "" when all succeeds
		id   string // of the item that fails; "service" and "endpoint" for what is there
	}{
		{"when an endpoint to delete is missing", func(c *awsec2.Client, tc testCloud, _ *types.ServiceConfiguration, _ *types.VpcEndpoint) ([]types.UnsuccessfulItem, error) {
			out, err := c.DeleteVpcEndpoints(tc.t.Context(), &awsec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{"vpce-0"}})
			return out.Unsuccessful, err
		}, "InvalidVpcEndpoint.NotFound", "vpce-0"},
		{"when a service to delete is missing", func(c *awsec2.Client, tc testCloud, _ *types.ServiceConfiguration, _ *types.VpcEndpoint) ([]types.UnsuccessfulItem, error) {
			out, err := c.DeleteVpcEndpointServiceConfigurations(tc.t.Context(), &awsec2.DeleteVpcEndpointServiceConfigurationsInput{ServiceIds: []string{"vpce-svc-0"}})
			return out.Unsuccessful, err
		}, "InvalidVpcEndpointService.NotFound", "vpce-svc-0"},
		{"when a service to delete has connections", func(c *awsec2.Client, tc testCloud, s *types.ServiceConfiguration, _ *types.VpcEndpoint) ([]types.UnsuccessfulItem, error) {
			out, err := c.DeleteVpcEndpointServiceConfigurations(tc.t.Context(), &awsec2.DeleteVpcEndpointServiceConfigurationsInput{ServiceIds: []string{*s.ServiceId}})
			return out.Unsuccessful, err
		}, "ExistingVpcEndpointConnections", "service"},
		{"when an endpoint to accept is missing", func(c *awsec2.Client, tc testCloud, s *types.ServiceConfiguration, e *types.VpcEndpoint) ([]types.UnsuccessfulItem, error) {
			out, err := c.AcceptVpcEndpointConnections(tc.t.Context(), &awsec2.AcceptVpcEndpointConnectionsInput{ServiceId: s.ServiceId, VpcEndpointIds: []string{"vpce-0", *e.VpcEndpointId}})
			return out.Unsuccessful, err
		}, "InvalidVpcEndpointId.NotFound", "vpce-0"},
		{"when an endpoint to reject is missing", func(c *awsec2.Client, tc testCloud, s *types.ServiceConfiguration, e *types.VpcEndpoint) ([]types.UnsuccessfulItem, error) {
			out, err := c.RejectVpcEndpointConnections(tc.t.Context(), &awsec2.RejectVpcEndpointConnectionsInput{ServiceId: s.ServiceId, VpcEndpointIds: []string{*e.VpcEndpointId, "vpce-0"}})
			return out.Unsuccessful, err
		}, "InvalidVpcEndpointId.NotFound", "vpce-0"},
		{"when all are there", func(c *awsec2.Client, tc testCloud, s *types.ServiceConfiguration, e *types.VpcEndpoint) ([]types.UnsuccessfulItem, error) {
			out, err := c.AcceptVpcEndpointConnections(tc.t.Context(), &awsec2.AcceptVpcEndpointConnectionsInput{ServiceId: s.ServiceId, VpcEndpointIds: []string{*e.VpcEndpointId}})
			return out.Unsuccessful, err
		}, "", ""},
	} {
		t.Run(fact.name, func(t *testing.T) {
			tc := startCloud(t)
			service := tc.publish()
			endpoint := tc.connect(service)
			config, wire := tc.taped(provider)
			failed, err := fact.do(awsec2.NewFromConfig(config), tc, service, endpoint)
			if err != nil || wire.status != 200 {
				t.Fatalf("got the status %d and the error %v", wire.status, err)
			}
			if fact.code == "" {
				if len(failed) != 0 {
					t.Errorf("got the failures %+v", failed)
				}
				wire.has(t, "<unsuccessful></unsuccessful>")
				return
			}
			id := strings.ReplaceAll(fact.id, "service", *service.ServiceId)
			wire.has(t, "<unsuccessful><item><error><code>"+fact.code+"</code><message>", "</error><resourceId>"+id+"</resourceId></item></unsuccessful>")
			if len(failed) != 1 || *failed[0].Error.Code != fact.code || *failed[0].ResourceId != id {
				t.Errorf("got the failures %+v", failed)
			}
		})
	}
}

// The wire's lists are numbered and singular, whatever the SDK's fields are called (EC2 API Reference,
// CreateVpcEndpointServiceConfiguration), and the SDK fills in no client token for these actions.
func TestFidelityListsAreSingular(t *testing.T) {
	tc := startCloud(t)
	arn := tc.id("provider", "load-balancer", "api")
	config, wire := tc.taped(provider)
	must(awsec2.NewFromConfig(config).CreateVpcEndpointServiceConfiguration(t.Context(), &awsec2.CreateVpcEndpointServiceConfigurationInput{
		NetworkLoadBalancerArns: []string{arn}, SupportedIpAddressTypes: []string{"ipv4"}, SupportedRegions: []string{"eu-west-1"},
		TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeVpcEndpointService, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}},
	}))(t)
	sent := wire.form(t)
	for name, want := range map[string]string{
		"NetworkLoadBalancerArn.1": arn, "SupportedIpAddressType.1": "ipv4", "SupportedRegion.1": "eu-west-1",
		"TagSpecification.1.ResourceType": "vpc-endpoint-service", "TagSpecification.1.Tag.1.Key": "a", "ClientToken": "",
	} {
		if got := sent.Get(name); got != want {
			t.Errorf("the SDK sends %s=%q, want %q", name, got, want)
		}
	}
	wire.has(t, "<supportedIpAddressTypeSet><item>ipv4</item></supportedIpAddressTypeSet>", "<networkLoadBalancerArnSet><item>"+arn+"</item></networkLoadBalancerArnSet>",
		"<tagSet><item><key>a</key><value>b</value></item></tagSet>", "<serviceType><item><serviceType>Interface</serviceType></item></serviceType>")
	wire.lacks(t, "<clientToken>")

	plural := tc.query(provider, "ec2", "CreateVpcEndpointServiceConfiguration", "NetworkLoadBalancerArns.1", tc.id("provider", "load-balancer", "other"))
	if plural.status != 400 {
		t.Errorf("a plural list is taken, with the status %d", plural.status)
	}
	plural.has(t, "<Code>MissingParameter</Code>")
}

// The same token is the same endpoint, and the answer repeats the token (EC2 API Reference, "Ensuring idempotency").
func TestFidelityClientTokens(t *testing.T) {
	tc := startCloud(t)
	in := tc.connectInput(tc.publish())
	in.ClientToken = aws.String(strings.Repeat("t", 64))
	config, wire := tc.taped(consumer)
	var ids []string
	for range 2 {
		out := must(awsec2.NewFromConfig(config).CreateVpcEndpoint(t.Context(), in))(t)
		wire.has(t, "<clientToken>"+*in.ClientToken+"</clientToken>")
		ids = append(ids, *out.VpcEndpoint.VpcEndpointId)
	}
	if ids[0] != ids[1] {
		t.Errorf("one token made %v", ids)
	}
	if out := must(tc.ec2Of(consumer).DescribeVpcEndpoints(t.Context(), &awsec2.DescribeVpcEndpointsInput{}))(t); len(out.VpcEndpoints) != 1 {
		t.Errorf("there are %d endpoints", len(out.VpcEndpoints))
	}
}

// A page holds 5 to 1000, its token ends at the last one, and a token is good for its own action alone (EC2 API
// Reference, "Pagination").
func TestFidelityPages(t *testing.T) {
	tc := startCloud(t)
	service := tc.publish()
	for range 7 {
		tc.connect(service)
	}
	first := tc.query(provider, "ec2", "DescribeVpcEndpointConnections", "MaxResults", "5")
	if got := strings.Count(first.body, "<vpcEndpointId>"); got != 5 {
		t.Errorf("the first page holds %d", got)
	}
	_, rest, ok := strings.Cut(first.body, "<nextToken>")
	token, _, _ := strings.Cut(rest, "</nextToken>")
	if !ok || token == "" {
		t.Fatalf("there is no token in %s", first.body)
	}
	last := tc.query(provider, "ec2", "DescribeVpcEndpointConnections", "MaxResults", "5", "NextToken", token)
	if got := strings.Count(last.body, "<vpcEndpointId>"); got != 2 {
		t.Errorf("the last page holds %d", got)
	}
	last.lacks(t, "<nextToken>")
	tc.query(provider, "ec2", "DescribeVpcEndpointServiceConfigurations", "NextToken", token).has(t, "<Code>InvalidNextToken</Code>")
	all := tc.query(provider, "ec2", "DescribeVpcEndpointConnections")
	if got := strings.Count(all.body, "<vpcEndpointId>"); got != 7 {
		t.Errorf("without a size the page holds %d", got)
	}
	for size, status := range map[string]int{"4": 400, "5": 200, "1000": 200, "1001": 400, "many": 400} {
		if got := tc.query(consumer, "ec2", "DescribeVpcEndpoints", "MaxResults", size); got.status != status {
			t.Errorf("MaxResults=%s has the status %d, want %d", size, got.status, status)
		}
	}
}

// An endpoint that changes is pending again, and names its regional DNS entry first, each with the zone that an alias
// needs (EC2 API Reference, ModifyVpcEndpoint and DnsEntry).
func TestFidelityAnEndpointThatChangesIsPendingAgain(t *testing.T) {
	tc := startCloud(t)
	endpoint := connected(tc, tc.publish(withoutAcceptance))
	modified := tc.query(consumer, "ec2", "ModifyVpcEndpoint", "VpcEndpointId", *endpoint.VpcEndpointId, "AddSecurityGroupId.1", tc.id("consumer", "security-group", "main/https"))
	modified.has(t, "<return>true</return>")
	config, wire := tc.taped(consumer)
	seen := must(awsec2.NewFromConfig(config).DescribeVpcEndpoints(t.Context(), &awsec2.DescribeVpcEndpointsInput{}))(t).VpcEndpoints[0]
	wire.has(t, "<state>pending</state>", "<privateDnsEnabled>false</privateDnsEnabled>", "<vpcEndpointType>Interface</vpcEndpointType>", "<routeTableIdSet></routeTableIdSet>")
	for i, e := range seen.DnsEntries {
		zonal := strings.Contains(strings.SplitN(*e.DnsName, ".", 2)[0], region)
		if *e.HostedZoneId != "Z7HUB22UULQXV" || !strings.HasSuffix(*e.DnsName, ".us-east-1.vpce.amazonaws.com") || zonal != (i > 0) {
			t.Errorf("DNS entry %d is %s in %s", i, *e.DnsName, *e.HostedZoneId)
		}
	}
}

// Who pays for an endpoint is shown with what for (EC2 API Reference, ModifyVpcEndpointPayerResponsibility).
func TestFidelityWhoPaysForAnEndpoint(t *testing.T) {
	tc := startCloud(t)
	endpoint := connected(tc, tc.publish(withoutAcceptance))
	config, wire := tc.taped(consumer)
	client := awsec2.NewFromConfig(config)
	must(client.ModifyVpcEndpointPayerResponsibility(t.Context(), &awsec2.ModifyVpcEndpointPayerResponsibilityInput{
		VpcEndpointId: endpoint.VpcEndpointId, PayerResponsibility: "vpc-endpoint-service-account", Scope: "vpc-endpoint-charges",
	}))(t)
	const entry = "<payerResponsibilitySet><item><payerResponsibilityType>vpc-endpoint-service-account</payerResponsibilityType><scope>vpc-endpoint-charges</scope></item></payerResponsibilitySet>"
	wire.has(t, entry)
	seen := must(client.DescribeVpcEndpoints(t.Context(), &awsec2.DescribeVpcEndpointsInput{}))(t).VpcEndpoints[0]
	wire.has(t, entry)
	if len(seen.PayerResponsibilities) != 1 || seen.PayerResponsibilities[0].Scope != "vpc-endpoint-charges" {
		t.Errorf("got %+v", seen.PayerResponsibilities)
	}
	_, err := client.ModifyVpcEndpointPayerResponsibility(t.Context(), &awsec2.ModifyVpcEndpointPayerResponsibilityInput{
		VpcEndpointId: endpoint.VpcEndpointId, PayerResponsibility: "somebody", Scope: "vpc-endpoint-charges",
	})
	wantError(t, err, "InvalidParameterValue")
}

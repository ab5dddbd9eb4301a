package simaws

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// publish makes an endpoint service behind the load balancer "api", open to the consumer, and waits for it.
func (tc testCloud) publish(changes ...func(*awsec2.CreateVpcEndpointServiceConfigurationInput)) *types.ServiceConfiguration {
	tc.t.Helper()
	ctx, client := tc.t.Context(), tc.ec2Of(provider)
	input := &awsec2.CreateVpcEndpointServiceConfigurationInput{
		NetworkLoadBalancerArns: []string{tc.id("provider", "load-balancer", "api")}, AcceptanceRequired: aws.Bool(true),
	}
	for _, change := range changes {
		change(input)
	}
	out := must(client.CreateVpcEndpointServiceConfiguration(ctx, input))(tc.t)
	tc.advance(time.Minute)
	must(client.ModifyVpcEndpointServicePermissions(ctx, &awsec2.ModifyVpcEndpointServicePermissionsInput{
		ServiceId: out.ServiceConfiguration.ServiceId, AddAllowedPrincipals: []string{"arn:aws:iam::" + consumer + ":root"},
	}))(tc.t)
	return out.ServiceConfiguration
}

// connectInput asks for an endpoint in the consumer's subnet "one".
func (tc testCloud) connectInput(service *types.ServiceConfiguration) *awsec2.CreateVpcEndpointInput {
	return &awsec2.CreateVpcEndpointInput{
		VpcId: aws.String(tc.id("consumer", "vpc", "main")), VpcEndpointType: types.VpcEndpointTypeInterface, ServiceName: service.ServiceName,
		SubnetIds: []string{tc.id("consumer", "subnet", "main/one")}, PrivateDnsEnabled: aws.Bool(false),
	}
}

func (tc testCloud) connect(service *types.ServiceConfiguration) *types.VpcEndpoint {
	tc.t.Helper()
	return must(tc.ec2Of(consumer).CreateVpcEndpoint(tc.t.Context(), tc.connectInput(service)))(tc.t).VpcEndpoint
}

func (tc testCloud) accept(service *types.ServiceConfiguration, endpoint *types.VpcEndpoint) {
	tc.t.Helper()
	out := must(tc.ec2Of(provider).AcceptVpcEndpointConnections(tc.t.Context(), &awsec2.AcceptVpcEndpointConnectionsInput{
		ServiceId: service.ServiceId, VpcEndpointIds: []string{*endpoint.VpcEndpointId},
	}))(tc.t)
	if len(out.Unsuccessful) > 0 {
		tc.t.Fatalf("accept: %s", aws.ToString(out.Unsuccessful[0].Error.Message))
	}
}

func (tc testCloud) endpoint(id *string) types.VpcEndpoint {
	tc.t.Helper()
	out := must(tc.ec2Of(consumer).DescribeVpcEndpoints(tc.t.Context(), &awsec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{*id}}))(tc.t)
	return out.VpcEndpoints[0]
}

func TestPrivateLinkFromCreationToAvailable(t *testing.T) {
	tc := startCloud(t)
	service := tc.publish()
	endpoint := tc.connect(service)
	if got := endpoint.State; got != "pendingAcceptance" {
		t.Errorf("a new endpoint is %q", got)
	}
	tc.accept(service, endpoint)
	if got := tc.endpoint(endpoint.VpcEndpointId).State; got != "pending" {
		t.Errorf("an accepted endpoint is %q", got)
	}
	tc.advance(time.Minute)
	if got := tc.endpoint(endpoint.VpcEndpointId).State; got != "available" {
		t.Errorf("a minute later the endpoint is %q", got)
	}
}

func TestCreateEndpointService(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(testCloud, *awsec2.CreateVpcEndpointServiceConfigurationInput)
		code   string
	}{
		{"when there is no load balancer, it is refused", func(_ testCloud, in *awsec2.CreateVpcEndpointServiceConfigurationInput) {
			in.NetworkLoadBalancerArns = nil
		}, "MissingParameter"},
		{"when the load balancer does not exist, it is refused", func(_ testCloud, in *awsec2.CreateVpcEndpointServiceConfigurationInput) {
			in.NetworkLoadBalancerArns = []string{"arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/net/none/0123456789abcdef"}
		}, "InvalidNetworkLoadBalancerArn.NotFound"},
		{"when the load balancer backs another service, it is refused", func(tc testCloud, _ *awsec2.CreateVpcEndpointServiceConfigurationInput) {
			tc.publish()
		}, "InvalidParameter"},
		{"when the private DNS name has capitals, it is refused", func(_ testCloud, in *awsec2.CreateVpcEndpointServiceConfigurationInput) {
			in.PrivateDnsName = aws.String("API.example.com")
		}, "InvalidParameter"},
		{"when the tags are for something else, it is refused", func(_ testCloud, in *awsec2.CreateVpcEndpointServiceConfigurationInput) {
			in.TagSpecifications = []types.TagSpecification{{ResourceType: types.ResourceTypeVpc}}
		}, "InvalidParameterValue"},
		{"when the client token is too long, it is refused", func(_ testCloud, in *awsec2.CreateVpcEndpointServiceConfigurationInput) {
			in.ClientToken = aws.String("01234567890123456789012345678901234567890123456789012345678901234")
		}, "InvalidParameterValue"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t)
			input := &awsec2.CreateVpcEndpointServiceConfigurationInput{NetworkLoadBalancerArns: []string{tc.id("provider", "load-balancer", "api")}}
			test.change(tc, input)
			_, err := tc.ec2Of(provider).CreateVpcEndpointServiceConfiguration(t.Context(), input)
			wantError(t, err, test.code)
		})
	}
}

func TestEndpointServiceLife(t *testing.T) {
	tc := startCloud(t)
	ctx, client := t.Context(), tc.ec2Of(provider)
	state := func(id *string) types.ServiceConfiguration {
		return must(client.DescribeVpcEndpointServiceConfigurations(ctx, &awsec2.DescribeVpcEndpointServiceConfigurationsInput{ServiceIds: []string{*id}}))(t).ServiceConfigurations[0]
	}
	arn := tc.id("provider", "load-balancer", "api")
	created := must(client.CreateVpcEndpointServiceConfiguration(ctx, &awsec2.CreateVpcEndpointServiceConfigurationInput{NetworkLoadBalancerArns: []string{arn}}))(t).ServiceConfiguration
	if created.ServiceState != types.ServiceStatePending || !*created.AcceptanceRequired || len(created.AvailabilityZoneIds) != 2 {
		t.Errorf("got a new service %+v", created)
	}
	if c := created.PrivateDnsNameConfiguration; c == nil || c.Name != nil || c.State != "" {
		t.Errorf("without a private DNS name its configuration is %+v, want an empty one", c)
	}
	if want := "com.amazonaws.vpce.us-east-1." + *created.ServiceId; *created.ServiceName != want {
		t.Errorf("got the name %s", *created.ServiceName)
	}
	tc.advance(time.Minute)
	if got := state(created.ServiceId).ServiceState; got != types.ServiceStateAvailable {
		t.Errorf("a minute later it is %s", got)
	}
	deleted := must(client.DeleteVpcEndpointServiceConfigurations(ctx, &awsec2.DeleteVpcEndpointServiceConfigurationsInput{ServiceIds: []string{*created.ServiceId, "vpce-svc-0"}}))(t)
	if len(deleted.Unsuccessful) != 1 || *deleted.Unsuccessful[0].Error.Code != "InvalidVpcEndpointService.NotFound" {
		t.Errorf("got the failures %+v", deleted.Unsuccessful)
	}
	if got := state(created.ServiceId).ServiceState; got != types.ServiceStateDeleting {
		t.Errorf("deleted it is %s", got)
	}
	tc.advance(time.Minute)
	_, err := client.DescribeVpcEndpointServiceConfigurations(ctx, &awsec2.DescribeVpcEndpointServiceConfigurationsInput{ServiceIds: []string{*created.ServiceId}})
	wantError(t, err, "InvalidVpcEndpointServiceId.NotFound")
	// The load balancer is free again.
	must(client.CreateVpcEndpointServiceConfiguration(ctx, &awsec2.CreateVpcEndpointServiceConfigurationInput{NetworkLoadBalancerArns: []string{arn}}))(t)
}

func TestCreateEndpoint(t *testing.T) {
	type input = awsec2.CreateVpcEndpointInput
	subnets := func(names ...string) func(testCloud, *input) {
		return func(tc testCloud, in *input) {
			in.SubnetIds = nil
			for _, name := range names {
				in.SubnetIds = append(in.SubnetIds, tc.id("consumer", "subnet", name))
			}
		}
	}
	for _, test := range []struct {
		name   string
		change func(testCloud, *input)
		code   string // "" for success
	}{
		{"when each zone has one subnet, it succeeds", subnets("main/one", "main/two"), ""},
		{"when two subnets share a zone, it is refused", subnets("main/one", "main/one-more"), "DuplicateSubnetsInSameZone"},
		{"when the service is not in the zone, it is refused", subnets("main/three"), "InvalidParameter"},
		{"when the subnet is in another VPC, it is refused", subnets("plain/plain"), "InvalidParameter"},
		{"when the subnet does not exist, it is refused", func(_ testCloud, in *input) { in.SubnetIds = []string{"subnet-0"} }, "InvalidSubnetId.NotFound"},
		{"when the security group does not exist, it is refused", func(_ testCloud, in *input) { in.SecurityGroupIds = []string{"sg-0"} }, "InvalidGroup.NotFound"},
		{"when the VPC is another account's, it is refused", func(tc testCloud, in *input) { in.VpcId = aws.String(tc.id("provider", "vpc", "main")) }, "InvalidVpcID.NotFound"},
		{"when the service does not exist, it is refused", func(_ testCloud, in *input) {
			in.ServiceName = aws.String("com.amazonaws.vpce.us-east-1.vpce-svc-0")
		}, "InvalidServiceName"},
		{"when the type is left out, it is the wrong one", func(_ testCloud, in *input) { in.VpcEndpointType = "" }, "InvalidParameter"},
		{"when private DNS is wanted before acceptance, it is refused", func(_ testCloud, in *input) { in.PrivateDnsEnabled = aws.Bool(true) }, "InvalidParameter"},
		{"when the address type is not supported, it is refused", func(_ testCloud, in *input) { in.IpAddressType = types.IpAddressTypeDualstack }, "InvalidParameter"},
		{"when a fixed address is in the subnet, it succeeds", func(tc testCloud, in *input) {
			in.SubnetConfigurations = []types.SubnetConfiguration{{SubnetId: &in.SubnetIds[0], Ipv4: aws.String("10.1.1.77")}}
		}, ""},
		{"when a fixed address is outside the subnet, it is refused", func(tc testCloud, in *input) {
			in.SubnetConfigurations = []types.SubnetConfiguration{{SubnetId: &in.SubnetIds[0], Ipv4: aws.String("10.1.2.77")}}
		}, "InvalidParameterValue"},
		{"when the tag key is reserved, it is refused", func(_ testCloud, in *input) {
			in.TagSpecifications = []types.TagSpecification{{ResourceType: types.ResourceTypeVpcEndpoint, Tags: []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("y")}}}}
		}, "InvalidParameterValue"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t)
			in := tc.connectInput(tc.publish())
			test.change(tc, in)
			out, err := tc.ec2Of(consumer).CreateVpcEndpoint(t.Context(), in)
			if test.code != "" {
				wantError(t, err, test.code)
				if got := len(must(tc.ec2Of(consumer).DescribeNetworkInterfaces(t.Context(), &awsec2.DescribeNetworkInterfacesInput{}))(t).NetworkInterfaces); got != 0 {
					t.Errorf("%d network interfaces are left over", got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := len(out.VpcEndpoint.NetworkInterfaceIds); got != len(in.SubnetIds) {
				t.Errorf("got %d network interfaces for %d subnets", got, len(in.SubnetIds))
			}
			if got := len(out.VpcEndpoint.DnsEntries); got != 1+len(in.SubnetIds) {
				t.Errorf("got %d DNS names, want the regional one and one for each zone", got)
			}
		})
	}
}

func TestServicesAreSeenByAllowedPrincipalsAlone(t *testing.T) {
	tc := startCloud(t)
	service := tc.publish()
	_, err := tc.ec2Of(stranger).DescribeVpcEndpointServices(t.Context(), &awsec2.DescribeVpcEndpointServicesInput{ServiceNames: []string{*service.ServiceName}})
	wantError(t, err, "InvalidServiceName")
	seen := must(tc.ec2Of(consumer).DescribeVpcEndpointServices(t.Context(), &awsec2.DescribeVpcEndpointServicesInput{ServiceNames: []string{*service.ServiceName}}))(t).ServiceDetails
	if len(seen) != 1 || *seen[0].Owner != provider || len(seen[0].AvailabilityZones) != 2 {
		t.Fatalf("got %+v", seen)
	}
	// Zone names are the consumer's own, which differ from the provider's for the same zones.
	mine := must(tc.ec2Of(consumer).DescribeAvailabilityZones(t.Context(), &awsec2.DescribeAvailabilityZonesInput{ZoneNames: seen[0].AvailabilityZones}))(t)
	for _, zone := range mine.AvailabilityZones {
		if id := *zone.ZoneId; id != "use1-az1" && id != "use1-az2" {
			t.Errorf("the consumer sees the service in %s", id)
		}
	}
	// A principal that is taken away sees the service no more; its connections stay.
	endpoint := tc.connect(service)
	must(tc.ec2Of(provider).ModifyVpcEndpointServicePermissions(t.Context(), &awsec2.ModifyVpcEndpointServicePermissionsInput{
		ServiceId: service.ServiceId, RemoveAllowedPrincipals: []string{"arn:aws:iam::" + consumer + ":root"},
	}))(t)
	_, err = tc.ec2Of(consumer).CreateVpcEndpoint(t.Context(), tc.connectInput(service))
	wantError(t, err, "InvalidServiceName")
	if got := tc.endpoint(endpoint.VpcEndpointId).State; got != "pendingAcceptance" {
		t.Errorf("the connection is %s", got)
	}
}

func TestPrincipals(t *testing.T) {
	tc := startCloud(t)
	service := tc.publish()
	for _, test := range []struct {
		name, principal, kind string // kind "" for a principal that is refused
	}{
		{"when it is an account", "arn:aws:iam::333333333333:root", "Account"},
		{"when it is a role", "arn:aws:iam::333333333333:role/linkwright", "Role"},
		{"when it is a user", "arn:aws:iam::333333333333:user/admin", "User"},
		{"when it is everyone", "*", "All"},
		{"when it has a path", "arn:aws:iam::333333333333:role/team/linkwright", ""},
		{"when it is a session", "arn:aws:sts::333333333333:assumed-role/linkwright/session", ""},
		{"when it is an account id", "333333333333", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, err := tc.ec2Of(provider).ModifyVpcEndpointServicePermissions(t.Context(), &awsec2.ModifyVpcEndpointServicePermissionsInput{
				ServiceId: service.ServiceId, AddAllowedPrincipals: []string{test.principal},
			})
			if test.kind == "" {
				wantError(t, err, "InvalidPrincipal")
				return
			}
			if err != nil || len(out.AddedPrincipals) != 1 || string(out.AddedPrincipals[0].PrincipalType) != test.kind {
				t.Errorf("got %+v, %v", out, err)
			}
			listed := must(tc.ec2Of(provider).DescribeVpcEndpointServicePermissions(t.Context(), &awsec2.DescribeVpcEndpointServicePermissionsInput{
				ServiceId: service.ServiceId, Filters: []types.Filter{{Name: aws.String("principal-type"), Values: []string{test.kind}}},
			}))(t).AllowedPrincipals
			if len(listed) == 0 {
				t.Error("it is not listed")
			}
		})
	}
}

func TestDecisionsOnConnections(t *testing.T) {
	type decide func(testCloud, *types.ServiceConfiguration, string) []types.UnsuccessfulItem
	accept := func(tc testCloud, service *types.ServiceConfiguration, id string) []types.UnsuccessfulItem {
		return must(tc.ec2Of(provider).AcceptVpcEndpointConnections(tc.t.Context(), &awsec2.AcceptVpcEndpointConnectionsInput{ServiceId: service.ServiceId, VpcEndpointIds: []string{id}}))(tc.t).Unsuccessful
	}
	reject := func(tc testCloud, service *types.ServiceConfiguration, id string) []types.UnsuccessfulItem {
		return must(tc.ec2Of(provider).RejectVpcEndpointConnections(tc.t.Context(), &awsec2.RejectVpcEndpointConnectionsInput{ServiceId: service.ServiceId, VpcEndpointIds: []string{id}}))(tc.t).Unsuccessful
	}
	pass := func(tc testCloud, _ *types.ServiceConfiguration, _ string) []types.UnsuccessfulItem {
		tc.advance(2 * time.Minute)
		return nil
	}
	remove := func(tc testCloud, _ *types.ServiceConfiguration, id string) []types.UnsuccessfulItem {
		return must(tc.ec2Of(consumer).DeleteVpcEndpoints(tc.t.Context(), &awsec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{id}}))(tc.t).Unsuccessful
	}
	for _, test := range []struct {
		name  string
		steps []decide
		code  string // of the last step's failure
		state string // on the wire, as the provider sees it; "" when it is gone
	}{
		{"when nothing is decided, it waits for acceptance for ever", []decide{pass}, "", "pendingAcceptance"},
		{"when it is accepted, it is pending first", []decide{accept}, "", "pending"},
		{"when it is accepted and time passes, it is available", []decide{accept, pass}, "", "available"},
		{"when it is accepted twice, the second fails", []decide{accept, accept}, "InvalidState", "pending"},
		{"when it is rejected, it stays rejected", []decide{reject, pass}, "", "rejected"},
		{"when it is rejected after it was available, it is rejected", []decide{accept, pass, reject}, "", "rejected"},
		{"when it is rejected twice, the second fails", []decide{reject, reject}, "InvalidState", "rejected"},
		{"when it is deleted, it is deleting", []decide{remove}, "", "deleting"},
		{"when it is deleting, it cannot be accepted", []decide{remove, accept}, "InvalidState", "deleting"},
		{"when it is deleted and time passes, it is gone", []decide{remove, pass}, "", ""},
		{"when it is gone, it cannot be accepted", []decide{remove, pass, accept}, "InvalidVpcEndpointId.NotFound", ""},
		{"when it is gone, it cannot be deleted", []decide{remove, pass, remove}, "InvalidVpcEndpoint.NotFound", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t)
			service := tc.publish()
			id := *tc.connect(service).VpcEndpointId
			code := ""
			for _, step := range test.steps {
				code = ""
				if failed := step(tc, service, id); len(failed) > 0 {
					code = *failed[0].Error.Code
				}
			}
			if code != test.code {
				t.Errorf("got the failure %q, want %q", code, test.code)
			}
			connections := must(tc.ec2Of(provider).DescribeVpcEndpointConnections(t.Context(), &awsec2.DescribeVpcEndpointConnectionsInput{
				Filters: []types.Filter{{Name: aws.String("service-id"), Values: []string{*service.ServiceId}}},
			}))(t).VpcEndpointConnections
			state := ""
			if len(connections) > 0 {
				state = string(connections[0].VpcEndpointState)
			}
			if state != test.state {
				t.Errorf("it is %q, want %q", state, test.state)
			}
		})
	}
}

func TestServiceWithConnectionsIsNotDeleted(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(testCloud, *types.ServiceConfiguration, *types.VpcEndpoint)
		code string // "" when the service can be deleted
	}{
		{"when a connection waits", func(testCloud, *types.ServiceConfiguration, *types.VpcEndpoint) {}, "ExistingVpcEndpointConnections"},
		{"when a connection is accepted", testCloud.accept, "ExistingVpcEndpointConnections"},
		{"when the connection is rejected", func(tc testCloud, service *types.ServiceConfiguration, endpoint *types.VpcEndpoint) {
			must(tc.ec2Of(provider).RejectVpcEndpointConnections(tc.t.Context(), &awsec2.RejectVpcEndpointConnectionsInput{
				ServiceId: service.ServiceId, VpcEndpointIds: []string{*endpoint.VpcEndpointId},
			}))(tc.t)
		}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t)
			service := tc.publish()
			test.do(tc, service, tc.connect(service))
			failed := must(tc.ec2Of(provider).DeleteVpcEndpointServiceConfigurations(t.Context(), &awsec2.DeleteVpcEndpointServiceConfigurationsInput{ServiceIds: []string{*service.ServiceId}}))(t).Unsuccessful
			code := ""
			if len(failed) > 0 {
				code = *failed[0].Error.Code
			}
			if code != test.code {
				t.Errorf("got %q, want %q", code, test.code)
			}
		})
	}
}

func TestQuotaOfEndpoints(t *testing.T) {
	tc := startCloud(t, func(c *Config) { c.World.EndpointsPerVPC = 1 })
	service := tc.publish()
	tc.connect(service)
	_, err := tc.ec2Of(consumer).CreateVpcEndpoint(t.Context(), tc.connectInput(service))
	wantError(t, err, "VpcEndpointLimitExceeded")
}

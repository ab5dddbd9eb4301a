package simaws

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// The states of services are in Pascal case, unlike those of endpoints (EC2 API Reference, ServiceConfiguration).
func TestFidelityStatesOfServicesAreInPascalCase(t *testing.T) {
	tc := startCloud(t)
	config, wire := tc.taped(provider)
	client := awsec2.NewFromConfig(config)
	created := must(client.CreateVpcEndpointServiceConfiguration(t.Context(), &awsec2.CreateVpcEndpointServiceConfigurationInput{
		NetworkLoadBalancerArns: []string{tc.id("provider", "load-balancer", "api")}, SupportedRegions: []string{"eu-west-1"},
	}))(t).ServiceConfiguration
	for _, fact := range []struct {
		state types.ServiceState
		bring func()
	}{
		{types.ServiceStatePending, func() {}},
		{types.ServiceStateAvailable, func() { tc.advance(time.Minute) }},
		{types.ServiceStateDeleting, func() {
			must(client.DeleteVpcEndpointServiceConfigurations(t.Context(), &awsec2.DeleteVpcEndpointServiceConfigurationsInput{ServiceIds: []string{*created.ServiceId}}))(t)
		}},
	} {
		fact.bring()
		seen := must(client.DescribeVpcEndpointServiceConfigurations(t.Context(), &awsec2.DescribeVpcEndpointServiceConfigurationsInput{}))(t).ServiceConfigurations[0]
		wire.has(t, "<serviceState>"+string(fact.state)+"</serviceState>")
		if seen.ServiceState != fact.state || *seen.SupportedRegions[1].ServiceState != string(fact.state) {
			t.Errorf("the SDK has the states %q and %q, want %q", seen.ServiceState, *seen.SupportedRegions[1].ServiceState, fact.state)
		}
		for value, want := range map[string]bool{string(fact.state): true, strings.ToLower(string(fact.state)): false} {
			answer := tc.query(provider, "ec2", "DescribeVpcEndpointServiceConfigurations", "Filter.1.Name", "service-state", "Filter.1.Value.1", value)
			if got := strings.Contains(answer.body, "<serviceState>"); got != want {
				t.Errorf("the filter service-state=%s finds it: %v", value, got)
			}
		}
	}
}

// The configuration of a private DNS name is an empty element until there is a name. Then it says where the proof
// belongs: a bare label, TXT, and a value (EC2 API Reference, PrivateDnsNameConfiguration).
func TestFidelityThePrivateDNSNameOfAService(t *testing.T) {
	tc := startCloud(t)
	service := tc.publish()
	config, wire := tc.taped(provider)
	client := awsec2.NewFromConfig(config)
	describe := func() types.ServiceConfiguration {
		return must(client.DescribeVpcEndpointServiceConfigurations(t.Context(), &awsec2.DescribeVpcEndpointServiceConfigurationsInput{}))(t).ServiceConfigurations[0]
	}
	none := describe()
	wire.has(t, "<privateDnsNameConfiguration></privateDnsNameConfiguration>")
	wire.lacks(t, "<privateDnsName>")
	if c := none.PrivateDnsNameConfiguration; c == nil || c.Name != nil || c.Value != nil || c.Type != nil || c.State != "" || none.PrivateDnsName != nil {
		t.Errorf("without a name, the SDK has %+v and %v", c, none.PrivateDnsName)
	}

	for _, name := range []string{"api.example.com", "*.example.com"} {
		must(client.ModifyVpcEndpointServiceConfiguration(t.Context(), &awsec2.ModifyVpcEndpointServiceConfigurationInput{ServiceId: service.ServiceId, PrivateDnsName: &name}))(t)
		wire.has(t, "<return>true</return>")
		named := describe()
		proof := named.PrivateDnsNameConfiguration
		wire.has(t, "<privateDnsName>"+name+"</privateDnsName><privateDnsNameConfiguration><state>pendingVerification</state><type>TXT</type><value>vpce:")
		if *named.PrivateDnsName != name || proof.State != types.DnsNameStatePendingVerification || strings.Contains(*proof.Name, ".") || (*proof.Name)[0] != '_' {
			t.Errorf("with the name %s, the SDK has %+v", name, proof)
		}
		if value := *proof.Value; strings.ToLower(value) == value {
			t.Errorf("the value %s has no capitals to tell its case by", value)
		}
	}
	must(client.ModifyVpcEndpointServiceConfiguration(t.Context(), &awsec2.ModifyVpcEndpointServiceConfigurationInput{ServiceId: service.ServiceId, RemovePrivateDnsName: aws.Bool(true)}))(t)
	if describe(); !strings.Contains(wire.body, "<privateDnsNameConfiguration></privateDnsNameConfiguration>") {
		t.Errorf("a name that is taken away is still shown: %s", wire.body)
	}
}

// The proof is looked for when it is asked for, and only then does a name fail or stand (AWS PrivateLink Guide,
// "Manage DNS names for VPC endpoint services"): pendingVerification, then failed or verified, then again.
func TestFidelityTheStatesOfAPrivateDNSName(t *testing.T) {
	const name = "*.links.example.com"
	tc := startCloud(t)
	service := tc.publish(withPrivateDNS(name))
	proof := service.PrivateDnsNameConfiguration
	shown := func(state string) {
		t.Helper()
		tc.query(provider, "ec2", "DescribeVpcEndpointServiceConfigurations").has(t, "<privateDnsNameConfiguration><state>"+state+"</state>")
		tc.query(consumer, "ec2", "DescribeVpcEndpointServices").has(t, "<privateDnsNameVerificationState>"+state+"</privateDnsNameVerificationState>")
	}
	tc.advance(time.Hour)
	shown("pendingVerification") // nothing happens by itself
	tc.verify(service)
	shown("failed")
	tc.record(*proof.Name+".links.example.com", *proof.Value)
	shown("failed")
	tc.query(provider, "ec2", "StartVpcEndpointServicePrivateDnsVerification", "ServiceId", *service.ServiceId).has(t, "<return>true</return>")
	shown("pendingVerification")
	tc.awaitDNSState(service, types.DnsNameStateVerified)
	shown("verified")
}

// Consumers see whether the name is verified, and never how it would be (EC2 API Reference, ServiceDetail); and they
// see the zones in which they and the service both are, by their own names.
func TestFidelityWhatConsumersSeeOfAService(t *testing.T) {
	tc := startCloud(t)
	service := tc.publish(withPrivateDNS("api.example.com"))
	config, wire := tc.taped(consumer)
	seen := must(awsec2.NewFromConfig(config).DescribeVpcEndpointServices(t.Context(), &awsec2.DescribeVpcEndpointServicesInput{ServiceNames: []string{*service.ServiceName}}))(t).ServiceDetails[0]
	wire.has(t, "<privateDnsNameSet><item><privateDnsName>api.example.com</privateDnsName></item></privateDnsNameSet>", "<privateDnsNameVerificationState>pendingVerification</privateDnsNameVerificationState>",
		"<serviceNameSet><item>"+*service.ServiceName+"</item></serviceNameSet>", "<vpcEndpointPolicySupported>false</vpcEndpointPolicySupported>")
	wire.lacks(t, *service.PrivateDnsNameConfiguration.Name, *service.PrivateDnsNameConfiguration.Value, "loadbalancer/net")
	if *seen.Owner != provider || seen.PrivateDnsNameVerificationState != types.DnsNameStatePendingVerification || len(seen.AvailabilityZones) != 2 {
		t.Errorf("the SDK has %+v", seen)
	}
	if nobody := tc.query(stranger, "ec2", "DescribeVpcEndpointServices", "ServiceName.1", *service.ServiceName); nobody.status != 400 {
		t.Errorf("who is not allowed gets the status %d", nobody.status)
	}
}

// A service takes up zones that its load balancer was enabled in later when it is modified, with whatever: its id is
// enough (AWS PrivateLink Guide, "Configure an endpoint service").
func TestFidelityAServiceTakesUpZonesWhenItIsModified(t *testing.T) {
	tc := startCloud(t)
	client := tc.ec2Of(provider)
	balancer := tc.id("provider", "load-balancer", "other")
	service := must(client.CreateVpcEndpointServiceConfiguration(t.Context(), &awsec2.CreateVpcEndpointServiceConfigurationInput{NetworkLoadBalancerArns: []string{balancer}}))(t).ServiceConfiguration
	tc.advance(time.Minute)
	must(tc.elbOf(provider).SetSubnets(t.Context(), &awselb.SetSubnetsInput{
		LoadBalancerArn: &balancer, Subnets: []string{tc.id("provider", "subnet", "main/one"), tc.id("provider", "subnet", "main/two")},
	}))(t)
	zones := func() int {
		return len(must(client.DescribeVpcEndpointServiceConfigurations(t.Context(), &awsec2.DescribeVpcEndpointServiceConfigurationsInput{ServiceIds: []string{*service.ServiceId}}))(t).ServiceConfigurations[0].AvailabilityZoneIds)
	}
	if got := zones(); got != 1 {
		t.Errorf("before it is modified it is in %d zones", got)
	}
	must(client.ModifyVpcEndpointServiceConfiguration(t.Context(), &awsec2.ModifyVpcEndpointServiceConfigurationInput{ServiceId: service.ServiceId}))(t)
	if got := zones(); got != 2 {
		t.Errorf("after it is modified it is in %d zones", got)
	}
}

// Principals are added with what they are, and taking one away leaves its connections (EC2 API Reference,
// ModifyVpcEndpointServicePermissions; AWS PrivateLink Guide, "Manage permissions").
func TestFidelityPrincipals(t *testing.T) {
	tc := startCloud(t)
	service := tc.publish()
	endpoint := tc.connect(service)
	config, wire := tc.taped(provider)
	client := awsec2.NewFromConfig(config)
	added := must(client.ModifyVpcEndpointServicePermissions(t.Context(), &awsec2.ModifyVpcEndpointServicePermissionsInput{
		ServiceId: service.ServiceId, AddAllowedPrincipals: []string{"arn:aws:iam::333333333333:role/links"}, RemoveAllowedPrincipals: []string{"arn:aws:iam::" + consumer + ":root"},
	}))(t)
	wire.has(t, "<addedPrincipalSet><item><principalType>Role</principalType><principal>arn:aws:iam::333333333333:role/links</principal><servicePermissionId>vpce-svc-perm-", "<return>true</return>")
	if len(added.AddedPrincipals) != 1 || *added.AddedPrincipals[0].ServiceId != *service.ServiceId {
		t.Errorf("the SDK has %+v", added.AddedPrincipals)
	}
	listed := must(client.DescribeVpcEndpointServicePermissions(t.Context(), &awsec2.DescribeVpcEndpointServicePermissionsInput{ServiceId: service.ServiceId}))(t)
	wire.has(t, "<allowedPrincipals><item>")
	if len(listed.AllowedPrincipals) != 1 {
		t.Errorf("the SDK has %+v", listed.AllowedPrincipals)
	}
	if got := tc.endpoint(endpoint.VpcEndpointId).State; got != "pendingAcceptance" {
		t.Errorf("the connection of who is allowed no more is %s", got)
	}
}

// A service whose owner pays stays so (EC2 API Reference, ModifyVpcEndpointServicePayerResponsibility), and
// notifications are Enabled (VpcEndpointConnectionNotification).
func TestFidelityPayersAndNotifications(t *testing.T) {
	tc := startCloud(t)
	service := tc.publish()
	tc.query(provider, "ec2", "ModifyVpcEndpointServicePayerResponsibility", "ServiceId", *service.ServiceId, "PayerResponsibility", "ServiceOwner").has(t, "<return>true</return>")
	tc.query(provider, "ec2", "DescribeVpcEndpointServiceConfigurations").has(t, "<payerResponsibility>ServiceOwner</payerResponsibility>")
	made := tc.query(provider, "ec2", "CreateVpcEndpointConnectionNotification", "ServiceId", *service.ServiceId,
		"ConnectionNotificationArn", "arn:aws:sns:us-east-1:111111111111:links", "ConnectionEvents.1", "Accept", "ConnectionEvents.2", "Connect")
	made.has(t, "<connectionNotificationState>Enabled</connectionNotificationState>", "<connectionNotificationType>Topic</connectionNotificationType>", "<connectionEvents><item>Accept</item><item>Connect</item></connectionEvents>")
	tc.query(provider, "ec2", "CreateVpcEndpointConnectionNotification", "ServiceId", *service.ServiceId,
		"ConnectionNotificationArn", "arn:aws:sns:us-east-1:111111111111:links", "ConnectionEvents.1", "Expire").has(t, "<Code>InvalidParameterValue</Code>")
}

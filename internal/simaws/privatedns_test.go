package simaws

import (
	"context"
	"encoding/json"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	awsroute53 "github.com/aws/aws-sdk-go-v2/service/route53"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
)

func withPrivateDNS(name string) func(*awsec2.CreateVpcEndpointServiceConfigurationInput) {
	return func(in *awsec2.CreateVpcEndpointServiceConfigurationInput) { in.PrivateDnsName = &name }
}

func withoutAcceptance(in *awsec2.CreateVpcEndpointServiceConfigurationInput) {
	in.AcceptanceRequired = aws.Bool(false)
}

// record puts the TXT record of a value into the provider's zone example.com.
func (tc testCloud) record(name, value string) {
	tc.t.Helper()
	must(tc.route53Of(provider).ChangeResourceRecordSets(tc.t.Context(), &awsroute53.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String(tc.id("provider", "hosted-zone", "example.com")),
		ChangeBatch: &route53types.ChangeBatch{Changes: []route53types.Change{{
			Action: route53types.ChangeActionUpsert,
			ResourceRecordSet: &route53types.ResourceRecordSet{
				Name: &name, Type: route53types.RRTypeTxt, TTL: aws.Int64(60),
				ResourceRecords: []route53types.ResourceRecord{{Value: aws.String(`"` + value + `"`)}},
			},
		}}},
	}))(tc.t)
	tc.advance(5 * time.Minute) // in sync
}

// verify asks for a verification and waits for its end.
func (tc testCloud) verify(service *types.ServiceConfiguration) types.DnsNameState {
	tc.t.Helper()
	client := tc.ec2Of(provider)
	must(client.StartVpcEndpointServicePrivateDnsVerification(tc.t.Context(), &awsec2.StartVpcEndpointServicePrivateDnsVerificationInput{ServiceId: service.ServiceId}))(tc.t)
	for {
		out := must(client.DescribeVpcEndpointServiceConfigurations(tc.t.Context(), &awsec2.DescribeVpcEndpointServiceConfigurationsInput{ServiceIds: []string{*service.ServiceId}}))(tc.t)
		if state := out.ServiceConfigurations[0].PrivateDnsNameConfiguration.State; state != types.DnsNameStatePendingVerification {
			return state
		}
	}
}

// publishVerified publishes a service whose private DNS name is proven.
func (tc testCloud) publishVerified(name string, changes ...func(*awsec2.CreateVpcEndpointServiceConfigurationInput)) *types.ServiceConfiguration {
	tc.t.Helper()
	service := tc.publish(append(changes, withPrivateDNS(name))...)
	proof := service.PrivateDnsNameConfiguration
	tc.record(*proof.Name+"."+strings.TrimPrefix(name, "*."), *proof.Value)
	if state := tc.verify(service); state != types.DnsNameStateVerified {
		tc.t.Fatalf("the private DNS name is %s", state)
	}
	return service
}

func TestVerificationLooksIntoTheDNS(t *testing.T) {
	for _, test := range []struct {
		name, private string
		record        func(label, value string) (string, string) // name and value of the TXT record
		want          types.DnsNameState
	}{
		{"when the record is below the domain, it is verified", "api.example.com",
			func(label, value string) (string, string) { return label + ".api.example.com", value }, types.DnsNameStateVerified},
		{"when the record is below a parent, it is verified", "api.example.com",
			func(label, value string) (string, string) { return label + ".example.com", value }, types.DnsNameStateVerified},
		{"when the name is a wildcard, the record is below the rest", "*.links.example.com",
			func(label, value string) (string, string) { return label + ".links.example.com", value }, types.DnsNameStateVerified},
		{"when the value differs in case, it fails", "api.example.com",
			func(label, value string) (string, string) { return label + ".api.example.com", strings.ToUpper(value) }, types.DnsNameStateFailed},
		{"when the record is elsewhere, it fails", "api.example.com",
			func(label, value string) (string, string) { return label + ".www.example.com", value }, types.DnsNameStateFailed},
		{"when nobody serves the domain, it fails", "api.example.org",
			func(label, value string) (string, string) { return label + ".example.com", value }, types.DnsNameStateFailed},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t)
			service := tc.publish(withPrivateDNS(test.private))
			proof := service.PrivateDnsNameConfiguration
			if proof.State != types.DnsNameStatePendingVerification || strings.Contains(*proof.Name, ".") || *proof.Type != "TXT" || !strings.HasPrefix(*proof.Value, "vpce:") {
				t.Errorf("got the configuration %+v", proof)
			}
			tc.record(test.record(*proof.Name, *proof.Value))
			if got := tc.verify(service); got != test.want {
				t.Errorf("it is %s, want %s", got, test.want)
			}
		})
	}
}

func TestFailedVerificationCanBeRepeated(t *testing.T) {
	tc := startCloud(t)
	service := tc.publish(withPrivateDNS("api.example.com"))
	if got := tc.verify(service); got != types.DnsNameStateFailed {
		t.Fatalf("without a record it is %s", got)
	}
	proof := service.PrivateDnsNameConfiguration
	tc.record(*proof.Name+".api.example.com", *proof.Value)
	if got := tc.verify(service); got != types.DnsNameStateVerified {
		t.Errorf("with the record it is %s", got)
	}
}

// awaitDNSState waits until the service's private DNS name is in a state.
func (tc testCloud) awaitDNSState(service *types.ServiceConfiguration, state types.DnsNameState) {
	tc.t.Helper()
	for tc.dnsState(service) != state {
		runtime.Gosched()
	}
}

func (tc testCloud) dnsState(service *types.ServiceConfiguration) types.DnsNameState {
	tc.t.Helper()
	out := must(tc.ec2Of(provider).DescribeVpcEndpointServiceConfigurations(tc.t.Context(), &awsec2.DescribeVpcEndpointServiceConfigurationsInput{ServiceIds: []string{*service.ServiceId}}))(tc.t)
	return out.ServiceConfigurations[0].PrivateDnsNameConfiguration.State
}

// verifying reports whether a look for the proof of any name is under way.
func (tc testCloud) verifying() bool {
	tc.t.Helper()
	var saved struct {
		Services struct {
			EC2 struct {
				EndpointServices map[string]struct{ PrivateDNS *struct{ VerifyAt time.Time } }
			} `json:"ec2"`
		}
	}
	if err := json.Unmarshal(must(tc.Snapshot())(tc.t), &saved); err != nil {
		tc.t.Fatal(err)
	}
	for _, service := range saved.Services.EC2.EndpointServices {
		if service.PrivateDNS != nil && !service.PrivateDNS.VerifyAt.IsZero() {
			return true
		}
	}
	return false
}

func TestAVerifiedNameIsLookedAtAgain(t *testing.T) {
	const name = "api.example.com"
	tc := startCloud(t, func(c *Config) { c.World.ReverifyEach = Duration(10 * time.Hour) })
	service := tc.publishVerified(name)
	proof := service.PrivateDnsNameConfiguration
	connected := tc.connect(service)
	tc.accept(service, connected)

	tc.record(*proof.Name+"."+name, "gone")
	tc.advance(9 * time.Hour)
	if got := tc.dnsState(service); got != types.DnsNameStateVerified || tc.verifying() {
		t.Errorf("before its time it is looked at again, and is %s", got)
	}
	tc.advance(time.Hour)
	tc.awaitDNSState(service, types.DnsNameStateFailed)
	_, err := tc.ec2Of(consumer).CreateVpcEndpoint(t.Context(), tc.connectInput(service))
	wantError(t, err, "InvalidParameter")
	if got := tc.endpoint(connected.VpcEndpointId).State; got != "available" {
		t.Errorf("the connection that there was is %s", got)
	}

	tc.record(*proof.Name+"."+name, *proof.Value)
	tc.advance(100 * time.Hour)
	if got := tc.dnsState(service); got != types.DnsNameStateFailed {
		t.Errorf("a name that failed is looked at again without being asked for, and is %s", got)
	}
	if got := tc.verify(service); got != types.DnsNameStateVerified {
		t.Errorf("asked for, it is %s", got)
	}
	tc.connect(service)
}

func TestPrivateDNSOnAnEndpoint(t *testing.T) {
	enable := func(tc testCloud, endpoint *types.VpcEndpoint) error {
		_, err := tc.ec2Of(consumer).ModifyVpcEndpoint(tc.t.Context(), &awsec2.ModifyVpcEndpointInput{VpcEndpointId: endpoint.VpcEndpointId, PrivateDnsEnabled: aws.Bool(true)})
		return err
	}
	accepted := func(tc testCloud, service *types.ServiceConfiguration) *types.VpcEndpoint {
		endpoint := tc.connect(service)
		tc.accept(service, endpoint)
		tc.advance(time.Minute)
		return endpoint
	}
	for _, test := range []struct {
		name    string
		prepare func(testCloud) *types.VpcEndpoint
		code    string // "" for success
	}{
		{"when everything is in order, it is enabled", func(tc testCloud) *types.VpcEndpoint {
			return accepted(tc, tc.publishVerified("api.example.com"))
		}, ""},
		{"when the connection is not accepted, it is refused", func(tc testCloud) *types.VpcEndpoint {
			return tc.connect(tc.publishVerified("api.example.com"))
		}, "InvalidParameter"},
		{"when the service has no private name, it is refused", func(tc testCloud) *types.VpcEndpoint {
			return accepted(tc, tc.publish())
		}, "InvalidParameter"},
		{"when the name is not verified, it is refused", func(tc testCloud) *types.VpcEndpoint {
			return accepted(tc, tc.publish(withPrivateDNS("api.example.com")))
		}, "InvalidParameter"},
		{"when the endpoint is not available yet, it is refused", func(tc testCloud) *types.VpcEndpoint {
			service := tc.publishVerified("api.example.com")
			endpoint := tc.connect(service)
			tc.accept(service, endpoint)
			return endpoint
		}, "IncorrectState"},
		{"when the VPC has no DNS hostnames, it is refused", func(tc testCloud) *types.VpcEndpoint {
			must(tc.ec2Of(consumer).ModifyVpcAttribute(tc.t.Context(), &awsec2.ModifyVpcAttributeInput{
				VpcId: aws.String(tc.id("consumer", "vpc", "main")), EnableDnsHostnames: &types.AttributeBooleanValue{Value: aws.Bool(false)},
			}))(tc.t)
			return accepted(tc, tc.publishVerified("api.example.com"))
		}, "InvalidParameter"},
		{"when another endpoint has the name in the VPC, it is refused", func(tc testCloud) *types.VpcEndpoint {
			service := tc.publishVerified("api.example.com")
			if err := enable(tc, accepted(tc, service)); err != nil {
				tc.t.Fatal(err)
			}
			return accepted(tc, service)
		}, "InvalidParameter"},
		{"when a private zone has the name in the VPC, it is refused", func(tc testCloud) *types.VpcEndpoint {
			must(tc.route53Of(consumer).CreateHostedZone(tc.t.Context(), &awsroute53.CreateHostedZoneInput{
				Name: aws.String("api.example.com"), CallerReference: aws.String("1"), HostedZoneConfig: &route53types.HostedZoneConfig{PrivateZone: true},
				VPC: &route53types.VPC{VPCId: aws.String(tc.id("consumer", "vpc", "main")), VPCRegion: region},
			}))(tc.t)
			return accepted(tc, tc.publishVerified("api.example.com"))
		}, "InvalidParameter"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t)
			endpoint := test.prepare(tc)
			err := enable(tc, endpoint)
			if test.code != "" {
				wantError(t, err, test.code)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := tc.endpoint(endpoint.VpcEndpointId).State; got != "pending" {
				t.Errorf("right after, the endpoint is %s", got)
			}
			tc.advance(time.Minute)
			got := tc.endpoint(endpoint.VpcEndpointId)
			last := got.DnsEntries[len(got.DnsEntries)-1]
			if got.State != "available" || !*got.PrivateDnsEnabled || *last.DnsName != "api.example.com" {
				t.Errorf("a minute later it is %s, its last name %s", got.State, *last.DnsName)
			}
		})
	}
}

func TestPrivateDNSByDefault(t *testing.T) {
	for _, test := range []struct {
		name    string
		service func(testCloud) *types.ServiceConfiguration
		want    bool
	}{
		{"when the service has a verified name and accepts all, it is on", func(tc testCloud) *types.ServiceConfiguration {
			return tc.publishVerified("api.example.com", withoutAcceptance)
		}, true},
		{"when connections must be accepted, it is off", func(tc testCloud) *types.ServiceConfiguration {
			return tc.publishVerified("api.example.com")
		}, false},
		{"when the service has no name, it is off", func(tc testCloud) *types.ServiceConfiguration { return tc.publish(withoutAcceptance) }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t)
			input := tc.connectInput(test.service(tc))
			input.PrivateDnsEnabled = nil
			out := must(tc.ec2Of(consumer).CreateVpcEndpoint(t.Context(), input))(t)
			if got := *out.VpcEndpoint.PrivateDnsEnabled; got != test.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestEndpointNamesResolve(t *testing.T) {
	tc := startCloud(t)
	service := tc.publish(withoutAcceptance)
	input := tc.connectInput(service)
	input.SubnetIds = append(input.SubnetIds, tc.id("consumer", "subnet", "main/two"))
	endpoint := must(tc.ec2Of(consumer).CreateVpcEndpoint(t.Context(), input))(t).VpcEndpoint
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, tc.DNSAddr().String())
	}}
	regional, zonal := *endpoint.DnsEntries[0].DnsName+".", *endpoint.DnsEntries[2].DnsName+"."
	if _, err := resolver.LookupHost(t.Context(), regional); err == nil {
		t.Error("a pending endpoint has addresses")
	}
	tc.advance(time.Minute)
	if got := must(resolver.LookupHost(t.Context(), regional))(t); len(got) != 2 {
		t.Errorf("%s has the addresses %v", regional, got)
	}
	if got := must(resolver.LookupHost(t.Context(), zonal))(t); len(got) != 1 || got[0] != "10.1.2.4" {
		t.Errorf("%s has the addresses %v", zonal, got)
	}
}

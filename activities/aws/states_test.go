package aws

import (
	"slices"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
)

func TestStatesAreKnownInAnyCase(t *testing.T) {
	for wire, want := range map[string]activities.EndpointState{
		"pendingAcceptance": activities.EndpointPendingAcceptance,
		"PendingAcceptance": activities.EndpointPendingAcceptance,
		"available":         activities.EndpointAvailable,
		"Rejected":          activities.EndpointRejected,
		"warming":           "warming",
	} {
		if got := endpointState(ec2types.State(wire)); got != want {
			t.Errorf("endpointState(%q) = %q, want %q", wire, got, want)
		}
	}
	if got := serviceState("Available"); got != activities.ServiceAvailable {
		t.Errorf("serviceState = %q", got)
	}
}

func TestProofName(t *testing.T) {
	for _, c := range []struct{ name, label, domain, want string }{
		{"when the name is a bare label, it goes below the domain", "_abc", "api.example.com", "_abc.api.example.com"},
		{"when the domain is a wildcard, it goes below what the wildcard stands in", "_abc", "*.k.example.com", "_abc.k.example.com"},
		{"when the name is qualified already, it stays", "_abc.api.Example.com.", "api.example.com", "_abc.api.Example.com"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := proofName(c.label, c.domain); got != c.want {
				t.Errorf("proofName = %q, want %q", got, c.want)
			}
		})
	}
}

func TestDomainView(t *testing.T) {
	proof := func(state ec2types.DnsNameState) *ec2types.PrivateDnsNameConfiguration {
		return &ec2types.PrivateDnsNameConfiguration{State: state, Name: sdk.String("_abc"), Value: sdk.String("vpce:Xy")}
	}
	for _, c := range []struct {
		name   string
		domain string
		proof  *ec2types.PrivateDnsNameConfiguration
		want   *activities.Domain
	}{
		{"when the service has no name, there is no domain", "", &ec2types.PrivateDnsNameConfiguration{}, nil},
		{"when AWS has not said how to prove it, there is a domain without a proof", "a.example.com",
			&ec2types.PrivateDnsNameConfiguration{}, &activities.Domain{Name: "a.example.com", State: activities.DomainUnverified}},
		{"when AWS has said how to prove it, the record is complete", "a.example.com", proof(ec2types.DnsNameStatePendingVerification),
			&activities.Domain{Name: "a.example.com", State: activities.DomainUnverified,
				Proof: activities.Record{Name: "_abc.a.example.com", Value: "vpce:Xy"}}},
		{"when the proof was found, the domain is verified", "a.example.com", proof(ec2types.DnsNameStateVerified),
			&activities.Domain{Name: "a.example.com", State: activities.DomainVerified,
				Proof: activities.Record{Name: "_abc.a.example.com", Value: "vpce:Xy"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := domainView(ec2types.ServiceConfiguration{PrivateDnsName: sdk.String(c.domain), PrivateDnsNameConfiguration: c.proof})
			if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
				t.Errorf("domain = %+v, want %+v", got, c.want)
			}
		})
	}
}

// TestMistake18TheFirstDNSEntryTakenForTheRegionalOne has the regional entry last.
func TestMistake18TheFirstDNSEntryTakenForTheRegionalOne(t *testing.T) {
	entry := func(name, zone string) ec2types.DnsEntry {
		return ec2types.DnsEntry{DnsName: sdk.String(name), HostedZoneId: sdk.String(zone)}
	}
	got := endpointView(ec2types.VpcEndpoint{VpcEndpointId: sdk.String("vpce-01"), DnsEntries: []ec2types.DnsEntry{
		entry("vpce-01-abcd-eu-west-1b.vpce-svc-9.eu-west-1.vpce.amazonaws.com", "ZZONAL"),
		entry("api.example.com", "ZPRIVATE"),
		entry("vpce-01-abcd-eu-west-1a.vpce-svc-9.eu-west-1.vpce.amazonaws.com", "ZZONAL"),
		entry("vpce-01-abcd.vpce-svc-9.eu-west-1.vpce.amazonaws.com", "ZREGIONAL"),
	}})
	want := []string{
		"vpce-01-abcd.vpce-svc-9.eu-west-1.vpce.amazonaws.com",
		"vpce-01-abcd-eu-west-1a.vpce-svc-9.eu-west-1.vpce.amazonaws.com",
		"vpce-01-abcd-eu-west-1b.vpce-svc-9.eu-west-1.vpce.amazonaws.com",
	}
	if !slices.Equal(got.DNSNames, want) || got.DNSZone != "ZREGIONAL" {
		t.Errorf("names = %q in zone %s", got.DNSNames, got.DNSZone)
	}
	if got := endpointView(ec2types.VpcEndpoint{VpcEndpointId: sdk.String("vpce-01")}); got.DNSNames != nil || got.DNSZone != "" {
		t.Errorf("names of an endpoint without any = %q in zone %s", got.DNSNames, got.DNSZone)
	}
}

package aws

import (
	"cmp"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/sets"
)

// The states cross the boundary here. AWS writes an endpoint's state in camel case ("pendingAcceptance"; AWS
// PrivateLink Guide, "Endpoint states"), its SDK's constants are in Pascal case, and a service's state is in
// Pascal case on the wire: nothing of AWS is ever compared by ==.

func endpointState(s ec2types.State) activities.EndpointState {
	return known(string(s),
		activities.EndpointPendingAcceptance, activities.EndpointPending, activities.EndpointAvailable,
		activities.EndpointDeleting, activities.EndpointDeleted, activities.EndpointRejected,
		activities.EndpointFailed, activities.EndpointExpired, activities.EndpointPartial)
}

func serviceState(s ec2types.ServiceState) activities.ServiceState {
	return known(string(s),
		activities.ServicePending, activities.ServiceAvailable, activities.ServiceDeleting,
		activities.ServiceDeleted, activities.ServiceFailed)
}

func domainState(s ec2types.DnsNameState) activities.DomainState {
	return known(string(s), activities.DomainUnverified, activities.DomainVerified, activities.DomainFailed)
}

// known finds the state that is meant; one that is new to us stays as it is.
func known[S ~string](wire string, states ...S) S {
	for _, s := range states {
		if strings.EqualFold(wire, string(s)) {
			return s
		}
	}
	return S(wire)
}

// serviceView is a service as flows see it.
func serviceView(c ec2types.ServiceConfiguration) activities.Service {
	return activities.Service{
		ID:                 sdk.ToString(c.ServiceId),
		Name:               sdk.ToString(c.ServiceName),
		State:              serviceState(c.ServiceState),
		AcceptanceRequired: sdk.ToBool(c.AcceptanceRequired),
		LoadBalancers:      sets.Sorted(c.NetworkLoadBalancerArns),
		Zones:              sets.Sorted(c.AvailabilityZones),
		Domain:             domainView(c),
	}
}

// domainView is nil for a service without a private DNS name. Before there is one, AWS answers with an empty
// PrivateDnsNameConfiguration rather than with none.
func domainView(c ec2types.ServiceConfiguration) *activities.Domain {
	name := sdk.ToString(c.PrivateDnsName)
	if name == "" {
		return nil
	}
	d := &activities.Domain{Name: name, State: activities.DomainUnverified}
	if proof := c.PrivateDnsNameConfiguration; proof != nil {
		if proof.State != "" {
			d.State = domainState(proof.State)
		}
		if sdk.ToString(proof.Name) != "" && sdk.ToString(proof.Value) != "" {
			d.Proof = activities.Record{
				Name:  proofName(sdk.ToString(proof.Name), name),
				Value: sdk.ToString(proof.Value),
			}
		}
	}
	return d
}

// proofName is where the TXT proof of a domain goes. AWS gives a bare label, which belongs below the domain;
// for a wildcard, below the domain that the wildcard stands in. (AWS PrivateLink Guide, "Manage DNS names for VPC
// endpoint services".)
func proofName(label, domain string) string {
	label = strings.TrimSuffix(label, ".")
	domain = strings.TrimPrefix(strings.TrimSuffix(domain, "."), "*.")
	if strings.HasSuffix(strings.ToLower(label), "."+strings.ToLower(domain)) {
		return label // fully qualified already
	}
	return label + "." + domain
}

// connectionView is a connection as its provider sees it.
func connectionView(c ec2types.VpcEndpointConnection) activities.ConnectionView {
	return activities.ConnectionView{
		Endpoint: sdk.ToString(c.VpcEndpointId),
		Owner:    sdk.ToString(c.VpcEndpointOwner),
		Region:   sdk.ToString(c.VpcEndpointRegion),
		State:    endpointState(c.VpcEndpointState),
	}
}

// endpointView is an endpoint as its consumer sees it, without addresses.
func endpointView(e ec2types.VpcEndpoint) activities.Endpoint {
	names, zone := dnsNames(e)
	v := activities.Endpoint{
		ID:         sdk.ToString(e.VpcEndpointId),
		Owner:      sdk.ToString(e.OwnerId),
		State:      endpointState(e.State),
		Network:    sdk.ToString(e.VpcId),
		PrivateDNS: sdk.ToBool(e.PrivateDnsEnabled),
		DNSNames:   names,
		DNSZone:    zone,
		Interfaces: sets.Sorted(e.NetworkInterfaceIds),
	}
	switch {
	case e.LastError != nil:
		v.LastError = strings.TrimPrefix(sdk.ToString(e.LastError.Code)+": "+sdk.ToString(e.LastError.Message), ": ")
	case e.FailureReason != nil:
		v.LastError = *e.FailureReason
	}
	return v
}

// dnsNames are the endpoint's own names, the regional one first, and the zone that holds it. AWS promises no order.
// The first label of a zonal name is the regional one's with the zone behind it
// ("vpce-0123-abcdefgh-eu-central-1a.vpce-svc-…"), so the shortest first label is the regional name's. The service's
// private DNS name, which AWS lists as well, with a zone of its own, is not the endpoint's own.
func dnsNames(e ec2types.VpcEndpoint) (names []string, zone string) {
	var own []ec2types.DnsEntry
	for _, d := range e.DnsEntries {
		if strings.HasPrefix(sdk.ToString(d.DnsName), sdk.ToString(e.VpcEndpointId)+"-") {
			own = append(own, d)
		}
	}
	slices.SortFunc(own, func(a, b ec2types.DnsEntry) int {
		nameA, nameB := sdk.ToString(a.DnsName), sdk.ToString(b.DnsName)
		return cmp.Or(len(firstLabel(nameA))-len(firstLabel(nameB)), strings.Compare(nameA, nameB))
	})
	for _, d := range own {
		names = append(names, sdk.ToString(d.DnsName))
	}
	if len(own) > 0 {
		zone = sdk.ToString(own[0].HostedZoneId)
	}
	return names, zone
}

func firstLabel(name string) string {
	label, _, _ := strings.Cut(name, ".")
	return label
}

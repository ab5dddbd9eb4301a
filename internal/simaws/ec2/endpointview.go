package ec2

import (
	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

type endpointItem struct {
	ID               string      `xml:"vpcEndpointId"`
	Type             string      `xml:"vpcEndpointType"`
	VPC              string      `xml:"vpcId"`
	ServiceName      string      `xml:"serviceName"`
	ServiceRegion    string      `xml:"serviceRegion"`
	State            string      `xml:"state"`
	Policy           string      `xml:"policyDocument"`
	RouteTables      struct{}    `xml:"routeTableIdSet"`
	Subnets          []string    `xml:"subnetIdSet>item"`
	Groups           []groupItem `xml:"groupSet>item"`
	IPAddressType    string      `xml:"ipAddressType"`
	DNSRecordType    string      `xml:"dnsOptions>dnsRecordIpType"`
	PrivateDNS       bool        `xml:"privateDnsEnabled"`
	RequesterManaged bool        `xml:"requesterManaged"`
	Interfaces       []string    `xml:"networkInterfaceIdSet>item"`
	DNSEntries       []dnsEntry  `xml:"dnsEntrySet>item"`
	Created          string      `xml:"creationTimestamp"`
	Owner            string      `xml:"ownerId"`
	Payers           []payerItem `xml:"payerResponsibilitySet>item"`
	Tags             []tagItem   `xml:"tagSet>item"`
}

type dnsEntry struct {
	Name string `xml:"dnsName"`
	Zone string `xml:"hostedZoneId,omitempty"`
}

// dnsEntries are the endpoint's names: that of all zones first, then one for each zone unless the service is
// in another Region, and the private name while that is enabled.
func (s *Service) dnsEntries(e *Endpoint) []dnsEntry {
	zone := endpointZone(e.ServiceRegion)
	entries := []dnsEntry{{e.ID + "-" + e.Label + "." + e.Domain, zone}}
	if e.ServiceRegion == e.Region {
		for _, id := range e.Subnets {
			if subnet, ok := s.state.Subnets[id]; ok {
				entries = append(entries, dnsEntry{e.ID + "-" + e.Label + "-" + subnet.Zone.Name + "." + e.Domain, zone})
			}
		}
	}
	if name, ok := s.privateName(e); ok {
		entries = append(entries, dnsEntry{name, e.PrivateZone})
	}
	return entries
}

func (s *Service) endpointItem(e *Endpoint) endpointItem {
	return endpointItem{
		ID: e.ID, Type: "Interface", VPC: e.VPC, ServiceName: e.ServiceName, ServiceRegion: e.ServiceRegion, State: e.State, Policy: e.Policy,
		Subnets: e.Subnets, Groups: s.groupItems(e.SecurityGroups), IPAddressType: e.IPAddressType, DNSRecordType: e.DNSRecordType,
		PrivateDNS: e.PrivateDNS, Interfaces: e.Interfaces, DNSEntries: s.dnsEntries(e), Created: timestamp(e.Created), Owner: e.Owner,
		Payers: e.payerItems(), Tags: tagSet(e.Tags),
	}
}

func (s *Service) describeEndpoints(r *sim.Request, f query.Form) (any, error) {
	var result struct {
		Endpoints []endpointItem `xml:"vpcEndpointSet>item"`
		NextToken string         `xml:"nextToken,omitempty"`
	}
	endpoints, next, err := list(s, r, f, listing[*Endpoint]{
		table: s.state.Endpoints, ids: "VpcEndpointId", absent: endpointNotFound,
		filters: map[string]func(*Endpoint) []string{
			"vpc-id":             one(func(e *Endpoint) string { return e.VPC }),
			"vpc-endpoint-id":    one(func(e *Endpoint) string { return e.ID }),
			"vpc-endpoint-state": one(func(e *Endpoint) string { return e.State }),
			"vpc-endpoint-type":  one(func(*Endpoint) string { return "Interface" }),
			"service-name":       one(func(e *Endpoint) string { return e.ServiceName }),
			"service-region":     one(func(e *Endpoint) string { return e.ServiceRegion }),
			"ip-address-type":    one(func(e *Endpoint) string { return e.IPAddressType }),
		},
	})
	if err != nil {
		return nil, err
	}
	for _, endpoint := range endpoints {
		result.Endpoints = append(result.Endpoints, s.endpointItem(endpoint))
	}
	result.NextToken = next
	return result, nil
}

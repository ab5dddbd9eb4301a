package ec2

import (
	"net/netip"
	"slices"
	"strings"

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
	Tags             []tagItem   `xml:"tagSet>item"`
}

type dnsEntry struct {
	Name string `xml:"dnsName"`
	Zone string `xml:"hostedZoneId,omitempty"`
}

// endpointZone stands for the hosted zone that AWS keeps endpoints' own DNS names in; each Region has another.
func endpointZone(region string) string { return "ZVPCE" + zonePrefix(region) }

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
		PrivateDNS: e.PrivateDNS, Interfaces: e.Interfaces, DNSEntries: s.dnsEntries(e), Created: timestamp(e.Created), Owner: e.Owner, Tags: tagSet(e.Tags),
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

// networks is what other services may ask of EC2.
type networks struct{ s *Service }

var _ sim.Networks = networks{}

func (n networks) VPC(account, region, id string) ([]string, bool) {
	vpc, ok := n.s.state.VPCs[id]
	if !ok || vpc.Owner != account || vpc.Region != region {
		return nil, false
	}
	return []string{vpc.CIDR}, true
}

func (n networks) Subnet(account, region, id string) (sim.SubnetInfo, bool) {
	subnet, ok := n.s.state.Subnets[id]
	if !ok || subnet.Owner != account || subnet.Region != region {
		return sim.SubnetInfo{}, false
	}
	return sim.SubnetInfo{VPCID: subnet.VPC, Zone: subnet.Zone.Name, ZoneID: subnet.Zone.ID, CIDR: subnet.CIDR}, true
}

func (n networks) AnswersAt(region, ip string) bool {
	n.s.settle()
	for _, endpoint := range n.s.state.Endpoints {
		if endpoint.Region == region && endpoint.State == endpointAvailable && slices.ContainsFunc(endpoint.Interfaces, func(id string) bool {
			return n.s.state.Interfaces[id].Address == ip
		}) {
			return true
		}
	}
	return false
}

// Hosts are the public DNS names of endpoints, which resolve to their private addresses.
type Hosts struct{ s *Service }

// Hosts returns the view that a DNS server answers from.
func (s *Service) Hosts() Hosts { return Hosts{s} }

// Addresses are those behind a name: of all network interfaces for an endpoint's own name, of one for the
// name with a zone in it. It takes the world's lock.
func (h Hosts) Addresses(name string) []netip.Addr {
	h.s.world.Lock()
	defer h.s.world.Unlock()
	label, domain, _ := strings.Cut(strings.TrimSuffix(name, "."), ".")
	parts := strings.SplitN(label, "-", 4) // vpce, id, label, zone
	if len(parts) < 3 {
		return nil
	}
	h.s.settle()
	endpoint, ok := h.s.state.Endpoints[parts[0]+"-"+parts[1]]
	if !ok || endpoint.Domain != domain || endpoint.Label != parts[2] || endpoint.State != endpointAvailable {
		return nil
	}
	var addresses []netip.Addr
	for _, id := range endpoint.Interfaces {
		eni := h.s.state.Interfaces[id]
		if len(parts) == 3 || parts[3] == eni.Zone.Name {
			addresses = append(addresses, netip.MustParseAddr(eni.Address))
		}
	}
	return addresses
}

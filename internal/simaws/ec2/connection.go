package ec2

import (
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// connectionItem is the provider's view of an endpoint that connects to one of its services.
type connectionItem struct {
	ID            string     `xml:"vpcEndpointConnectionId"`
	Service       string     `xml:"serviceId"`
	Endpoint      string     `xml:"vpcEndpointId"`
	Owner         string     `xml:"vpcEndpointOwner"`
	Region        string     `xml:"vpcEndpointRegion"`
	State         string     `xml:"vpcEndpointState"`
	Created       string     `xml:"creationTimestamp"`
	DNSEntries    []dnsEntry `xml:"dnsEntrySet>item"`
	LoadBalancers []string   `xml:"networkLoadBalancerArnSet>item"`
	IPAddressType string     `xml:"ipAddressType"`
	Tags          struct{}   `xml:"tagSet"`
}

// describeConnections lists the endpoints of all accounts that connect to the caller's services.
func (s *Service) describeConnections(r *sim.Request, f query.Form) (any, error) {
	var result struct {
		Connections []connectionItem `xml:"vpcEndpointConnectionSet>item"`
		NextToken   string           `xml:"nextToken,omitempty"`
	}
	endpoints, next, err := list(s, r, f, listing[*Endpoint]{
		table: s.state.Endpoints,
		sees: func(e *Endpoint) bool {
			service, ok := s.state.EndpointServices[e.ServiceID]
			return ok && service.ownedBy(r)
		},
		filters: map[string]func(*Endpoint) []string{
			"service-id":          one(func(e *Endpoint) string { return e.ServiceID }),
			"vpc-endpoint-id":     one(func(e *Endpoint) string { return e.ID }),
			"vpc-endpoint-owner":  one(func(e *Endpoint) string { return e.Owner }),
			"vpc-endpoint-state":  one(func(e *Endpoint) string { return e.State }),
			"ip-address-type":     one(func(e *Endpoint) string { return e.IPAddressType }),
			"vpc-endpoint-region": regionOfEndpoint,
		},
	})
	if err != nil {
		return nil, err
	}
	for _, e := range endpoints {
		result.Connections = append(result.Connections, connectionItem{
			ID: e.ConnectionID, Service: e.ServiceID, Endpoint: e.ID, Owner: e.Owner, Region: e.Region, State: e.State, Created: timestamp(e.Created),
			DNSEntries: s.dnsEntries(e), LoadBalancers: s.state.EndpointServices[e.ServiceID].LoadBalancers, IPAddressType: e.IPAddressType,
		})
	}
	result.NextToken = next
	return result, nil
}

// regionOfEndpoint is what the filter vpc-endpoint-region matches: the Region, and "cross-region" for all
// but the service's own.
func regionOfEndpoint(e *Endpoint) []string {
	if e.Region != e.ServiceRegion {
		return []string{e.Region, "cross-region"}
	}
	return []string{e.Region}
}

func (s *Service) acceptConnections(r *sim.Request, f query.Form) (any, error) {
	return s.decide(r, f, "accepted", []string{endpointPendingAcceptance}, s.provision)
}

// rejectConnections turns endpoints away, also those that were accepted before.
func (s *Service) rejectConnections(r *sim.Request, f query.Form) (any, error) {
	open := []string{endpointPendingAcceptance, endpointPending, endpointAvailable}
	return s.decide(r, f, "rejected", open, func(e *Endpoint) {
		e.enter(endpointRejected)
		e.PrivateDNS = false
	})
}

// decide carries a decision out on each of the endpoints named whose state permits it; the others are
// reported in the answer's list of failures.
func (s *Service) decide(r *sim.Request, f query.Form, decision string, from []string, carryOut func(*Endpoint)) (any, error) {
	service, err := s.endpointService(r, f)
	if err != nil {
		return nil, err
	}
	ids := f.List("VpcEndpointId")
	if len(ids) == 0 {
		return nil, missingParameter("VpcEndpointId")
	}
	return each(r, ids, func(id string) error {
		endpoint, ok := s.state.Endpoints[id]
		if !ok || endpoint.ServiceID != service.ID {
			return endpointNotFound(id)
		}
		if !slices.Contains(from, endpoint.State) {
			return sim.Errorf("InvalidState", "The VPC endpoint connection %s is in the state %s and cannot be %s.", id, endpoint.State, decision)
		}
		carryOut(endpoint)
		return nil
	})
}

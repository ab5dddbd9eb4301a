package network

import (
	"encoding/json"
	"net/http"
	"net/netip"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// VirtualNetwork is a network of a customer's own. Its subnets are resources beside it.
type VirtualNetwork struct {
	Prefixes []netip.Prefix  `json:"prefixes"`
	GUID     string          `json:"guid"`
	DHCP     json.RawMessage `json:"dhcp,omitempty"`
}

// networkBody is what a PUT says of a virtual network.
type networkBody struct {
	AddressSpace struct {
		AddressPrefixes []string `json:"addressPrefixes"`
	} `json:"addressSpace"`
	// Subnets are all that there shall be. Left out, they stay as they are (Azure Virtual Network, "What's new": updates
	// without the subnet property).
	Subnets     *[]namedSubnet  `json:"subnets"`
	DHCPOptions json.RawMessage `json:"dhcpOptions"`
}

type namedSubnet struct {
	Name       string     `json:"name"`
	Properties subnetBody `json:"properties"`
}

func (s *Service) networkRoutes() []arm.Route {
	const (
		all    = "/virtualNetworks"
		one    = groupPath + all + "/{network}"
		subnet = one + "/subnets/{subnet}"
	)
	return []arm.Route{
		route("virtualNetworks/read", http.MethodGet, subscriptionPath+all, s.networks),
		route("virtualNetworks/read", http.MethodGet, groupPath+all, s.networks),
		route("virtualNetworks/read", http.MethodGet, one, s.network),
		route("virtualNetworks/write", http.MethodPut, one, s.putNetwork),
		route("virtualNetworks/write", http.MethodPatch, one, s.tagNetwork),
		route("virtualNetworks/delete", http.MethodDelete, one, s.deleteNetwork),
		route("virtualNetworks/subnets/read", http.MethodGet, one+"/subnets", s.subnets),
		route("virtualNetworks/subnets/read", http.MethodGet, subnet, s.subnet),
		route("virtualNetworks/subnets/write", http.MethodPut, subnet, s.putSubnet),
		route("virtualNetworks/subnets/delete", http.MethodDelete, subnet, s.deleteSubnet),
	}
}

func (s *Service) showNetwork(network *arm.Resource[VirtualNetwork]) arm.View {
	var subnets []arm.View
	for _, subnet := range s.state.Subnets.Within(network.ID) {
		subnets = append(subnets, s.showSubnet(subnet))
	}
	return arm.Show(network, map[string]any{
		"provisioningState": s.world.State(network.ID, network.Failed), "resourceGuid": network.Properties.GUID,
		"addressSpace": map[string]any{"addressPrefixes": network.Properties.Prefixes},
		"subnets":      append([]arm.View{}, subnets...), "virtualNetworkPeerings": []any{}, "enableDdosProtection": false,
		"dhcpOptions": network.Properties.DHCP,
	})
}

func (s *Service) networks(r *arm.Request) (arm.Response, error) {
	var all []arm.View
	for _, network := range s.state.Networks.Within(r.Target().Scope()) {
		all = append(all, s.showNetwork(network))
	}
	return arm.Page(r, all), nil
}

func (s *Service) network(r *arm.Request) (arm.Response, error) {
	network, ok := s.state.Networks.Get(r.Target())
	if !ok {
		return arm.Response{}, arm.NotFound(r.Target())
	}
	return arm.OK(s.showNetwork(network)), nil
}

// putNetwork makes a virtual network or replaces what it says (Virtual Networks - Create Or Update).
func (s *Service) putNetwork(r *arm.Request) (arm.Response, error) {
	var body arm.Body[networkBody]
	if err := r.Read(&body); err != nil {
		return arm.Response{}, err
	}
	id := r.Target()
	network, exists := s.state.Networks.Get(id)
	if !exists {
		network = &arm.Resource[VirtualNetwork]{ID: id, Properties: VirtualNetwork{GUID: s.world.NewGUID(id.Key())}}
	}
	location, err := s.locate(id, body.Location, network.Location)
	if err != nil {
		return arm.Response{}, err
	}
	if err := r.Precondition(network.ETag); err != nil {
		return arm.Response{}, err
	}
	if err := s.freeNetwork(id); err != nil {
		return arm.Response{}, err
	}
	prefixes, err := readPrefixes(id, body.Properties.AddressSpace.AddressPrefixes)
	if err != nil {
		return arm.Response{}, err
	}
	changed := *network
	changed.Location, changed.Tags, changed.Failed = location, body.Tags, false
	changed.Properties.Prefixes, changed.Properties.DHCP = prefixes, body.Properties.DHCPOptions
	subnets, err := s.planSubnets(&changed, body.Properties.Subnets)
	if err != nil {
		return arm.Response{}, err
	}
	for _, old := range s.state.Subnets.Within(id) {
		s.state.Subnets.Remove(old.ID)
	}
	for _, subnet := range subnets {
		s.state.Subnets.Put(subnet)
	}
	changed.ETag = s.world.NewETag(id.Key())
	s.state.Networks.Put(&changed)
	op := s.begin(r, id, location, "virtualNetworks", arm.Operation{})
	return s.world.Accepted(r, op, putStatus(exists), s.showNetwork(&changed)), nil
}

// planSubnets are the subnets that a network shall have, each checked against the network and against one another.
func (s *Service) planSubnets(network *arm.Resource[VirtualNetwork], wanted *[]namedSubnet) ([]*arm.Resource[Subnet], error) {
	existing := s.state.Subnets.Within(network.ID)
	if wanted == nil {
		for _, subnet := range existing {
			if err := checkSubnet(network, subnet, nil); err != nil {
				return nil, err
			}
		}
		return existing, nil
	}
	var planned []*arm.Resource[Subnet]
	for _, one := range *wanted {
		subnet, err := s.planSubnet(network.ID.Child("subnets", one.Name), one.Properties)
		if err != nil {
			return nil, err
		}
		if err := checkSubnet(network, subnet, planned); err != nil {
			return nil, err
		}
		planned = append(planned, subnet)
	}
	for _, old := range existing {
		if !contains(planned, old.ID) {
			if err := s.unused(old.ID); err != nil {
				return nil, err
			}
		}
	}
	return planned, nil
}

func contains(subnets []*arm.Resource[Subnet], id arm.ID) bool {
	for _, subnet := range subnets {
		if subnet.ID.Is(id) {
			return true
		}
	}
	return false
}

// freeNetwork refuses changes of a network and of its subnets while one of them changes: they are one resource to
// Azure's locks.
func (s *Service) freeNetwork(id arm.ID) error {
	ids := []arm.ID{id}
	for _, subnet := range s.state.Subnets.Within(id) {
		ids = append(ids, subnet.ID)
	}
	return s.world.Free(ids...)
}

// tagNetwork changes tags alone (Virtual Networks - Update Tags).
func (s *Service) tagNetwork(r *arm.Request) (arm.Response, error) {
	network, ok := s.state.Networks.Get(r.Target())
	if !ok {
		return arm.Response{}, arm.NotFound(r.Target())
	}
	var body arm.Body[struct{}]
	if err := r.Read(&body); err != nil {
		return arm.Response{}, err
	}
	network.Tags, network.ETag = body.Tags, s.world.NewETag(network.ID.Key())
	return arm.OK(s.showNetwork(network)), nil
}

func (s *Service) deleteNetwork(r *arm.Request) (arm.Response, error) {
	id := r.Target()
	network, ok := s.state.Networks.Get(id)
	if !ok {
		return arm.NoContent(), nil
	}
	if err := s.freeNetwork(id); err != nil {
		return arm.Response{}, err
	}
	for _, subnet := range s.state.Subnets.Within(id) {
		if err := s.unused(subnet.ID); err != nil {
			return arm.Response{}, err
		}
	}
	return s.deleted(r, id, network.Location, "virtualNetworks"), nil
}

// readPrefixes reads an address space, of which each part must be written with no bits beyond its length.
func readPrefixes(id arm.ID, texts []string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for _, text := range texts {
		prefix, err := netip.ParsePrefix(text)
		if err != nil || prefix != prefix.Masked() {
			return nil, arm.Errorf("InvalidCIDRNotation", "The address prefix %s in resource %s has an invalid CIDR notation.", text, id)
		}
		for _, other := range prefixes {
			if other.Overlaps(prefix) {
				return nil, arm.Errorf("NetcfgAddressSpacesOverlap", "Address prefixes %s and %s of %s overlap.", other, prefix, id)
			}
		}
		prefixes = append(prefixes, prefix)
	}
	if len(prefixes) == 0 {
		return nil, arm.Errorf("InvalidRequestFormat", "Cannot parse the request: resource %s needs address prefixes.", id)
	}
	return prefixes, nil
}

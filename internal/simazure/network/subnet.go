package network

import (
	"encoding/json"
	"net/netip"
	"strings"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// Subnet is a part of a virtual network's address space.
type Subnet struct {
	Prefixes []netip.Prefix `json:"prefixes"`
	Plural   bool           `json:"plural,omitempty"` // it was given addressPrefixes
	// EndpointPolicies and ServicePolicies tell whether network policies apply to private endpoints and to private link
	// services in the subnet. A private link service cannot be where they do (Azure Private Link, "Disable network
	// policies for Private Link service source IP").
	EndpointPolicies string `json:"endpointPolicies"`
	ServicePolicies  string `json:"servicePolicies"`
	// Others are the properties that mean nothing here, and are kept as they were given.
	Others map[string]json.RawMessage `json:"others,omitempty"`
}

// subnetBody is what a PUT says of a subnet. It replaces all: what is left out gets its default again.
type subnetBody struct {
	AddressPrefix                     string   `json:"addressPrefix"`
	AddressPrefixes                   []string `json:"addressPrefixes"`
	PrivateEndpointNetworkPolicies    string   `json:"privateEndpointNetworkPolicies"`
	PrivateLinkServiceNetworkPolicies string   `json:"privateLinkServiceNetworkPolicies"`
	others                            map[string]json.RawMessage
}

// keptOfSubnets are the properties that mean nothing here.
func keptOfSubnets() []string {
	return []string{"networkSecurityGroup", "routeTable", "natGateway", "delegations", "serviceEndpoints", "serviceEndpointPolicies", "defaultOutboundAccess", "sharingScope"}
}

// UnmarshalJSON also keeps the properties that mean nothing here.
func (b *subnetBody) UnmarshalJSON(data []byte) error {
	type plain subnetBody
	if err := json.Unmarshal(data, (*plain)(b)); err != nil {
		return err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	b.others = map[string]json.RawMessage{}
	for _, name := range keptOfSubnets() {
		if value, ok := all[name]; ok && string(value) != "null" {
			b.others[name] = value
		}
	}
	return nil
}

func (s *Service) showSubnet(subnet *arm.Resource[Subnet]) arm.View {
	p := subnet.Properties
	shown := map[string]any{
		"provisioningState":              s.world.State(subnet.ID, subnet.Failed),
		"privateEndpointNetworkPolicies": p.EndpointPolicies, "privateLinkServiceNetworkPolicies": p.ServicePolicies,
		"delegations": []any{},
	}
	for name, value := range p.Others {
		shown[name] = value
	}
	if p.Plural {
		shown["addressPrefixes"] = p.Prefixes
	} else {
		shown["addressPrefix"] = p.Prefixes[0]
	}
	var configurations, endpoints []arm.Ref
	for _, use := range s.uses(subnet.ID) {
		configurations = append(configurations, arm.Ref{ID: use.By})
	}
	for _, endpoint := range s.state.Endpoints.All() {
		if endpoint.Properties.Subnet.Is(subnet.ID) {
			endpoints = append(endpoints, arm.Ref{ID: endpoint.ID})
		}
	}
	if configurations != nil {
		shown["ipConfigurations"] = configurations
	}
	if endpoints != nil {
		shown["privateEndpoints"], shown["purpose"] = endpoints, "PrivateEndpoints"
	}
	return arm.Show(subnet, shown)
}

func (s *Service) subnets(r *arm.Request) (arm.Response, error) {
	id := r.Target()
	if _, ok := s.state.Networks.Get(id); !ok {
		return arm.Response{}, arm.NotFound(id)
	}
	var all []arm.View
	for _, subnet := range s.state.Subnets.Within(id) {
		all = append(all, s.showSubnet(subnet))
	}
	return arm.Page(r, all), nil
}

func (s *Service) subnet(r *arm.Request) (arm.Response, error) {
	id := r.Target()
	subnet, ok := s.state.Subnets.Get(id)
	if ok {
		return arm.OK(s.showSubnet(subnet)), nil
	}
	if _, ok := s.state.Networks.Get(id.Parent()); !ok {
		return arm.Response{}, arm.NotFound(id.Parent())
	}
	return arm.Response{}, arm.ChildNotFound(id)
}

// putSubnet makes a subnet or replaces what it says (Subnets - Create Or Update).
func (s *Service) putSubnet(r *arm.Request) (arm.Response, error) {
	var body arm.Body[subnetBody]
	if err := r.Read(&body); err != nil {
		return arm.Response{}, err
	}
	id := r.Target()
	network, ok := s.state.Networks.Get(id.Parent())
	if !ok {
		return arm.Response{}, arm.NotFound(id.Parent())
	}
	old, exists := s.state.Subnets.Get(id)
	etag := ""
	if exists {
		etag = old.ETag
	}
	if err := r.Precondition(etag); err != nil {
		return arm.Response{}, err
	}
	if err := s.freeNetwork(network.ID); err != nil {
		return arm.Response{}, err
	}
	subnet, err := s.planSubnet(id, body.Properties)
	if err != nil {
		return arm.Response{}, err
	}
	if err := checkSubnet(network, subnet, s.state.Subnets.Within(network.ID)); err != nil {
		return arm.Response{}, err
	}
	s.state.Subnets.Put(subnet)
	network.ETag = s.world.NewETag(network.ID.Key(), id.Key())
	op := s.begin(r, id, network.Location, "subnets", arm.Operation{Holds: []arm.ID{network.ID}})
	return s.world.Accepted(r, op, putStatus(exists), s.showSubnet(subnet)), nil
}

// planSubnet is a subnet as a body wants it, where that does not hurt those who use it now.
func (s *Service) planSubnet(id arm.ID, body subnetBody) (*arm.Resource[Subnet], error) {
	texts := body.AddressPrefixes
	if len(texts) == 0 {
		texts = []string{body.AddressPrefix}
	}
	prefixes, err := readPrefixes(id, texts)
	if err != nil {
		return nil, err
	}
	planned := &arm.Resource[Subnet]{ID: id, ETag: s.world.NewETag(id.Key()), Properties: Subnet{
		Prefixes: prefixes, Plural: len(body.AddressPrefixes) > 0, Others: body.others,
		EndpointPolicies: orDefault(body.PrivateEndpointNetworkPolicies, "Disabled"), ServicePolicies: orDefault(body.PrivateLinkServiceNetworkPolicies, "Enabled"),
	}}
	for _, use := range s.uses(id) {
		if !holds(prefixes, use.Address) {
			return nil, arm.Errorf("InUsePrefixCannotBeDeleted", "IpPrefix of subnet %s is in use by %s and cannot be deleted.", id, use.By)
		}
	}
	if planned.Properties.ServicePolicies != "Disabled" {
		for _, service := range s.state.Services.All() {
			if service.Properties.in(id) {
				return nil, arm.Errorf("PrivateLinkServiceNetworkPoliciesCannotBeEnabledOnPrivateLinkServiceSubnet",
					"Private link service network policies cannot be enabled on private link service subnet %s.", id)
			}
		}
	}
	return planned, nil
}

func orDefault(value, normal string) string {
	if value == "" {
		return normal
	}
	return value
}

// checkSubnet holds a subnet against its network and the other subnets (Azure Virtual Network FAQ: the smallest is a
// /29).
func checkSubnet(network *arm.Resource[VirtualNetwork], subnet *arm.Resource[Subnet], others []*arm.Resource[Subnet]) error {
	for _, prefix := range subnet.Properties.Prefixes {
		inside := false
		for _, space := range network.Properties.Prefixes {
			inside = inside || space.Bits() <= prefix.Bits() && space.Contains(prefix.Addr())
		}
		if !inside || prefix.Addr().Is4() && prefix.Bits() > 29 {
			return arm.Errorf("NetcfgInvalidSubnet", "Subnet '%s' is not valid in virtual network '%s'.", subnet.ID.Name(), network.ID.Name())
		}
		for _, other := range others {
			for _, taken := range other.Properties.Prefixes {
				if !other.ID.Is(subnet.ID) && taken.Overlaps(prefix) {
					return arm.Errorf("NetcfgSubnetRangesOverlap", "Subnet '%s' is not valid because its IP address range overlaps with that of an existing subnet in virtual network '%s'.", subnet.ID.Name(), network.ID.Name())
				}
			}
		}
	}
	return nil
}

func (s *Service) deleteSubnet(r *arm.Request) (arm.Response, error) {
	id := r.Target()
	network, ok := s.state.Networks.Get(id.Parent())
	if !ok {
		return arm.Response{}, arm.NotFound(id.Parent())
	}
	if _, ok := s.state.Subnets.Get(id); !ok {
		return arm.NoContent(), nil
	}
	if err := s.freeNetwork(network.ID); err != nil {
		return arm.Response{}, err
	}
	if err := s.unused(id); err != nil {
		return arm.Response{}, err
	}
	return s.deleted(r, id, network.Location, "subnets", network.ID), nil
}

// unused refuses to take a subnet away that something is in.
func (s *Service) unused(id arm.ID) error {
	if uses := s.uses(id); len(uses) > 0 {
		return subnetInUse(id, uses[0].By)
	}
	return nil
}

func subnetInUse(id, by arm.ID) *arm.Error {
	return arm.Errorf("InUseSubnetCannotBeDeleted",
		"Subnet %s is in use by %s and cannot be deleted. In order to delete the subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.", id.Name(), by)
}

// findSubnet is the subnet that a resource refers to; the caller must be allowed to let something join it.
func (s *Service) findSubnet(r *arm.Request, id, by arm.ID) (*arm.Resource[Subnet], *arm.Resource[VirtualNetwork], error) {
	if !id.HasType(Namespace + "/virtualNetworks/subnets") {
		return nil, nil, arm.Errorf("LinkedInvalidPropertyId", "Property id '%s' at path 'properties.subnet.id' is invalid. Expect fully qualified resource Id that start with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.", id)
	}
	if err := r.Linked(Namespace+"/virtualNetworks/subnets/join/action", id); err != nil {
		return nil, nil, err
	}
	subnet, ok := s.state.Subnets.Get(id)
	network, found := s.state.Networks.Get(id.Parent())
	if !ok || !found || !strings.EqualFold(id.Subscription(), by.Subscription()) && s.tenantOf(id) != s.tenantOf(by) {
		return nil, nil, arm.InvalidReference(id, by)
	}
	return subnet, network, s.notDeleting(subnet.ID, network.ID)
}

// notDeleting refuses to build upon what is going away.
func (s *Service) notDeleting(ids ...arm.ID) error {
	for _, id := range ids {
		if op := s.world.On(id); op != nil && (op.Deletes || op.Action == "virtualNetworks/write") {
			return arm.Locked(id, op.ID)
		}
	}
	return nil
}

// tenantOf is the tenant of an id's subscription.
func (s *Service) tenantOf(id arm.ID) string {
	if sub, ok := s.world.Subscriptions[strings.ToLower(id.Subscription())]; ok {
		return sub.Tenant
	}
	return ""
}

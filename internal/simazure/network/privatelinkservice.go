package network

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// PrivateLinkService lets private endpoints of other networks, subscriptions and tenants reach a load balancer (Azure
// Private Link, "What is Azure Private Link service?").
type PrivateLinkService struct {
	Frontends    []arm.ID      `json:"frontends"`
	NAT          []natAddress  `json:"nat"`
	Visibility   []string      `json:"visibility,omitempty"`   // subscriptions, or "*" for all
	AutoApproval []string      `json:"autoApproval,omitempty"` // subscriptions, or "*" for all that see it
	Proxy        bool          `json:"proxy,omitempty"`
	FQDNs        []string      `json:"fqdns,omitempty"`
	AccessMode   string        `json:"accessMode,omitempty"`
	Destination  string        `json:"destination,omitempty"`
	Alias        string        `json:"alias"`
	Interface    arm.ID        `json:"interface"`
	Connections  []*Connection `json:"connections,omitempty"`
}

// natAddress is an address from which consumers' traffic comes to the load balancer.
type natAddress struct {
	IPConfiguration
	Version string `json:"version"`
}

func (p PrivateLinkService) uses(frontend arm.ID) bool {
	return slices.ContainsFunc(p.Frontends, frontend.Is)
}

// in reports whether the service has an address in a subnet.
func (p PrivateLinkService) in(subnet arm.ID) bool {
	return slices.ContainsFunc(p.NAT, func(n natAddress) bool { return n.Subnet.Is(subnet) })
}

// servicesOf are the private link services before a load balancer.
func (s *Service) servicesOf(balancer arm.ID) []*arm.Resource[PrivateLinkService] {
	var found []*arm.Resource[PrivateLinkService]
	for _, service := range s.state.Services.All() {
		if slices.ContainsFunc(service.Properties.Frontends, func(f arm.ID) bool { return f.Within(balancer) }) {
			found = append(found, service)
		}
	}
	return found
}

func (s *Service) serviceRoutes() []arm.Route {
	const (
		all        = "/privateLinkServices"
		one        = groupPath + all + "/{service}"
		connection = one + "/privateEndpointConnections/{connection}"
		location   = "/locations/{location}"
		check      = location + "/checkPrivateLinkServiceVisibility"
		approved   = location + "/autoApprovedPrivateLinkServices"
	)
	return []arm.Route{
		route("privateLinkServices/read", http.MethodGet, subscriptionPath+all, s.services),
		route("privateLinkServices/read", http.MethodGet, groupPath+all, s.services),
		route("privateLinkServices/read", http.MethodGet, one, s.service),
		route("privateLinkServices/write", http.MethodPut, one, s.putService),
		route("privateLinkServices/delete", http.MethodDelete, one, s.deleteService),
		route("privateLinkServices/privateEndpointConnections/read", http.MethodGet, one+"/privateEndpointConnections", s.connections),
		route("privateLinkServices/privateEndpointConnections/read", http.MethodGet, connection, s.connection),
		route("privateLinkServices/privateEndpointConnections/write", http.MethodPut, connection, s.decide),
		route("privateLinkServices/privateEndpointConnections/delete", http.MethodDelete, connection, s.deleteConnection),
		route("locations/checkPrivateLinkServiceVisibility/action", http.MethodPost, subscriptionPath+check, s.checkVisibility),
		route("locations/checkPrivateLinkServiceVisibility/action", http.MethodPost, groupPath+check, s.checkVisibility),
		route("locations/autoApprovedPrivateLinkServices/read", http.MethodGet, subscriptionPath+approved, s.autoApproved),
		route("locations/autoApprovedPrivateLinkServices/read", http.MethodGet, groupPath+approved, s.autoApproved),
	}
}

func (s *Service) showService(service *arm.Resource[PrivateLinkService]) arm.View {
	p := service.Properties
	state := s.world.State(service.ID, service.Failed)
	var frontends []arm.Ref
	for _, f := range p.Frontends {
		frontends = append(frontends, arm.Ref{ID: f})
	}
	var nat []any
	for _, n := range p.NAT {
		properties := map[string]any{
			"provisioningState": state, "primary": n.Primary, "privateIPAllocationMethod": allocation(n.Static), "privateIPAddressVersion": n.Version,
			"subnet": arm.Ref{ID: n.Subnet},
		}
		if n.Static {
			properties["privateIPAddress"] = n.Address
		}
		id := service.ID.Child("ipConfigurations", n.Name)
		nat = append(nat, arm.View{ID: id, Name: n.Name, Type: id.Type(), ETag: service.ETag, Properties: properties})
	}
	connections := []arm.View{}
	for _, c := range p.Connections {
		connections = append(connections, s.showConnection(service, c))
	}
	shown := map[string]any{
		"provisioningState": state, "alias": p.Alias, "loadBalancerFrontendIpConfigurations": frontends, "ipConfigurations": nat,
		"visibility": map[string]any{"subscriptions": append([]string{}, p.Visibility...)}, "autoApproval": map[string]any{"subscriptions": append([]string{}, p.AutoApproval...)},
		"enableProxyProtocol": p.Proxy, "fqdns": append([]string{}, p.FQDNs...), "accessMode": orDefault(p.AccessMode, "Default"),
		"networkInterfaces": []arm.Ref{{ID: p.Interface}}, "privateEndpointConnections": connections,
	}
	if p.Destination != "" {
		shown["destinationIPAddress"] = p.Destination
	}
	return arm.Show(service, shown)
}

func (s *Service) services(r *arm.Request) (arm.Response, error) {
	var all []arm.View
	for _, service := range s.state.Services.Within(r.Target().Scope()) {
		all = append(all, s.showService(service))
	}
	return arm.Page(r, all), nil
}

func (s *Service) service(r *arm.Request) (arm.Response, error) {
	service, ok := s.state.Services.Get(r.Target())
	if !ok {
		return arm.Response{}, arm.NotFound(r.Target())
	}
	return arm.OK(s.showService(service)), nil
}

func (s *Service) deleteService(r *arm.Request) (arm.Response, error) {
	id := r.Target()
	service, ok := s.state.Services.Get(id)
	if !ok {
		return arm.NoContent(), nil
	}
	if err := s.world.Free(id); err != nil {
		return arm.Response{}, err
	}
	if len(service.Properties.Connections) > 0 {
		return arm.Response{}, connectedService(service)
	}
	return s.deleted(r, id, service.Location, "privateLinkServices"), nil
}

// connectedService is the refusal to delete a service with connections, whatever their state (the article that
// balancerInUse names).
func connectedService(service *arm.Resource[PrivateLinkService]) *arm.Error {
	n := len(service.Properties.Connections)
	plural := "s"
	if n == 1 {
		plural = ""
	}
	return arm.Errorf("PrivateLinkServiceWithPrivateEndpointConnectionsCannotBeDeleted",
		"Private link service %s cannot be deleted since it has %d private endpoint connection%s. Please delete all private endpoint connections before deleting the private link service.", service.ID, n, plural)
}

// aliasOf is a new service's globally unique name (Azure Private Link, "What is Azure Private Link service?", "Alias").
func (s *Service) aliasOf(id arm.ID, location string) string {
	return fmt.Sprintf("%s.%s.%s.azure.privatelinkservice", id.Name(), s.world.NewGUID(id.Key(), "alias"), location)
}

// byName finds the service that a consumer names: by its resource id or, isAlias, by its alias.
func (s *Service) byName(name string) (service *arm.Resource[PrivateLinkService], isAlias bool) {
	if strings.HasPrefix(name, "/") {
		service, _ = s.state.Services.Get(arm.ID(name))
		return service, false
	}
	for _, one := range s.state.Services.All() {
		if strings.EqualFold(one.Properties.Alias, name) {
			return one, true
		}
	}
	return nil, true
}

func addresses(nat []natAddress) []netip.Addr {
	var all []netip.Addr
	for _, n := range nat {
		all = append(all, n.Address)
	}
	return all
}

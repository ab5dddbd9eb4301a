package network

import (
	"encoding/json"
	"net/http"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// PrivateEndpoint is the consumer's end of a connection: an address in a subnet of its own behind which is the service
// (Azure Private Link, "What is a private endpoint?").
type PrivateEndpoint struct {
	Subnet     arm.ID             `json:"subnet"`
	Connection endpointConnection `json:"connection"`
	Interface  arm.ID             `json:"interface"`
	CustomNIC  string             `json:"customNic,omitempty"`
	// Addresses are the static addresses that were asked for.
	Addresses []endpointAddress `json:"addresses,omitempty"`
	DNS       json.RawMessage   `json:"dns,omitempty"`    // customDnsConfigs, as they were given
	Groups    json.RawMessage   `json:"groups,omitempty"` // applicationSecurityGroups, as they were given
}

// endpointConnection is what the consumer says of the connection, and what has become of it.
type endpointConnection struct {
	Name     string          `json:"name"`
	Manual   bool            `json:"manual,omitempty"` // somebody else has to approve it
	Named    string          `json:"named"`            // the service as the consumer names it: an id, or an alias
	Service  arm.ID          `json:"service"`          // its id
	GroupIDs []string        `json:"groupIds,omitempty"`
	Message  string          `json:"message,omitempty"`
	State    connectionState `json:"state"`
}

type endpointAddress struct {
	Name       string `json:"name"`
	Properties struct {
		GroupID          string `json:"groupId"`
		MemberName       string `json:"memberName"`
		PrivateIPAddress string `json:"privateIPAddress"`
	} `json:"properties"`
}

func (s *Service) endpointRoutes() []arm.Route {
	const (
		all = "/privateEndpoints"
		one = groupPath + all + "/{endpoint}"
	)
	return []arm.Route{
		route("privateEndpoints/read", http.MethodGet, subscriptionPath+all, s.endpoints),
		route("privateEndpoints/read", http.MethodGet, groupPath+all, s.endpoints),
		route("privateEndpoints/read", http.MethodGet, one, s.endpoint),
		route("privateEndpoints/write", http.MethodPut, one, s.putEndpoint),
		route("privateEndpoints/delete", http.MethodDelete, one, s.deleteEndpoint),
		route("privateEndpoints/privateDnsZoneGroups/read", http.MethodGet, one+"/privateDnsZoneGroups", s.zoneGroups),
	}
}

func (s *Service) showEndpoint(endpoint *arm.Resource[PrivateEndpoint]) arm.View {
	p := endpoint.Properties
	state := s.world.State(endpoint.ID, endpoint.Failed)
	kind := "privateLinkServiceConnections"
	if p.Connection.Manual {
		kind = "manualPrivateLinkServiceConnections"
	}
	id := endpoint.ID.Child(kind, p.Connection.Name)
	properties := map[string]any{
		"provisioningState": state, "privateLinkServiceId": p.Connection.Named, "groupIds": append([]string{}, p.Connection.GroupIDs...),
		"privateLinkServiceConnectionState": p.Connection.State,
	}
	if p.Connection.Message != "" {
		properties["requestMessage"] = p.Connection.Message
	}
	shown := map[string]any{
		"provisioningState": state, "resourceGuid": arm.StableGUID(endpoint.ID.Key()), "subnet": arm.Ref{ID: p.Subnet},
		"networkInterfaces": []arm.Ref{{ID: p.Interface}}, "customNetworkInterfaceName": p.CustomNIC, "ipVersionType": "IPv4",
		"ipConfigurations": s.showAddresses(endpoint), "customDnsConfigs": orEmptyList(p.DNS), "applicationSecurityGroups": orEmptyList(p.Groups),
		"privateLinkServiceConnections": []any{}, "manualPrivateLinkServiceConnections": []any{},
	}
	shown[kind] = []arm.View{{ID: id, Name: p.Connection.Name, Type: id.Type(), ETag: endpoint.ETag, Properties: properties}}
	return arm.Show(endpoint, shown)
}

func (s *Service) showAddresses(endpoint *arm.Resource[PrivateEndpoint]) []any {
	all := []any{}
	for _, a := range endpoint.Properties.Addresses {
		id := endpoint.ID.Child("ipConfigurations", a.Name)
		all = append(all, arm.View{ID: id, Name: a.Name, Type: id.Type(), ETag: endpoint.ETag, Properties: a.Properties})
	}
	return all
}

func (s *Service) endpoints(r *arm.Request) (arm.Response, error) {
	var all []arm.View
	for _, endpoint := range s.state.Endpoints.Within(r.Target().Scope()) {
		all = append(all, s.showEndpoint(endpoint))
	}
	return arm.Page(r, all), nil
}

func (s *Service) endpoint(r *arm.Request) (arm.Response, error) {
	endpoint, ok := s.state.Endpoints.Get(r.Target())
	if !ok {
		return arm.Response{}, arm.NotFound(r.Target())
	}
	return arm.OK(s.showEndpoint(endpoint)), nil
}

// zoneGroups is an empty list: zone groups are for Azure's own services, whose names Azure knows.
func (s *Service) zoneGroups(r *arm.Request) (arm.Response, error) {
	if _, ok := s.state.Endpoints.Get(r.Target()); !ok {
		return arm.Response{}, arm.NotFound(r.Target())
	}
	return arm.Page(r, []any{}), nil
}

// deleteEndpoint ends a connection from the consumer's side (Private Endpoints - Delete).
func (s *Service) deleteEndpoint(r *arm.Request) (arm.Response, error) {
	id := r.Target()
	endpoint, ok := s.state.Endpoints.Get(id)
	if !ok {
		return arm.NoContent(), nil
	}
	if err := s.world.Free(id); err != nil {
		return arm.Response{}, err
	}
	return s.deleted(r, id, endpoint.Location, "privateEndpoints"), nil
}

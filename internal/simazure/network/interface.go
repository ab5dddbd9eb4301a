package network

import (
	"fmt"
	"net/http"
	"net/netip"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// Interface is a network interface of a private endpoint or of a private link service. It comes and goes with its
// owner; others there are none, as there are no machines.
type Interface struct {
	Owner          arm.ID            `json:"owner"`
	GUID           string            `json:"guid"`
	Configurations []IPConfiguration `json:"configurations"`
}

// IPConfiguration is an address in a subnet.
type IPConfiguration struct {
	Name    string     `json:"name"`
	Subnet  arm.ID     `json:"subnet"`
	Address netip.Addr `json:"address"`
	Static  bool       `json:"static,omitempty"`
	Primary bool       `json:"primary,omitempty"`
}

// allocation is the method in Azure's words.
func allocation(static bool) string {
	if static {
		return "Static"
	}
	return "Dynamic"
}

func (s *Service) interfaceRoutes() []arm.Route {
	const (
		all = "/networkInterfaces"
		one = groupPath + all + "/{interface}"
	)
	return []arm.Route{
		route("networkInterfaces/read", http.MethodGet, subscriptionPath+all, s.interfaces),
		route("networkInterfaces/read", http.MethodGet, groupPath+all, s.interfaces),
		route("networkInterfaces/read", http.MethodGet, one, s.networkInterface),
		route("networkInterfaces/write", http.MethodPut, one, s.refuseInterface),
		route("networkInterfaces/delete", http.MethodDelete, one, s.refuseInterface),
	}
}

func (s *Service) showInterface(nic *arm.Resource[Interface]) arm.View {
	p := nic.Properties
	state := s.world.State(p.Owner, false)
	if state == "Updating" {
		state = "Succeeded"
	}
	var configurations []any
	for _, c := range p.Configurations {
		configurations = append(configurations, map[string]any{
			"id": nic.ID.Child("ipConfigurations", c.Name), "name": c.Name, "type": Namespace + "/networkInterfaces/ipConfigurations", "etag": nic.ETag,
			"properties": map[string]any{
				"provisioningState": state, "privateIPAddress": c.Address, "privateIPAllocationMethod": allocation(c.Static),
				"privateIPAddressVersion": "IPv4", "primary": c.Primary, "subnet": arm.Ref{ID: c.Subnet},
			},
		})
	}
	shown := map[string]any{
		"provisioningState": state, "resourceGuid": p.GUID, "ipConfigurations": configurations, "dnsSettings": map[string]any{"dnsServers": []string{}},
		"enableAcceleratedNetworking": false, "enableIPForwarding": false, "nicType": "Standard", "macAddress": "",
	}
	if p.Owner.HasType(Namespace + "/privateEndpoints") {
		shown["privateEndpoint"] = arm.Ref{ID: p.Owner}
	} else {
		shown["privateLinkService"] = arm.Ref{ID: p.Owner}
	}
	return arm.Show(nic, shown)
}

func (s *Service) interfaces(r *arm.Request) (arm.Response, error) {
	var all []arm.View
	for _, nic := range s.state.Interfaces.Within(r.Target().Scope()) {
		all = append(all, s.showInterface(nic))
	}
	return arm.Page(r, all), nil
}

func (s *Service) networkInterface(r *arm.Request) (arm.Response, error) {
	nic, ok := s.state.Interfaces.Get(r.Target())
	if !ok {
		return arm.Response{}, arm.NotFound(r.Target())
	}
	return arm.OK(s.showInterface(nic)), nil
}

// refuseInterface keeps users from what belongs to a private endpoint or a private link service: its network interface
// is read-only for as long as its owner is there (Azure Private Link, "What is a private endpoint?").
func (s *Service) refuseInterface(r *arm.Request) (arm.Response, error) {
	id := r.Target()
	nic, ok := s.state.Interfaces.Get(id)
	switch {
	case !ok && r.Method == http.MethodDelete:
		return arm.NoContent(), nil
	case !ok:
		return arm.Response{}, &arm.Error{Status: http.StatusNotImplemented, Code: "NotImplemented", Message: "The simulated Azure has no machines, and makes no network interfaces for them."}
	}
	owner := "private endpoint"
	if !nic.Properties.Owner.HasType(Namespace + "/privateEndpoints") {
		owner = "private link service"
	}
	return arm.Response{}, arm.Errorf("CannotModifyNetworkInterfaceOfManagedResource", "Network interface %s belongs to %s %s, and cannot be changed or deleted but with it.", id, owner, nic.Properties.Owner)
}

// putInterface makes or changes the network interface of an owner, in its group.
func (s *Service) putInterface(owner arm.ID, location, name string, configurations []IPConfiguration) arm.ID {
	guid := s.world.NewGUID(owner.Key(), "nic")
	if name == "" {
		name = fmt.Sprintf("%s.nic.%s", owner.Name(), guid)
	}
	id := owner.GroupID().Child("providers", Namespace) + arm.ID("/networkInterfaces/"+name)
	s.state.Interfaces.Put(&arm.Resource[Interface]{
		ID: id, ETag: s.world.NewETag(id.Key()), Location: location, Properties: Interface{Owner: owner, GUID: guid, Configurations: configurations},
	})
	return id
}

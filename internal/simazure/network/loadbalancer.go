package network

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// LoadBalancer distributes what arrives at its frontends. A private link service stands before the frontends of an
// internal one of the Standard SKU.
type LoadBalancer struct {
	SKU       sku        `json:"sku"`
	Frontends []Frontend `json:"frontends"`
	// Pools, Rules and so on are what Private Link does not look into, as they were given.
	Children map[string][]child `json:"children"`
}

type sku struct {
	Name string `json:"name"`
	Tier string `json:"tier"`
}

// Frontend is an address at which a load balancer listens.
type Frontend struct {
	Name     string     `json:"name"`
	Subnet   arm.ID     `json:"subnet,omitempty"` // of an internal one
	Address  netip.Addr `json:"address"`
	Static   bool       `json:"static,omitempty"`
	PublicIP arm.ID     `json:"publicIp,omitempty"` // of a public one
	Zones    []string   `json:"zones,omitempty"`
}

// child is a part of a load balancer that Private Link does not look into: a rule, a probe, a pool.
type child struct {
	Name       string         `json:"name"`
	Properties map[string]any `json:"properties"`
}

// balancerBody is what a PUT says of a load balancer. It replaces all.
type balancerBody struct {
	FrontendIPConfigurations []frontendBody `json:"frontendIPConfigurations"`
	children                 map[string][]child
}

type frontendBody struct {
	Name       string   `json:"name"`
	Zones      []string `json:"zones"`
	Properties struct {
		PrivateIPAddress          string   `json:"privateIPAddress"`
		PrivateIPAllocationMethod string   `json:"privateIPAllocationMethod"`
		Subnet                    *arm.Ref `json:"subnet"`
		PublicIPAddress           *arm.Ref `json:"publicIPAddress"`
	} `json:"properties"`
}

// childKinds are the parts of a load balancer beside its frontends.
func childKinds() []string {
	return []string{"backendAddressPools", "loadBalancingRules", "probes", "inboundNatRules", "inboundNatPools", "outboundRules"}
}

// UnmarshalJSON also keeps the parts that Private Link does not look into.
func (b *balancerBody) UnmarshalJSON(data []byte) error {
	type plain balancerBody
	if err := json.Unmarshal(data, (*plain)(b)); err != nil {
		return err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	b.children = map[string][]child{}
	for _, kind := range childKinds() {
		var list []child
		if err := json.Unmarshal(orEmptyList(all[kind]), &list); err != nil {
			return err
		}
		b.children[kind] = list
	}
	return nil
}

func orEmptyList(data json.RawMessage) json.RawMessage {
	if len(data) == 0 {
		return json.RawMessage("[]")
	}
	return data
}

func (s *Service) loadBalancerRoutes() []arm.Route {
	const (
		all = "/loadBalancers"
		one = groupPath + all + "/{balancer}"
	)
	return []arm.Route{
		route("loadBalancers/read", http.MethodGet, subscriptionPath+all, s.loadBalancers),
		route("loadBalancers/read", http.MethodGet, groupPath+all, s.loadBalancers),
		route("loadBalancers/read", http.MethodGet, one, s.loadBalancer),
		route("loadBalancers/write", http.MethodPut, one, s.putLoadBalancer),
		route("loadBalancers/write", http.MethodPatch, one, s.tagLoadBalancer),
		route("loadBalancers/delete", http.MethodDelete, one, s.deleteLoadBalancer),
		route("loadBalancers/frontendIPConfigurations/read", http.MethodGet, one+"/frontendIPConfigurations", s.frontends),
		route("loadBalancers/frontendIPConfigurations/read", http.MethodGet, one+"/frontendIPConfigurations/{frontend}", s.frontend),
	}
}

// frontendID is the id of a frontend of a load balancer.
func frontendID(balancer arm.ID, name string) arm.ID {
	return balancer.Child("frontendIPConfigurations", name)
}

func (s *Service) showLoadBalancer(balancer *arm.Resource[LoadBalancer]) arm.View {
	shown := map[string]any{
		"provisioningState": s.world.State(balancer.ID, balancer.Failed), "resourceGuid": arm.StableGUID(balancer.ID.Key()),
		"frontendIPConfigurations": s.showFrontends(balancer),
	}
	for _, kind := range childKinds() {
		children := []any{}
		for _, c := range balancer.Properties.Children[kind] {
			children = append(children, s.showChild(balancer, kind, c))
		}
		shown[kind] = children
	}
	view := arm.Show(balancer, shown)
	view.SKU = balancer.Properties.SKU
	return view
}

func (s *Service) showChild(balancer *arm.Resource[LoadBalancer], kind string, c child) arm.View {
	properties := map[string]any{"provisioningState": s.world.State(balancer.ID, balancer.Failed)}
	for name, value := range c.Properties {
		properties[name] = value
	}
	id := balancer.ID.Child(kind, c.Name)
	return arm.View{ID: id, Name: c.Name, Type: id.Type(), ETag: balancer.ETag, Properties: properties}
}

func (s *Service) showFrontends(balancer *arm.Resource[LoadBalancer]) []any {
	all := []any{}
	for _, f := range balancer.Properties.Frontends {
		id := frontendID(balancer.ID, f.Name)
		properties := map[string]any{"provisioningState": s.world.State(balancer.ID, balancer.Failed), "privateIPAllocationMethod": allocation(f.Static)}
		if f.Subnet != "" {
			properties["privateIPAddress"], properties["privateIPAddressVersion"], properties["subnet"] = f.Address, "IPv4", arm.Ref{ID: f.Subnet}
		} else {
			properties["publicIPAddress"] = arm.Ref{ID: f.PublicIP}
		}
		var rules []arm.Ref
		for _, rule := range balancer.Properties.Children["loadBalancingRules"] {
			if ref, ok := rule.Properties["frontendIPConfiguration"].(map[string]any); ok && strings.EqualFold(text(ref["id"]), string(id)) {
				rules = append(rules, arm.Ref{ID: balancer.ID.Child("loadBalancingRules", rule.Name)})
			}
		}
		if rules != nil {
			properties["loadBalancingRules"] = rules
		}
		var services []arm.Ref
		for _, service := range s.servicesOf(balancer.ID) {
			if service.Properties.uses(id) {
				services = append(services, arm.Ref{ID: service.ID})
			}
		}
		if services != nil {
			properties["privateLinkService"] = services[0]
		}
		shown := map[string]any{"id": id, "name": f.Name, "type": id.Type(), "etag": balancer.ETag, "properties": properties}
		if f.Zones != nil {
			shown["zones"] = f.Zones
		}
		all = append(all, shown)
	}
	return all
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func (s *Service) loadBalancers(r *arm.Request) (arm.Response, error) {
	var all []arm.View
	for _, balancer := range s.state.LoadBalancers.Within(r.Target().Scope()) {
		all = append(all, s.showLoadBalancer(balancer))
	}
	return arm.Page(r, all), nil
}

func (s *Service) loadBalancer(r *arm.Request) (arm.Response, error) {
	balancer, ok := s.state.LoadBalancers.Get(r.Target())
	if !ok {
		return arm.Response{}, arm.NotFound(r.Target())
	}
	return arm.OK(s.showLoadBalancer(balancer)), nil
}

func (s *Service) frontends(r *arm.Request) (arm.Response, error) {
	balancer, ok := s.state.LoadBalancers.Get(r.Target())
	if !ok {
		return arm.Response{}, arm.NotFound(r.Target())
	}
	return arm.Page(r, s.showFrontends(balancer)), nil
}

func (s *Service) frontend(r *arm.Request) (arm.Response, error) {
	id := r.Target()
	balancer, ok := s.state.LoadBalancers.Get(id.Parent())
	if !ok {
		return arm.Response{}, arm.NotFound(id.Parent())
	}
	for i, f := range balancer.Properties.Frontends {
		if strings.EqualFold(f.Name, id.Name()) {
			return arm.OK(s.showFrontends(balancer)[i]), nil
		}
	}
	return arm.Response{}, arm.ChildNotFound(id)
}

// tagLoadBalancer changes tags alone (Load Balancers - Update Tags).
func (s *Service) tagLoadBalancer(r *arm.Request) (arm.Response, error) {
	balancer, ok := s.state.LoadBalancers.Get(r.Target())
	if !ok {
		return arm.Response{}, arm.NotFound(r.Target())
	}
	var body arm.Body[struct{}]
	if err := r.Read(&body); err != nil {
		return arm.Response{}, err
	}
	balancer.Tags, balancer.ETag = body.Tags, s.world.NewETag(balancer.ID.Key())
	return arm.OK(s.showLoadBalancer(balancer)), nil
}

func (s *Service) deleteLoadBalancer(r *arm.Request) (arm.Response, error) {
	id := r.Target()
	balancer, ok := s.state.LoadBalancers.Get(id)
	if !ok {
		return arm.NoContent(), nil
	}
	if err := s.world.Free(id); err != nil {
		return arm.Response{}, err
	}
	if services := s.servicesOf(id); len(services) > 0 {
		return arm.Response{}, balancerInUse(id, services[0].ID)
	}
	return s.deleted(r, id, balancer.Location, "loadBalancers"), nil
}

// balancerInUse is the refusal to delete a load balancer behind a private link service (AKS troubleshooting, "A load
// balancer with a private link service or a private link service with private endpoint connections can't be deleted").
func balancerInUse(id, service arm.ID) *arm.Error {
	return arm.Errorf("CannotDeleteLoadBalancerWithPrivateLinkService",
		"Cannot delete load balancer %s since it is referenced by private link service %s. Please delete private link service prior to deleting load balancer.", id, service)
}

// Package network is the simulated Microsoft.Network, as far as Private Link needs it: virtual networks and their
// subnets, internal load balancers, network interfaces, private link services and private endpoints. Private DNS zones
// are package privatedns.
package network

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// Namespace is the resource provider's.
const Namespace = "Microsoft.Network"

// Service is the provider.
type Service struct {
	world *arm.World
	takes Durations
	state state
}

// state is all that the provider remembers.
type state struct {
	Networks      arm.Table[VirtualNetwork]     `json:"networks"`
	Subnets       arm.Table[Subnet]             `json:"subnets"`
	LoadBalancers arm.Table[LoadBalancer]       `json:"loadBalancers"`
	Interfaces    arm.Table[Interface]          `json:"interfaces"`
	Services      arm.Table[PrivateLinkService] `json:"services"`
	Endpoints     arm.Table[PrivateEndpoint]    `json:"endpoints"`
}

// Durations are how long operations take, in the real service's time, by resource type: "privateEndpoints".
type Durations map[string]time.Duration

// DefaultDurations are guesses on the pessimistic side: Azure documents none.
func DefaultDurations() Durations {
	return Durations{
		"virtualNetworks": 10 * time.Second, "subnets": 10 * time.Second, "loadBalancers": 15 * time.Second,
		"privateLinkServices": 45 * time.Second, "privateEndpoints": time.Minute, "privateEndpointConnections": 30 * time.Second,
		"checkPrivateLinkServiceVisibility": 10 * time.Second,
	}
}

// New makes the provider.
func New(world *arm.World, takes Durations) *Service {
	s := &Service{world: world, takes: takes, state: state{
		Networks: arm.Table[VirtualNetwork]{}, Subnets: arm.Table[Subnet]{}, LoadBalancers: arm.Table[LoadBalancer]{},
		Interfaces: arm.Table[Interface]{}, Services: arm.Table[PrivateLinkService]{}, Endpoints: arm.Table[PrivateEndpoint]{},
	}}
	world.Networks = func(id arm.ID) bool {
		_, ok := s.state.Networks.Get(id)
		return ok
	}
	return s
}

// Name is what the provider's state is called in a snapshot.
func (s *Service) Name() string { return "network" }

// Routes are the provider's operations.
func (s *Service) Routes() []arm.Route {
	routes := s.networkRoutes()
	routes = append(routes, s.loadBalancerRoutes()...)
	routes = append(routes, s.interfaceRoutes()...)
	routes = append(routes, s.serviceRoutes()...)
	routes = append(routes, s.endpointRoutes()...)
	return append(routes, s.operationRoutes()...)
}

const (
	subscriptionPath = "/subscriptions/{subscription}/providers/" + Namespace
	groupPath        = "/subscriptions/{subscription}/resourceGroups/{group}/providers/" + Namespace
)

func route(action, method, path string, do func(*arm.Request) (arm.Response, error)) arm.Route {
	return arm.Route{Provider: Namespace, Action: action, Method: method, Path: path, Do: do}
}

// operationRoutes are where clients look at operations. Whoever may begin one may watch it: the roles that Azure
// documents as enough for Private Link do not have locations/operations/read (Azure Private Link, "Azure RBAC
// permissions for Azure Private Link").
func (s *Service) operationRoutes() []arm.Route {
	look := func(action, path string, show func(*arm.Request, string) (arm.Response, error)) arm.Route {
		r := route(action, http.MethodGet, subscriptionPath+"/locations/{location}/"+path+"/{operation}", func(r *arm.Request) (arm.Response, error) {
			return show(r, r.Params["operation"])
		})
		r.Free = true
		return r
	}
	return []arm.Route{
		look("locations/operations/read", "operations", s.world.ShowStatus),
		look("locations/operationResults/read", "operationResults", s.world.ShowOutcome),
	}
}

// begin starts an operation on a resource.
func (s *Service) begin(r *arm.Request, id arm.ID, location, kind string, op arm.Operation) *arm.Operation {
	at := arm.IDOf("subscriptions", id.Subscription(), "providers", Namespace, "locations", location)
	op.Provider, op.Resource = s.Name(), id
	op.Status, op.Outcome = string(at.Child("operations", "")), string(at.Child("operationResults", ""))
	op.Status, op.Outcome = op.Status[:len(op.Status)-1], op.Outcome[:len(op.Outcome)-1]
	return s.world.Begin(r, op, s.takes[kind])
}

// deleted starts the deletion of a resource and answers the request for it.
func (s *Service) deleted(r *arm.Request, id arm.ID, location, kind string, holds ...arm.ID) arm.Response {
	op := s.begin(r, id, location, kind, arm.Operation{Deletes: true, Holds: holds})
	return s.world.Accepted(r, op, http.StatusAccepted, nil)
}

// putStatus is 201 for what a PUT has made, and 200 for what it has changed.
func putStatus(existed bool) int {
	if existed {
		return http.StatusOK
	}
	return http.StatusCreated
}

// locate checks the location of a new or changed resource, which is for ever, and that its group is there.
func (s *Service) locate(id arm.ID, given, existing string) (string, error) {
	if _, ok := s.world.Groups(id.GroupID()); !ok {
		return "", arm.GroupNotFound(id)
	}
	location := arm.Location(given)
	switch {
	case location == "":
		return "", arm.Errorf("LocationRequired", "The location property is required for this definition.")
	case existing != "" && location != existing:
		return "", &arm.Error{
			Status: http.StatusConflict, Code: "InvalidResourceLocation",
			Message: fmt.Sprintf("The resource '%s' already exists in location '%s' in resource group '%s'. A resource with the same name cannot be created in location '%s'. Please select a new resource name.", id.Name(), existing, id.Group(), location),
		}
	case !arm.IsLocation(location):
		return "", arm.Errorf("LocationNotAvailableForResourceType", "The provided location '%s' is not available for resource type '%s'.", given, id.Type())
	}
	return location, nil
}

// Finish brings about what an operation has come to.
func (s *Service) Finish(op *arm.Operation) {
	switch {
	case op.Failure != nil:
		s.fail(op.Resource)
	case op.Deletes:
		s.remove(op.Resource)
	}
}

// fail marks a resource whose operation has failed.
func (s *Service) fail(id arm.ID) {
	if r, ok := s.state.Networks.Get(id); ok {
		r.Failed = true
	}
	if r, ok := s.state.Subnets.Get(id); ok {
		r.Failed = true
	}
	if r, ok := s.state.LoadBalancers.Get(id); ok {
		r.Failed = true
	}
	if r, ok := s.state.Services.Get(id); ok {
		r.Failed = true
	}
	if r, ok := s.state.Endpoints.Get(id); ok {
		r.Failed = true
	}
}

// remove takes away a resource whose deletion is over, with what goes with it.
func (s *Service) remove(id arm.ID) {
	if service, ok := s.state.Services.Get(id); ok {
		s.state.Interfaces.Remove(service.Properties.Interface)
	}
	if endpoint, ok := s.state.Endpoints.Get(id); ok {
		s.disconnect(endpoint)
		s.state.Interfaces.Remove(endpoint.Properties.Interface)
	}
	if _, ok := s.state.Networks.Get(id); ok {
		for _, subnet := range s.state.Subnets.Within(id) {
			s.state.Subnets.Remove(subnet.ID)
		}
	}
	s.removeConnection(id)
	s.state.Networks.Remove(id)
	s.state.Subnets.Remove(id)
	s.state.LoadBalancers.Remove(id)
	s.state.Services.Remove(id)
	s.state.Endpoints.Remove(id)
}

// List are the resources below a scope, without subnets, which are part of their network.
func (s *Service) List(scope arm.ID) []arm.View {
	var all []arm.View
	for _, r := range s.state.Networks.Within(scope) {
		all = append(all, s.showNetwork(r))
	}
	for _, r := range s.state.LoadBalancers.Within(scope) {
		all = append(all, s.showLoadBalancer(r))
	}
	for _, r := range s.state.Interfaces.Within(scope) {
		all = append(all, s.showInterface(r))
	}
	for _, r := range s.state.Services.Within(scope) {
		all = append(all, s.showService(r))
	}
	for _, r := range s.state.Endpoints.Within(scope) {
		all = append(all, s.showEndpoint(r))
	}
	return all
}

// Empty deletes all resources of a group, unless something outside of it stands in the way.
func (s *Service) Empty(group arm.ID) error {
	for _, service := range s.state.Services.Within(group) {
		for _, c := range service.Properties.Connections {
			if !c.Endpoint.Within(group) {
				return connectedService(service)
			}
		}
	}
	for _, balancer := range s.state.LoadBalancers.Within(group) {
		for _, service := range s.servicesOf(balancer.ID) {
			if !service.ID.Within(group) {
				return balancerInUse(balancer.ID, service.ID)
			}
		}
	}
	for _, subnet := range s.state.Subnets.Within(group) {
		for _, use := range s.uses(subnet.ID) {
			if !use.By.Within(group) {
				return subnetInUse(subnet.ID, use.By)
			}
		}
	}
	for _, r := range s.state.Endpoints.Within(group) {
		s.remove(r.ID)
	}
	for _, r := range s.state.Services.Within(group) {
		s.remove(r.ID)
	}
	for _, r := range s.state.LoadBalancers.Within(group) {
		s.remove(r.ID)
	}
	for _, r := range s.state.Networks.Within(group) {
		s.remove(r.ID)
	}
	return nil
}

// Snapshot returns the state.
func (s *Service) Snapshot() (json.RawMessage, error) { return json.Marshal(s.state) }

// Restore takes it back.
func (s *Service) Restore(data json.RawMessage) error { return json.Unmarshal(data, &s.state) }

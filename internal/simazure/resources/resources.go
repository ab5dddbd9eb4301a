// Package resources is the part of the simulated Azure Resource Manager that is no resource provider's own: tenants,
// subscriptions, resource groups, the registration of providers, and lists of whatever resources there are.
package resources

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// Namespace is the provider of what has no other.
const Namespace = "Microsoft.Resources"

// Service is the provider.
type Service struct {
	world *arm.World
	// others are the providers whose resources are listed, and go with their group.
	others []Emptier
	// namespaces are the providers' own ones, with their resource types.
	namespaces map[string][]string
	state      state
}

// Emptier is a provider whose resources can be deleted with their group.
type Emptier interface {
	arm.Provider
	// Empty deletes all resources of a group, or says what stands in the way and deletes none.
	Empty(group arm.ID) error
}

type state struct {
	Groups arm.Table[struct{}] `json:"groups"`
}

// New makes the provider.
func New(world *arm.World) *Service {
	s := &Service{world: world, state: state{Groups: arm.Table[struct{}]{}}, namespaces: map[string][]string{}}
	world.Groups = func(id arm.ID) (string, bool) {
		group, ok := s.state.Groups.Get(id)
		if !ok || world.State(id, false) == "Deleting" {
			return "", false
		}
		return group.Location, true
	}
	return s
}

// Join makes another provider known.
func (s *Service) Join(other Emptier) {
	s.others = append(s.others, other)
	for _, route := range other.Routes() {
		path, found := strings.CutPrefix(route.Path, "/subscriptions/{subscription}/resourceGroups/{group}/providers/"+route.Provider+"/")
		if route.Method != http.MethodPut || !found {
			continue
		}
		var words []string
		for i, word := range strings.Split(path, "/") {
			if i%2 == 0 {
				words = append(words, word)
			}
		}
		s.namespaces[route.Provider] = append(s.namespaces[route.Provider], strings.Join(words, "/"))
	}
}

// Name is what the provider's state is called in a snapshot.
func (s *Service) Name() string { return "resources" }

// Routes are the provider's operations. Subscriptions are read by whoever has any role in them.
func (s *Service) Routes() []arm.Route {
	const (
		one   = "/subscriptions/{subscription}"
		group = one + "/resourceGroups/{group}"
	)
	route := func(action, method, path string, do func(*arm.Request) (arm.Response, error)) arm.Route {
		return arm.Route{Provider: Namespace, Action: action, Method: method, Path: path, Do: do}
	}
	free := func(r arm.Route) arm.Route {
		r.Free = true
		return r
	}
	return []arm.Route{
		free(route("tenants/read", http.MethodGet, "/tenants", s.tenants)),
		free(route("subscriptions/read", http.MethodGet, "/subscriptions", s.subscriptions)),
		free(route("subscriptions/read", http.MethodGet, one, s.subscription)),
		route("subscriptions/locations/read", http.MethodGet, one+"/locations", s.locations),
		route("subscriptions/resources/read", http.MethodGet, one+"/resources", s.resources),
		route("subscriptions/providers/read", http.MethodGet, one+"/providers", s.providers),
		route("subscriptions/providers/read", http.MethodGet, one+"/providers/{namespace}", s.provider),
		route("subscriptions/providers/register/action", http.MethodPost, one+"/providers/{namespace}/register", s.register),
		route("subscriptions/resourceGroups/read", http.MethodGet, one+"/resourceGroups", s.groups),
		route("subscriptions/resourceGroups/read", http.MethodGet, group, s.group),
		route("subscriptions/resourceGroups/read", http.MethodHead, group, s.hasGroup),
		route("subscriptions/resourceGroups/write", http.MethodPut, group, s.putGroup),
		route("subscriptions/resourceGroups/write", http.MethodPatch, group, s.putGroup),
		route("subscriptions/resourceGroups/delete", http.MethodDelete, group, s.deleteGroup),
		route("subscriptions/resourceGroups/resources/read", http.MethodGet, group+"/resources", s.resources),
		free(route("subscriptions/operationresults/read", http.MethodGet, one+"/operationresults/{operation}", func(r *arm.Request) (arm.Response, error) {
			return s.world.ShowOutcome(r, r.Params["operation"])
		})),
	}
}

// Finish takes away a group that has been deleted.
func (s *Service) Finish(op *arm.Operation) {
	if op.Failure == nil && op.Deletes {
		s.state.Groups.Remove(op.Resource)
	}
}

// List is empty: groups and subscriptions are no resources of a provider.
func (s *Service) List(arm.ID) []arm.View { return nil }

// Snapshot returns the state.
func (s *Service) Snapshot() (json.RawMessage, error) { return json.Marshal(s.state) }

// Restore takes it back.
func (s *Service) Restore(data json.RawMessage) error { return json.Unmarshal(data, &s.state) }

// of are the subscriptions of the tenants whose tokens a request has.
func (s *Service) of(r *arm.Request) []*arm.Subscription {
	var own []*arm.Subscription
	for _, sub := range s.world.Subscriptions {
		if sub.Tenant == r.Caller.Tenant {
			own = append(own, sub)
		}
	}
	slices.SortFunc(own, func(a, b *arm.Subscription) int { return cmp.Compare(a.ID, b.ID) })
	return own
}

func (s *Service) tenants(r *arm.Request) (arm.Response, error) {
	return arm.Page(r, []any{map[string]string{"id": "/tenants/" + r.Caller.Tenant, "tenantId": r.Caller.Tenant, "tenantCategory": "Home"}}), nil
}

// subscriptions lists those in which the caller has any role (Subscriptions - List).
func (s *Service) subscriptions(r *arm.Request) (arm.Response, error) {
	var visible []any
	for _, sub := range s.of(r) {
		if r.Sees(sub.ID) {
			visible = append(visible, showSubscription(sub))
		}
	}
	return arm.Page(r, visible), nil
}

func (s *Service) subscription(r *arm.Request) (arm.Response, error) {
	id := r.Params["subscription"]
	if !r.Sees(id) {
		return arm.Response{}, arm.Unauthorized(r)
	}
	return arm.OK(showSubscription(s.world.Subscriptions[strings.ToLower(id)])), nil
}

func showSubscription(sub *arm.Subscription) any {
	return map[string]any{
		"id": arm.IDOf("subscriptions", sub.ID), "subscriptionId": sub.ID, "tenantId": sub.Tenant, "displayName": sub.Name, "state": "Enabled",
		"authorizationSource": "RoleBased", "managedByTenants": []any{},
		"subscriptionPolicies": map[string]string{"locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off"},
	}
}

func (s *Service) locations(r *arm.Request) (arm.Response, error) {
	var all []any
	for _, l := range arm.Regions() {
		all = append(all, map[string]any{
			"id": arm.IDOf("subscriptions", r.Params["subscription"], "locations", l.Name), "name": l.Name, "displayName": l.Display,
			"regionalDisplayName": l.Display, "type": "Region", "metadata": map[string]string{"regionType": "Physical", "regionCategory": "Recommended"},
		})
	}
	return arm.OK(map[string]any{"value": all}), nil
}

func (s *Service) resources(r *arm.Request) (arm.Response, error) {
	scope := r.Target()
	if name := r.Params["group"]; name != "" {
		if _, err := s.find(scope); err != nil {
			return arm.Response{}, err
		}
	}
	wanted := typeIn(r.Query.Get("$filter"))
	var all []arm.View
	for _, other := range s.others {
		for _, view := range other.List(scope) {
			if wanted == "" || strings.EqualFold(view.Type, wanted) {
				view.Properties, view.ETag = nil, ""
				all = append(all, view)
			}
		}
	}
	return arm.Page(r, all), nil
}

// typeIn is the type that a filter "resourceType eq 'Microsoft.Network/loadBalancers'" asks for. Of other filters the
// list is not narrowed.
func typeIn(filter string) string {
	before, rest, found := strings.Cut(filter, "'")
	if !found || !strings.HasPrefix(strings.ToLower(strings.Join(strings.Fields(before), " ")), "resourcetype eq") {
		return ""
	}
	name, _, _ := strings.Cut(rest, "'")
	return name
}

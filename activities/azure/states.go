package azure

import (
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/looks"
)

// The states cross the boundary here. Azure has two for each resource: how the last change to it went, and, of a
// connection, what its two sides have agreed on, in a free string (Private Link Services REST API reference,
// PrivateLinkServiceConnectionState; Azure Private Link, "Manage Azure private endpoints", Private endpoint
// connections). The second one counts. A request that waits for its approval is provisioned with success.

// under reports whether a change to a resource is under way.
func under(s *armnetwork.ProvisioningState) bool {
	return is(string(value(s)), "Updating") || is(string(value(s)), "Creating") || leaving(s)
}

func leaving(s *armnetwork.ProvisioningState) bool { return is(string(value(s)), "Deleting") }

func failed(s *armnetwork.ProvisioningState) bool { return is(string(value(s)), "Failed") }

func is(wire, state string) bool { return strings.EqualFold(wire, state) }

// connectionState is the state of a connection, from what its sides have agreed on and how the last change went.
func connectionState(status string, provisioning *armnetwork.ProvisioningState) activities.EndpointState {
	switch {
	case leaving(provisioning):
		return activities.EndpointDeleting
	case is(status, "Rejected"):
		return activities.EndpointRejected
	case is(status, "Disconnected"):
		return activities.EndpointDisconnected
	case is(status, "Removed"), is(status, "Deleted"):
		return activities.EndpointDeleted
	case failed(provisioning):
		return activities.EndpointFailed
	case is(status, "Pending"):
		return activities.EndpointPendingAcceptance
	case is(status, "Approved") && under(provisioning):
		return activities.EndpointPending
	case is(status, "Approved"):
		return activities.EndpointAvailable
	}
	return activities.EndpointPartial
}

// serviceView is a service as flows see it. One that is being changed serves on; it has an alias from its beginning.
func serviceView(p armnetwork.PrivateLinkService) activities.Service {
	view := activities.Service{ID: normal(value(p.ID)), AcceptanceRequired: true, State: activities.ServicePending}
	if p.Properties == nil {
		return view
	}
	view.Name = value(p.Properties.Alias)
	for _, f := range values(p.Properties.LoadBalancerFrontendIPConfigurations) {
		view.LoadBalancers = append(view.LoadBalancers, parentOf(normal(value(f.ID))))
	}
	slices.Sort(view.LoadBalancers)
	view.LoadBalancers = slices.Compact(view.LoadBalancers)
	switch state := p.Properties.ProvisioningState; {
	case leaving(state):
		view.State = activities.ServiceDeleting
	case failed(state):
		view.State = activities.ServiceFailed
	case view.Name != "":
		view.State = activities.ServiceAvailable
	}
	return view
}

// connectionView is a connection as its provider sees it. What the consumer says stands where the provider's answer
// will take its place.
func connectionView(c armnetwork.PrivateEndpointConnection) activities.ConnectionView {
	view := activities.ConnectionView{Name: value(c.Name)}
	if view.Name == "" {
		view.Name = nameOf(value(c.ID))
	}
	p := c.Properties
	if p == nil {
		return view
	}
	view.Link, view.Region = value(p.LinkIdentifier), regionOf(value(p.PrivateEndpointLocation))
	if p.PrivateEndpoint != nil {
		view.Endpoint = normal(value(p.PrivateEndpoint.ID))
		view.Owner = subscriptionOf(view.Endpoint)
	}
	status := value(p.PrivateLinkServiceConnectionState)
	view.State = connectionState(value(status.Status), p.ProvisioningState)
	if view.State == activities.EndpointPendingAcceptance {
		view.Message = value(status.Description)
	}
	return view
}

// connectionViews are those of a service, one for each endpoint. Of an endpoint that was made anew under its name, the
// connection that it had before may be there still, and is over.
func connectionViews(found []armnetwork.PrivateEndpointConnection) []activities.ConnectionView {
	views := []activities.ConnectionView{}
	for _, c := range found {
		view := connectionView(c)
		at := slices.IndexFunc(views, func(v activities.ConnectionView) bool { return v.Endpoint == view.Endpoint })
		switch {
		case view.Endpoint == "" || view.State == activities.EndpointDeleted:
		case at < 0:
			views = append(views, view)
		case views[at].State.Over():
			views[at] = view
		}
	}
	slices.SortFunc(views, looks.ByEndpoint)
	return views
}

// endpointView is an endpoint as its consumer sees it, without addresses.
func endpointView(e armnetwork.PrivateEndpoint) activities.Endpoint {
	view := activities.Endpoint{ID: normal(value(e.ID)), State: activities.EndpointPartial, LinkAtProvider: true}
	view.Owner = subscriptionOf(view.ID)
	p := e.Properties
	if p == nil {
		return view
	}
	if p.Subnet != nil {
		view.Network = parentOf(normal(value(p.Subnet.ID)))
	}
	for _, i := range values(p.NetworkInterfaces) {
		view.Interfaces = append(view.Interfaces, normal(value(i.ID)))
	}
	slices.Sort(view.Interfaces)
	for _, d := range values(p.CustomDNSConfigs) {
		if name := value(d.Fqdn); name != "" {
			view.DNSNames = append(view.DNSNames, name)
		}
	}
	slices.Sort(view.DNSNames)
	asked := requestOf(e)
	view.State = connectionState(value(asked.state.Status), p.ProvisioningState)
	if view.State == activities.EndpointDeleted { // at the provider; here it is there to be seen
		view.State = activities.EndpointDisconnected
	}
	if view.State.Over() {
		view.LastError = value(asked.state.Description)
	}
	return view
}

// request is what an endpoint asks for.
type request struct {
	service string // the service's alias, or its resource id
	state   armnetwork.PrivateLinkServiceConnectionState
}

// requestOf finds it among those that wait for an approval, and those that do not: an endpoint has one.
func requestOf(e armnetwork.PrivateEndpoint) request {
	if e.Properties == nil {
		return request{}
	}
	for _, c := range append(values(e.Properties.ManualPrivateLinkServiceConnections), values(e.Properties.PrivateLinkServiceConnections)...) {
		if p := c.Properties; p != nil {
			return request{value(p.PrivateLinkServiceID), value(p.PrivateLinkServiceConnectionState)}
		}
	}
	return request{}
}

// nameOf is the last part of an id.
func nameOf(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }

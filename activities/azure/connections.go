package azure

import (
	"context"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"
	"go.temporal.io/sdk/activity"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// ListConnections implements [activities.Provider].
func (p *Provider) ListConnections(ctx context.Context, req activities.ServiceRequest) ([]activities.ConnectionView, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return nil, err
	}
	id, err := s.own(req.ServiceID, typeService)
	if err != nil {
		return nil, err
	}
	found, err := s.connections(ctx, id)
	switch {
	case notThere(err):
		return nil, activities.Gone("private link service "+req.ServiceID+" does not exist", err)
	case err != nil:
		return nil, s.failed(err)
	}
	return connectionViews(found), nil
}

// DescribeConnection implements [activities.Provider].
func (p *Provider) DescribeConnection(ctx context.Context, req activities.ConnectionRequest) (activities.ConnectionView, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.ConnectionView{}, err
	}
	return s.connection(ctx, req)
}

// AcceptConnection implements [activities.Provider]. It is pending until Azure says that the endpoint is let in. A
// connection has its name for good, so what is approved is the request that was compared, and no other.
func (p *Provider) AcceptConnection(ctx context.Context, req activities.ConnectionRequest) (activities.ConnectionView, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.ConnectionView{}, err
	}
	view, err := s.connection(ctx, req)
	if err != nil {
		return activities.ConnectionView{}, err
	}
	switch {
	case view.Owner != req.EndpointOwner:
		return activities.ConnectionView{}, activities.Changed(fmt.Sprintf(
			"private endpoint %s belongs to subscription %s now, not to %s, which the approver saw", req.Endpoint, view.Owner, req.EndpointOwner))
	case view.Link != req.Link:
		return activities.ConnectionView{}, activities.Changed(fmt.Sprintf(
			"private endpoint %s asks by another request now: its link identifier is %s, and the approver saw %s", req.Endpoint, view.Link, req.Link))
	case view.State.LetIn():
		return view, nil
	case view.State.Over():
		return activities.ConnectionView{}, activities.Changed(fmt.Sprintf(
			"private endpoint %s is %s and no longer waits to be let in", req.Endpoint, view.State))
	}
	decided, err := s.decide(ctx, req, view, "Approved")
	switch {
	case notThere(err):
		return activities.ConnectionView{}, activities.Gone("private endpoint "+req.Endpoint+" is not connected any more", err)
	case err != nil:
		return activities.ConnectionView{}, s.failed(err)
	case !decided.State.LetIn():
		return activities.ConnectionView{}, s.pending("private endpoint " + req.Endpoint + " is being let in")
	}
	return decided, nil
}

// RejectConnection implements [activities.Provider]. A request that has taken the place of the one to turn away is
// another one, and somebody else's decision.
func (p *Provider) RejectConnection(ctx context.Context, req activities.ConnectionRequest) error {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	view, err := s.connection(ctx, req)
	switch {
	case activities.IsGone(err):
		return nil
	case err != nil:
		return err
	case view.State.Over(), req.Link != "" && view.Link != req.Link:
		return nil
	}
	if _, err := s.decide(ctx, req, view, "Rejected"); err != nil && !notThere(err) {
		return s.failed(err)
	}
	return nil
}

// decide writes a decision, which Azure takes in at once (Private Link Services REST API reference, Update Private
// Endpoint Connection).
func (s *site) decide(ctx context.Context, req activities.ConnectionRequest, view activities.ConnectionView, status string) (activities.ConnectionView, error) {
	id, err := s.own(req.ServiceID, typeService)
	if err != nil {
		return activities.ConnectionView{}, err
	}
	said := fmt.Sprintf("%s by Linkwright, %s", status, activity.GetInfo(ctx).WorkflowExecution.ID)
	out, err := s.Services.UpdatePrivateEndpointConnection(ctx, id.ResourceGroup, id.Name(), view.Name, armnetwork.PrivateEndpointConnection{
		Name: &view.Name,
		Properties: &armnetwork.PrivateEndpointConnectionProperties{
			PrivateEndpoint: &armnetwork.PrivateEndpoint{ID: &view.Endpoint},
			PrivateLinkServiceConnectionState: &armnetwork.PrivateLinkServiceConnectionState{
				Status: &status, Description: new(cut(said, messageLength)), ActionsRequired: new("None"),
			},
		},
	}, nil)
	if err != nil {
		return activities.ConnectionView{}, err
	}
	return connectionView(out.PrivateEndpointConnection), nil
}

// messageLength is how long what is said of a request may be (Private Endpoints REST API reference,
// PrivateLinkServiceConnection, requestMessage).
const messageLength = 140

func cut(text string, length int) string {
	runes := []rune(text)
	if len(runes) <= length {
		return text
	}
	return string(runes[:length-1]) + "…"
}

// connection looks at one endpoint's connection; gone when there is none.
func (s *site) connection(ctx context.Context, req activities.ConnectionRequest) (activities.ConnectionView, error) {
	id, err := s.own(req.ServiceID, typeService)
	if err != nil {
		return activities.ConnectionView{}, err
	}
	found, err := s.connections(ctx, id)
	if err != nil && !notThere(err) {
		return activities.ConnectionView{}, s.failed(err)
	}
	for _, view := range connectionViews(found) {
		if link.SameAzureID(view.Endpoint, req.Endpoint) {
			return view, nil
		}
	}
	return activities.ConnectionView{}, s.gone(ctx, "the connection of private endpoint "+req.Endpoint, err)
}

// connections lists a service's connections, whatever their state, to the last page.
func (s *site) connections(ctx context.Context, service link.AzureID) ([]armnetwork.PrivateEndpointConnection, error) {
	var all []armnetwork.PrivateEndpointConnection
	for pages := s.Services.NewListPrivateEndpointConnectionsPager(service.ResourceGroup, service.Name(), nil); pages.More(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, values(page.Value)...)
	}
	return all, nil
}

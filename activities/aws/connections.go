package aws

import (
	"context"
	"fmt"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/looks"
)

// atOnce is how many connections one call rejects.
const atOnce = 25

// endpointGone are the codes of an endpoint that does not exist (Amazon EC2 API Reference, "Error codes").
var endpointGone = []string{"InvalidVpcEndpointId.NotFound", "InvalidVpcEndpoint.NotFound"}

// ListConnections implements [activities.Provider].
func (p *Provider) ListConnections(ctx context.Context, req activities.ServiceRequest) ([]activities.ConnectionView, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return nil, err
	}
	found, err := s.connections(ctx, filter("service-id", req.ServiceID))
	switch {
	case hasCode(err, serviceGone...):
		return nil, activities.Gone("service "+req.ServiceID+" does not exist", err)
	case err != nil:
		return nil, s.failed(err)
	}
	return connectionViews(found), nil
}

func connectionViews(found []ec2types.VpcEndpointConnection) []activities.ConnectionView {
	views := make([]activities.ConnectionView, len(found))
	for i, c := range found {
		views[i] = connectionView(c)
	}
	slices.SortFunc(views, looks.ByEndpoint)
	return views
}

// DescribeConnection implements [activities.Provider].
func (p *Provider) DescribeConnection(ctx context.Context, req activities.ConnectionRequest) (activities.ConnectionView, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.ConnectionView{}, err
	}
	return s.connection(ctx, req)
}

// AcceptConnection implements [activities.Provider]. It is pending until AWS says that the endpoint is let in.
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
			"endpoint %s belongs to account %s now, not to %s, which the approver saw", req.Endpoint, view.Owner, req.EndpointOwner))
	case view.State.LetIn():
		return view, nil
	case view.State.Over():
		return activities.ConnectionView{}, activities.Changed(fmt.Sprintf(
			"endpoint %s is %s and no longer waits to be let in", req.Endpoint, view.State))
	}
	out, err := s.EC2.AcceptVpcEndpointConnections(ctx, &ec2.AcceptVpcEndpointConnectionsInput{
		ServiceId: sdk.String(req.ServiceID), VpcEndpointIds: []string{req.Endpoint}})
	if err == nil {
		err = unsuccessful("AcceptVpcEndpointConnections", out.Unsuccessful)
	}
	switch {
	case hasCode(err, endpointGone...), hasCode(err, serviceGone...):
		return activities.ConnectionView{}, activities.Gone("endpoint "+req.Endpoint+" is not connected any more", err)
	case err != nil:
		return activities.ConnectionView{}, s.failed(err)
	}
	if view, err = s.connection(ctx, req); err != nil {
		return activities.ConnectionView{}, err
	}
	if !view.State.LetIn() {
		return activities.ConnectionView{}, s.pending("endpoint " + req.Endpoint + " is being let in")
	}
	return view, nil
}

// RejectConnection implements [activities.Provider].
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
	case view.State.Over():
		return nil
	}
	if err := s.reject(ctx, req.ServiceID, []string{req.Endpoint}); err != nil {
		return s.failed(err)
	}
	return nil
}

// connection looks at one connection; gone when there is none.
func (s *site) connection(ctx context.Context, req activities.ConnectionRequest) (activities.ConnectionView, error) {
	found, err := s.connections(ctx, filter("service-id", req.ServiceID), filter("vpc-endpoint-id", req.Endpoint))
	if err != nil && !hasCode(err, serviceGone...) {
		return activities.ConnectionView{}, s.failed(err)
	}
	for _, c := range found {
		switch v := connectionView(c); {
		case v.Endpoint != req.Endpoint:
		case v.State == activities.EndpointDeleted:
			return activities.ConnectionView{}, activities.Gone("endpoint "+req.Endpoint+" is deleted", nil)
		default:
			return v, nil
		}
	}
	return activities.ConnectionView{}, s.gone(ctx, "the connection of endpoint "+req.Endpoint, err)
}

// reject turns endpoints away; those that are gone are turned away already.
func (s *site) reject(ctx context.Context, serviceID string, endpoints []string) error {
	out, err := s.EC2.RejectVpcEndpointConnections(ctx, &ec2.RejectVpcEndpointConnectionsInput{
		ServiceId: sdk.String(serviceID), VpcEndpointIds: endpoints})
	if err == nil {
		err = unsuccessful("RejectVpcEndpointConnections", out.Unsuccessful, endpointGone...)
	}
	if hasCode(err, endpointGone...) || hasCode(err, serviceGone...) {
		return nil
	}
	return err
}

// rejectAll turns away every connection of a service that is not over.
func (s *site) rejectAll(ctx context.Context, serviceID string) error {
	found, err := s.connections(ctx, filter("service-id", serviceID))
	if hasCode(err, serviceGone...) {
		return nil
	}
	if err != nil {
		return err
	}
	var open []string
	for _, v := range connectionViews(found) {
		if !v.State.Over() {
			open = append(open, v.Endpoint)
		}
	}
	for endpoints := range slices.Chunk(open, atOnce) {
		if err := s.reject(ctx, serviceID, endpoints); err != nil {
			return err
		}
	}
	return nil
}

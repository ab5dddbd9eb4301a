package azure

import (
	"context"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// Consumer keeps private endpoints.
type Consumer struct{ config Config }

var _ activities.Consumer = (*Consumer)(nil)

// NewConsumer returns the consumer's steps.
func NewConsumer(c Config) *Consumer { return &Consumer{c.withDefaults()} }

// LocateService implements [activities.Consumer]. A private endpoint reaches a service of any region from anywhere.
func (*Consumer) LocateService(context.Context, activities.LocateServiceRequest) (activities.ServiceLocation, error) {
	return activities.ServiceLocation{}, nil
}

// EnsureEndpoint implements [activities.Consumer]. Nothing about a private endpoint lets anybody in: that is its
// provider's to decide, so a narrow request is like any other.
func (c *Consumer) EnsureEndpoint(ctx context.Context, req activities.EnsureEndpointRequest) (activities.Endpoint, error) {
	s, err := c.config.at(ctx, req.Place)
	if err != nil {
		return activities.Endpoint{}, err
	}
	if req.Spec.Azure == nil {
		return activities.Endpoint{}, s.blocked(specWithoutAzure, nil)
	}
	found, err := s.lookForEndpoint(ctx, req)
	switch {
	case err != nil:
		return activities.Endpoint{}, err
	case found.have == nil:
		return activities.Endpoint{}, s.makeEndpoint(ctx, req, found.id)
	}
	switch found.fate {
	case awaitEndpoint:
		return activities.Endpoint{}, s.pending("private endpoint " + found.id.Name() + " is being changed")
	case replaceEndpoint:
		return activities.Endpoint{}, s.deleteEndpoint(ctx, *found.have, "deleting private endpoint "+found.id.Name()+" to make it anew: "+found.why)
	case decideEndpoint:
		return activities.Endpoint{}, s.blocked(endpointDisconnected(found.id, found.why), nil)
	}
	return s.keepEndpoint(ctx, req, found)
}

// keepEndpoint takes an endpoint over, or brings its tags in step.
func (s *site) keepEndpoint(ctx context.Context, req activities.EnsureEndpointRequest, found endpointFound) (activities.Endpoint, error) {
	changes, next := planEndpoint(*found.have, req.Owner, req.Spec.Azure.Tags)
	if len(changes) == 0 {
		return endpointView(*found.have), nil
	}
	poller, err := s.Endpoints.BeginCreateOrUpdate(ifUnchanged(ctx, found.have.Etag), found.id.ResourceGroup, found.id.Name(), next, nil)
	if err := begun(ctx, s, putEndpoint, "changing the tags of private endpoint "+found.id.Name(), poller, err); err != nil {
		return activities.Endpoint{}, err
	}
	view := endpointView(*found.have)
	view.Changes = texts(changes)
	return view, nil
}

// makeEndpoint makes the endpoint of a spec.
func (s *site) makeEndpoint(ctx context.Context, req activities.EnsureEndpointRequest, id link.AzureID) error {
	if req.Spec.Azure.PrivateEndpoint != "" {
		if err := s.absent(ctx, "private endpoint "+req.Spec.Azure.PrivateEndpoint); err != nil {
			return err
		}
		return s.blocked(endpointMissing(req.Spec.Azure.PrivateEndpoint), nil)
	}
	if target(req) == "" {
		return s.blocked(noResourceID, nil)
	}
	poller, err := s.Endpoints.BeginCreateOrUpdate(ifAbsent(ctx), id.ResourceGroup, id.Name(), newEndpoint(req), nil)
	if err := begun(ctx, s, putEndpoint, "making private endpoint "+id.Name(), poller, err); err != nil {
		return err
	}
	return s.soon("private endpoint " + id.Name() + " is made")
}

var noResourceID = link.Problem{
	Reason:  link.ReasonInvalidRequest,
	Message: "the spec connects by resourceID, and the resource id of the private link service is not known",
	Remedy:  "connect by alias; or name the service by its resource id in nameFrom",
}

// DescribeEndpoint implements [activities.Consumer]. While Azure does not show the address of an available endpoint, it
// is pending.
func (c *Consumer) DescribeEndpoint(ctx context.Context, req activities.EndpointRequest) (activities.Endpoint, error) {
	s, err := c.config.at(ctx, req.Place)
	if err != nil {
		return activities.Endpoint{}, err
	}
	e, err := s.endpoint(ctx, req.Endpoint)
	if err != nil {
		return activities.Endpoint{}, err
	}
	view := endpointView(e)
	if view.Addresses, err = s.addresses(ctx, e); err != nil {
		return activities.Endpoint{}, s.failed(err)
	}
	if view.State == activities.EndpointAvailable && len(view.Addresses) == 0 {
		return activities.Endpoint{}, s.pending("the address of private endpoint " + view.ID + " is not shown yet")
	}
	return view, nil
}

// RemoveEndpoint implements [activities.Consumer].
func (c *Consumer) RemoveEndpoint(ctx context.Context, req activities.RemoveEndpointRequest) error {
	s, err := c.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	all, err := s.endpoints(ctx)
	if err != nil {
		return s.failed(err)
	}
	for _, e := range all {
		if ownerOf(e.Tags) == req.Owner && (!req.Only || link.SameAzureID(value(e.ID), req.Endpoint)) {
			return s.deleteEndpoint(ctx, e, "deleting private endpoint "+value(e.Name))
		}
	}
	return s.checkEndpointGone(ctx, req.Owner, req.Endpoint)
}

// checkEndpointGone blocks when the endpoint that a flow knows exists without the flow's tag: somebody else's
// endpoint is not deleted, and ours is not left behind in silence.
func (s *site) checkEndpointGone(ctx context.Context, owner activities.Owner, id string) error {
	if id == "" {
		return s.absent(ctx, "a private endpoint")
	}
	e, err := s.endpoint(ctx, id)
	switch {
	case activities.IsGone(err):
		return nil
	case err != nil:
		return err
	case ownerOf(e.Tags) == owner:
		return s.pending("private endpoint " + id + " is not listed yet")
	}
	return s.blocked(notOurs("private endpoint "+id, owner, ownerOf(e.Tags)), nil)
}

// SetPrivateDNS implements [activities.Consumer]. Azure Private Link gives services no private DNS name, so it is off.
func (c *Consumer) SetPrivateDNS(ctx context.Context, req activities.SetPrivateDNSRequest) (activities.Endpoint, error) {
	if req.Enabled {
		return activities.Endpoint{}, c.config.missing(req.Place, "private DNS at an endpoint", "use dns.mode hostedZone")
	}
	return c.DescribeEndpoint(ctx, activities.EndpointRequest{Place: req.Place, Endpoint: req.Endpoint})
}

// EnsureSecurityGroup implements [activities.Consumer].
func (c *Consumer) EnsureSecurityGroup(_ context.Context, req activities.SecurityGroupRequest) (activities.SecurityGroup, error) {
	return activities.SecurityGroup{}, c.config.missing(req.Place, "a security group of an endpoint", noSecurityGroup)
}

// RemoveSecurityGroup implements [activities.Consumer].
func (c *Consumer) RemoveSecurityGroup(_ context.Context, req activities.SecurityGroupRequest) error {
	return c.config.missing(req.Place, "a security group of an endpoint", noSecurityGroup)
}

const noSecurityGroup = "leave aws.securityGroup out; network security groups of the subnet apply to private endpoints when its network policies say so"

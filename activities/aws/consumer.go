package aws

import (
	"context"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
)

// Consumer keeps interface VPC endpoints.
type Consumer struct{ config Config }

var _ activities.Consumer = (*Consumer)(nil)

// NewConsumer returns the consumer's steps.
func NewConsumer(c Config) *Consumer { return &Consumer{c.withDefaults()} }

// EnsureEndpoint implements [activities.Consumer].
func (c *Consumer) EnsureEndpoint(ctx context.Context, req activities.EnsureEndpointRequest) (activities.Endpoint, error) {
	s, err := c.config.at(ctx, req.Place)
	if err != nil {
		return activities.Endpoint{}, err
	}
	if req.Spec.AWS == nil {
		return activities.Endpoint{}, s.blocked(specWithoutAWS, nil)
	}
	found, err := s.lookForEndpoint(ctx, req)
	if err != nil {
		return activities.Endpoint{}, err
	}
	changes, err := s.settleEndpoint(ctx, req, found)
	if err != nil {
		return activities.Endpoint{}, err
	}
	have := found.kept
	if have == nil {
		made, err := s.createEndpoint(ctx, req)
		if err != nil {
			return activities.Endpoint{}, err
		}
		view := endpointView(*made)
		view.Changes = append(changes, "endpoint "+view.ID+" made")
		return view, nil
	}
	return s.keepEndpoint(ctx, req, *have, changes)
}

// keepEndpoint brings an endpoint in step with what is wanted.
func (s *site) keepEndpoint(ctx context.Context, req activities.EnsureEndpointRequest, have ec2types.VpcEndpoint, changes []string) (activities.Endpoint, error) {
	view := endpointView(have)
	change := planEndpoint(have, req.Spec.AWS)
	if narrows(req.Narrow, req.Known, view.ID) {
		change = change.narrow(have)
	}
	switch {
	case change.empty():
		view.Changes = changes
		return view, nil
	case view.State == activities.EndpointPending:
		return activities.Endpoint{}, s.pending("endpoint " + view.ID + " is pending and cannot be changed yet")
	}
	if err := change.apply(ctx, s.EC2, view.ID); err != nil {
		return activities.Endpoint{}, s.failed(err)
	}
	changed, err := s.endpoint(ctx, view.ID)
	if err != nil {
		return activities.Endpoint{}, err
	}
	view = endpointView(changed)
	view.Changes = append(changes, texts(change.differences())...)
	return view, nil
}

// settleEndpoint deals with what stands beside the endpoint to keep, or in its place: it is deleted; one that the spec
// names is taken over, or was never there.
func (s *site) settleEndpoint(ctx context.Context, req activities.EnsureEndpointRequest, found endpointFound) ([]string, error) {
	if found.missing {
		if err := s.absent(ctx, "endpoint "+req.Spec.AWS.Endpoint); err != nil {
			return nil, err
		}
		return nil, s.blocked(endpointMissing(req.Spec.AWS.Endpoint), nil)
	}
	var changes []string
	for _, e := range found.replaced {
		if err := s.deleteEndpoint(ctx, e.id); err != nil {
			return nil, s.failed(err)
		}
		changes = append(changes, fmt.Sprintf("endpoint %s deleted: %s", e.id, e.gone.Text))
	}
	if !found.untagged && !found.takesOver {
		return changes, nil
	}
	id := sdk.ToString(found.kept.VpcEndpointId)
	if err := s.mark(ctx, id, req.Owner); err != nil {
		return nil, err
	}
	if found.untagged {
		return append(changes, "endpoint "+id+" "+lostTag.Text), nil
	}
	return append(changes, "endpoint "+id+" taken over"), nil
}

// createEndpoint makes the endpoint with private DNS off: AWS switches it on only for an endpoint that was let in.
// It is pending until the endpoint is listed, so that nobody who looks for it next takes it for gone.
func (s *site) createEndpoint(ctx context.Context, req activities.EnsureEndpointRequest) (*ec2types.VpcEndpoint, error) {
	in := ec2.CreateVpcEndpointInput{
		VpcEndpointType:   ec2types.VpcEndpointTypeInterface, // without it AWS makes a gateway endpoint
		VpcId:             sdk.String(req.Spec.AWS.VPC),
		ServiceName:       sdk.String(req.ServiceName),
		SubnetIds:         req.Spec.AWS.Subnets,
		SecurityGroupIds:  req.Spec.AWS.SecurityGroups,
		PrivateDnsEnabled: sdk.Bool(false),
		TagSpecifications: tagsFor(ec2types.ResourceTypeVpcEndpoint, req.Owner, req.Name),
	}
	if req.ServiceRegion != "" && req.ServiceRegion != req.Region {
		in.ServiceRegion = sdk.String(req.ServiceRegion)
	}
	create := func(token string) (string, error) {
		in.ClientToken = sdk.String(token)
		out, err := s.EC2.CreateVpcEndpoint(ctx, &in)
		if err != nil {
			return "", err
		}
		return sdk.ToString(out.VpcEndpoint.VpcEndpointId), nil
	}
	// One that was turned away meanwhile is there to be seen: another one beside it would be one too many.
	made, err := createOnce(ctx, birth{req.Owner, req.Known}, create, s.listedEndpoint, onItsWayOut)
	switch {
	case hasCode(err, "InvalidServiceName") && s.age() < s.Patience:
		// A permission that was given a moment ago has not reached every corner of EC2 yet.
		return nil, s.pending("service " + req.ServiceName + " is not visible to the consumer yet")
	case err != nil:
		return nil, s.failed(err)
	case made == nil:
		return nil, s.pending("the endpoint is made and not listed yet")
	}
	return made, nil
}

// DescribeEndpoint implements [activities.Consumer]. While EC2 does not list all interfaces of an available
// endpoint, it is pending: half of the addresses would be taken for all.
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
	if view.State == activities.EndpointAvailable && len(view.Addresses) < len(view.Interfaces) {
		return activities.Endpoint{}, s.pending("the interfaces of endpoint " + view.ID + " are not all listed yet")
	}
	return view, nil
}

// RemoveEndpoint implements [activities.Consumer].
func (c *Consumer) RemoveEndpoint(ctx context.Context, req activities.RemoveEndpointRequest) error {
	s, err := c.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	found, err := s.endpointsOf(ctx, req.Owner)
	if err != nil {
		return s.failed(err)
	}
	if req.Only {
		found = just(found, req.Endpoint, func(e ec2types.VpcEndpoint) *string { return e.VpcEndpointId })
	}
	if len(found) == 0 {
		return s.checkEndpointGone(ctx, req.Owner, req.Endpoint)
	}
	for _, e := range found {
		if endpointState(e.State) == activities.EndpointDeleting {
			continue
		}
		if err := s.deleteEndpoint(ctx, sdk.ToString(e.VpcEndpointId)); err != nil {
			return s.failed(err)
		}
	}
	return s.removing(ctx, "the endpoint is being deleted")
}

// checkEndpointGone blocks when the endpoint that a flow knows exists without the flow's tag: somebody else's
// endpoint is not deleted, and ours is not left behind in silence.
func (s *site) checkEndpointGone(ctx context.Context, owner activities.Owner, id string) error {
	if id == "" {
		return s.absent(ctx, "an endpoint")
	}
	e, err := s.endpoint(ctx, id)
	switch {
	case activities.IsGone(err):
		return nil
	case err != nil:
		return err
	case ownerOf(e.Tags) == owner:
		return s.pending("endpoint " + id + " is not listed under its tag yet")
	}
	return s.blocked(notOurs("endpoint "+id, owner, ownerOf(e.Tags)), nil)
}

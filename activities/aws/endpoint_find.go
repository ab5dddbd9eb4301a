package aws

import (
	"context"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// endpointFound is what there is of the endpoint of a spec.
type endpointFound struct {
	// kept is the endpoint to go on with; nil when one is to be made.
	kept *ec2types.VpcEndpoint
	// untagged is true when kept is the one that the flow knows, and has lost its tag.
	untagged bool
	// takesOver is true when kept is one that the spec names, and nobody's yet.
	takesOver bool
	// missing is true when the spec names an endpoint that EC2 does not list.
	missing bool
	// replaced are endpoints of the flow that will never carry traffic.
	replaced []replacedEndpoint
}

// replacedEndpoint is one that is deleted: it was turned away or has failed, or leads to a service that is no more.
type replacedEndpoint struct {
	id   string
	gone link.Difference
}

// lookForEndpoint finds the endpoint of a spec: by the id that it names, by the flow's tag, or else as the one that the
// flow knows.
func (s *site) lookForEndpoint(ctx context.Context, req activities.EnsureEndpointRequest) (endpointFound, error) {
	if req.Spec.AWS.Endpoint != "" {
		return s.namedEndpoint(ctx, req)
	}
	all, err := s.endpointsOf(ctx, req.Owner)
	if err != nil {
		return endpointFound{}, s.failed(err)
	}
	var found endpointFound
	for _, e := range all {
		id := sdk.ToString(e.VpcEndpointId)
		fate, why := judgeEndpoint(e, req.ServiceName)
		switch fate {
		case keepEndpoint:
			if err := s.checkNetwork(e, req.Spec.AWS); err != nil {
				return endpointFound{}, err
			}
			if found.kept == nil || id < sdk.ToString(found.kept.VpcEndpointId) {
				found.kept = &e
			}
		case replaceEndpoint:
			kind := link.DriftEndpointGone
			if endpointState(e.State).Over() {
				kind = link.DriftConnection
			}
			found.replaced = append(found.replaced, replacedEndpoint{id, link.Difference{Kind: kind, Text: why}})
		}
	}
	if found.kept == nil && req.Known != "" {
		return s.knownEndpoint(ctx, req, found)
	}
	return found, nil
}

// knownEndpoint goes on with the endpoint that the flow knows although it does not carry its tag: another one would be
// one too many. Blocked when it has got another owner.
func (s *site) knownEndpoint(ctx context.Context, req activities.EnsureEndpointRequest, found endpointFound) (endpointFound, error) {
	e, err := s.listedEndpoint(ctx, req.Known)
	switch {
	case err != nil:
		return endpointFound{}, s.failed(err)
	case e == nil:
		return found, nil
	}
	if fate, _ := judgeEndpoint(*e, req.ServiceName); fate != keepEndpoint {
		return found, nil
	}
	owner := ownerOf(e.Tags)
	if owner != "" && owner != req.Owner {
		return endpointFound{}, s.blocked(notOurs("endpoint "+req.Known, req.Owner, owner), nil)
	}
	if err := s.checkNetwork(*e, req.Spec.AWS); err != nil {
		return endpointFound{}, err
	}
	found.kept, found.untagged = e, owner == ""
	return found, nil
}

// namedEndpoint finds the endpoint that the spec names: it must be one to the service, in the VPC, alive, and nobody
// else's.
func (s *site) namedEndpoint(ctx context.Context, req activities.EnsureEndpointRequest) (endpointFound, error) {
	id := req.Spec.AWS.Endpoint
	e, err := s.listedEndpoint(ctx, id)
	switch {
	case err != nil:
		return endpointFound{}, s.failed(err)
	case e == nil:
		return endpointFound{missing: true}, nil
	case endpointState(e.State) == activities.EndpointDeleted:
		return endpointFound{}, s.blocked(endpointMissing(id), nil)
	}
	if err := s.checkNetwork(*e, req.Spec.AWS); err != nil {
		return endpointFound{}, err
	}
	if name := sdk.ToString(e.ServiceName); name != req.ServiceName {
		return endpointFound{}, s.blocked(link.Problem{
			Reason:  link.ReasonNetworkMismatch,
			Message: fmt.Sprintf("endpoint %s leads to %s, not to %s", id, name, req.ServiceName),
			Remedy:  nameAnotherEndpoint,
		}, nil)
	}
	if state := endpointState(e.State); state.Over() {
		return endpointFound{}, s.blocked(link.Problem{
			Reason:  link.ReasonEndpointFailed,
			Message: fmt.Sprintf("endpoint %s, which the spec names, is %s", id, state),
			Remedy:  nameAnotherEndpoint,
		}, nil)
	}
	owner := ownerOf(e.Tags)
	if owner != "" && owner != req.Owner {
		return endpointFound{}, s.blocked(notOurs("endpoint "+id, req.Owner, owner), nil)
	}
	if owner == "" && !req.Spec.AWS.AllowManaged {
		if err := s.checkUnmanaged("endpoint "+id, e.Tags); err != nil {
			return endpointFound{}, err
		}
	}
	known := id == req.Known
	return endpointFound{kept: e, untagged: owner == "" && known, takesOver: owner == "" && !known}, nil
}

const nameAnotherEndpoint = "apply a spec that names another endpoint, or none so that one is made"

func endpointMissing(id string) link.Problem {
	return link.Problem{
		Reason:  link.ReasonEndpointFailed,
		Message: "endpoint " + id + ", which the spec names, does not exist in this account and region",
		Remedy:  nameAnotherEndpoint,
	}
}

// checkNetwork blocks when an endpoint is not in the VPC of the spec: it cannot be moved.
func (s *site) checkNetwork(e ec2types.VpcEndpoint, want *link.AWSConnection) error {
	if vpc := sdk.ToString(e.VpcId); vpc != want.VPC {
		return s.blocked(link.Problem{
			Reason:  link.ReasonNetworkMismatch,
			Message: fmt.Sprintf("endpoint %s is in %s, not in %s", sdk.ToString(e.VpcEndpointId), vpc, want.VPC),
			Remedy:  "correct the spec's vpc, or disconnect and connect anew",
		}, nil)
	}
	return nil
}

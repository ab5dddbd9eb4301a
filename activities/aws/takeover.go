package aws

import (
	"context"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// What a spec names by its id was there before. It is taken over by the ownership tag, and changed by nothing else in the
// same step. What belongs to another flow is not taken over, nor, unless the spec says so, what another tool manages.

// namedService finds the service that a spec names, which must be alive and nobody else's.
func (s *site) namedService(ctx context.Context, req activities.EnsureServiceRequest, found serviceFound) (serviceFound, error) {
	id := req.Spec.AWS.Service
	c, err := s.listedService(ctx, id)
	switch {
	case err != nil:
		return serviceFound{}, s.failed(err)
	case c == nil:
		found.missing = true
		return found, nil
	}
	if state := serviceState(c.ServiceState); state.Over() {
		return serviceFound{}, s.blocked(link.Problem{
			Reason:  link.ReasonInvalidRequest,
			Message: "endpoint service " + id + ", which the spec names, is " + string(state),
			Remedy:  nameAnotherService,
		}, nil)
	}
	owner := ownerOf(c.Tags)
	if owner != "" && owner != req.Owner {
		return serviceFound{}, s.blocked(notOurs("service "+id, req.Owner, owner), nil)
	}
	if owner == "" && !req.Spec.AWS.AllowManaged {
		if err := s.checkUnmanaged("service "+id, c.Tags); err != nil {
			return serviceFound{}, err
		}
	}
	known := id == req.Known
	found.have, found.untagged, found.takesOver = c, owner == "" && known, owner == "" && !known
	return found, nil
}

const nameAnotherService = "delete the flow, and apply a spec that names another service, or none so that one is made"

func serviceMissing(id string) link.Problem {
	return link.Problem{
		Reason:  link.ReasonInvalidRequest,
		Message: "endpoint service " + id + ", which the spec names, does not exist in this account and region",
		Remedy:  nameAnotherService,
	}
}

// checkUnmanaged blocks when another tool manages something, which would go on changing it.
func (s *site) checkUnmanaged(what string, tags []ec2types.Tag) error {
	tool := activities.ManagedBy(tagMap(tags))
	if tool == "" {
		return nil
	}
	return s.blocked(activities.ManagedElsewhere(what, tool, "aws"), nil)
}

// checkAsItIs blocks when a service that is to be taken over is not as the spec says: whoever wrote the spec has not seen
// it as it is now.
func (s *site) checkAsItIs(id string, differs []serviceChange) error {
	if len(differs) == 0 {
		return nil
	}
	return s.blocked(link.Problem{
		Reason:  link.ReasonNotOurs,
		Message: "service " + id + " is taken over as it is, and the spec says otherwise: " + strings.Join(texts(differencesOf(differs)), "; "),
		Remedy:  "correct the spec, as linkwright import prints it; once the service is taken over, a changed spec is carried out",
	}, nil)
}

// plannedTakeover is the plan of a service that is to be taken over.
func (s *site) plannedTakeover(id string, differs []serviceChange) ([]link.PlannedChange, error) {
	change := s.planned(link.ActionAdopt, link.KindService, id)
	change.TakesOver = true
	if err := s.checkAsItIs(id, differs); err != nil {
		return s.hindered(change, err)
	}
	return []link.PlannedChange{change}, nil
}

// letGo takes the ownership tag of a flow off services of its own; nothing else about them is changed.
func (s *site) letGo(ctx context.Context, owner activities.Owner, found []ec2types.ServiceConfiguration) error {
	if len(found) == 0 {
		return s.absent(ctx, "a service")
	}
	for _, c := range found {
		if _, err := s.EC2.DeleteTags(ctx, &ec2.DeleteTagsInput{
			Resources: []string{sdk.ToString(c.ServiceId)},
			Tags:      []ec2types.Tag{{Key: sdk.String(ownerTag), Value: sdk.String(string(owner))}},
		}); err != nil && !hasCode(err, serviceGone...) {
			return s.failed(err)
		}
	}
	return nil
}

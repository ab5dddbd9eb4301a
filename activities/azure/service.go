package azure

import (
	"context"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// serviceFound is what there is of the service of a spec, and what makes it as wanted.
type serviceFound struct {
	id     link.AzureID
	have   *armnetwork.PrivateLinkService // nil when there is none
	want   wantedService
	subnet *armnetwork.Subnet // nil when it was not looked at
	plan   servicePlan
	// blockedOn is what kind of drift it would be, should an error be in the way of a service that was made once.
	blockedOn link.DriftKind
}

// lookForService looks at the service of a spec, at the load balancer that it stands on, and at its subnet.
func (s *site) lookForService(ctx context.Context, req activities.EnsureServiceRequest) (serviceFound, error) {
	found := serviceFound{id: s.serviceID(req), blockedOn: link.DriftServiceGone}
	var err error
	if found.have, err = s.ownService(ctx, found.id, req); err != nil {
		return found, err
	}
	if found.have != nil {
		found.blockedOn = link.DriftLoadBalancers
	}
	frontends, err := s.frontendsFor(ctx, req)
	if err != nil {
		return found, err
	}
	if s.seen == nil { // Azure keeps a subnet as it has to be for as long as a service is in it
		if found.subnet, err = s.natSubnet(ctx, req.Spec.Azure.NAT.Subnet); err != nil {
			return found, err
		}
	}
	found.want = wantService(req, frontends)
	found.plan = planService(found.have, found.want)
	if len(found.plan.Cannot) > 0 && ownerOf(found.have.Tags) != req.Owner {
		found.blockedOn = link.DriftTags
		return found, s.blocked(notOurs("private link service "+found.id.String(), req.Owner, ""), nil)
	}
	return found, nil
}

// serviceID is the id of the service that a spec makes.
func (s *site) serviceID(req activities.EnsureServiceRequest) link.AzureID {
	name := req.Spec.Azure.Name
	if name == "" {
		name = req.Name
	}
	return s.idOf(typeService, req.Spec.Azure.ResourceGroup, name)
}

// ownService finds the owner's service; nil when there is none, and blocked when it is somebody else's. The one that the
// flow knows is its own also without a tag.
func (s *site) ownService(ctx context.Context, id link.AzureID, req activities.EnsureServiceRequest) (*armnetwork.PrivateLinkService, error) {
	there, err := s.readService(ctx, id)
	owner := ownerOf(there.Tags)
	switch {
	case notThere(err):
		return nil, nil
	case err != nil:
		return nil, s.failed(err)
	case owner != req.Owner && (owner != "" || !link.SameAzureID(id.String(), req.Known)):
		return nil, s.blocked(notOurs("private link service "+id.String(), req.Owner, owner), nil)
	case there.Properties == nil:
		return nil, s.pending("private link service " + id.Name() + " is not described yet")
	}
	return &there, nil
}

// standingService looks at a service that is there already, and changes nothing about it.
func (s *site) standingService(ctx context.Context, id string) (activities.Service, error) {
	parsed, err := s.own(id, typeService)
	if err != nil {
		return activities.Service{}, err
	}
	there, err := s.readService(ctx, parsed)
	switch {
	case notThere(err):
		return activities.Service{}, s.blocked(link.Problem{
			Reason: link.ReasonInvalidRequest, Call: callOf(err),
			Message: "there is no private link service " + id,
			Remedy:  "name one that exists, or leave out privateLinkService and give a resourceGroup so that one is made",
		}, err)
	case err != nil:
		return activities.Service{}, s.failed(err)
	}
	view := serviceView(there)
	switch view.State {
	case activities.ServiceAvailable:
		return view, nil
	case activities.ServiceFailed:
		return activities.Service{}, s.blocked(link.Problem{
			Reason:  link.ReasonInvalidRequest,
			Message: "private link service " + id + ", which the spec names, has failed",
			Remedy:  "let its owner make it work; Linkwright changes nothing about it",
		}, nil)
	}
	return activities.Service{}, s.pending(fmt.Sprintf("private link service %s is %s", id, view.State))
}

// service looks at one service; gone when it does not exist.
func (s *site) service(ctx context.Context, id string) (armnetwork.PrivateLinkService, error) {
	parsed, err := s.own(id, typeService)
	if err != nil {
		return armnetwork.PrivateLinkService{}, err
	}
	there, err := s.readService(ctx, parsed)
	switch {
	case notThere(err):
		return armnetwork.PrivateLinkService{}, s.gone(ctx, "private link service "+id, err)
	case err != nil:
		return armnetwork.PrivateLinkService{}, s.failed(err)
	}
	return there, nil
}

// services lists the subscription's services to the last page.
func (s *site) services(ctx context.Context) ([]armnetwork.PrivateLinkService, error) {
	var all []armnetwork.PrivateLinkService
	for pages := s.Services.NewListBySubscriptionPager(nil); pages.More(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, values(page.Value)...)
	}
	return all, nil
}

// servicesOf finds the services that carry the owner's tag.
func (s *site) servicesOf(ctx context.Context, owner activities.Owner) ([]armnetwork.PrivateLinkService, error) {
	all, err := s.services(ctx)
	var own []armnetwork.PrivateLinkService
	for _, service := range all {
		if ownerOf(service.Tags) == owner {
			own = append(own, service)
		}
	}
	return own, err
}

// replacementEffect says what it would do to live connections that a service is deleted and made anew.
func replacementEffect(have armnetwork.PrivateLinkService) string {
	open := 0
	for _, c := range connectionViews(values(have.Properties.PrivateEndpointConnections)) {
		if c.State.LetIn() {
			open++
		}
	}
	return fmt.Sprintf("; made anew, it would cut off %d connections, which would have to ask for approval again", open)
}

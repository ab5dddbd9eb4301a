package azure

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// Provider keeps private link services.
type Provider struct{ config Config }

var _ activities.Provider = (*Provider)(nil)

// NewProvider returns the provider's steps.
func NewProvider(c Config) *Provider { return &Provider{c.withDefaults()} }

// EnsureService implements [activities.Provider].
func (p *Provider) EnsureService(ctx context.Context, req activities.EnsureServiceRequest) (activities.Service, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.Service{}, err
	}
	if req.Spec.Azure == nil {
		return activities.Service{}, s.blocked(specWithoutAzure, nil)
	}
	if id := req.Spec.Azure.PrivateLinkService; id != "" {
		return s.standingService(ctx, id)
	}
	found, err := s.lookForService(ctx, req)
	if err != nil {
		return activities.Service{}, err
	}
	return s.keepService(ctx, req, found)
}

// keepService makes the service, or brings it in step: one change at a time.
func (s *site) keepService(ctx context.Context, req activities.EnsureServiceRequest, found serviceFound) (activities.Service, error) {
	name := found.id.Name()
	switch {
	case found.have != nil && under(found.have.Properties.ProvisioningState):
		return activities.Service{}, s.pending("private link service " + name + " is being changed")
	case len(found.plan.Cannot) > 0 && !req.Spec.Azure.AllowReplacement:
		return activities.Service{}, s.blocked(irreplaceable(*found.have, found.plan.Cannot), nil)
	case len(found.plan.Cannot) > 0 && found.plan.Withheld:
		return activities.Service{}, s.blocked(replacementWidens(*found.have, found.plan.Cannot), nil)
	case len(found.plan.Cannot) > 0:
		return activities.Service{}, s.takeDown(ctx, *found.have, false)
	case len(found.plan.Changes) > 0 && !policiesOff(*found.subnet):
		return activities.Service{}, s.switchPoliciesOff(ctx, req.Spec.Azure.NAT.Subnet, *found.subnet)
	case len(found.plan.Changes) == 0:
		return serviceView(*found.have), nil
	}
	condition, what := ifAbsent(ctx), "making private link service "+name
	if found.have != nil {
		condition, what = ifUnchanged(ctx, found.have.Etag), "changing private link service "+name+": "+strings.Join(texts(found.plan.Changes), ", ")
	}
	poller, err := s.Services.BeginCreateOrUpdate(condition, found.id.ResourceGroup, name, found.plan.Service, nil)
	if err := begun(ctx, s, putService, what, poller, err); err != nil {
		return activities.Service{}, err
	}
	return activities.Service{}, s.soon("private link service " + name + " is written")
}

// DescribeService implements [activities.Provider].
func (p *Provider) DescribeService(ctx context.Context, req activities.ServiceRequest) (activities.Service, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.Service{}, err
	}
	service, err := s.service(ctx, req.ServiceID)
	if err != nil {
		return activities.Service{}, err
	}
	return serviceView(service), nil
}

// StartVerification implements [activities.Provider]. A private link service has no domain to prove.
func (p *Provider) StartVerification(ctx context.Context, req activities.ServiceRequest) (activities.Service, error) {
	return p.DescribeService(ctx, req)
}

// RemoveService implements [activities.Provider]. Connections that are there still, such as those of consumers who asked
// in the last moment, are deleted first: Azure keeps a service while it has any.
func (p *Provider) RemoveService(ctx context.Context, req activities.RemoveServiceRequest) error {
	s, err := p.config.at(ctx, req.Place)
	if err != nil || req.Existing {
		return err
	}
	found, err := s.servicesOf(ctx, req.Owner)
	if err != nil {
		return s.failed(err)
	}
	if req.Only {
		found = slices.DeleteFunc(found, func(p armnetwork.PrivateLinkService) bool { return !link.SameAzureID(value(p.ID), req.ServiceID) })
	}
	if len(found) == 0 {
		return s.checkServiceGone(ctx, req.Owner, req.ServiceID)
	}
	return s.takeDown(ctx, found[0], req.Unused)
}

// checkServiceGone blocks when the service that a flow knows exists without the flow's tag: somebody else's
// service is not deleted, and ours is not left behind in silence.
func (s *site) checkServiceGone(ctx context.Context, owner activities.Owner, id string) error {
	if id == "" {
		return s.absent(ctx, "a private link service")
	}
	service, err := s.service(ctx, id)
	switch {
	case activities.IsGone(err):
		return nil
	case err != nil:
		return err
	case ownerOf(service.Tags) == owner:
		return s.pending("private link service " + id + " is not listed yet")
	}
	return s.blocked(notOurs("private link service "+id, owner, ownerOf(service.Tags)), nil)
}

// takeDown deletes a service's connections, and then the service. One that is to be unused keeps those that are not over,
// which blocks.
func (s *site) takeDown(ctx context.Context, service armnetwork.PrivateLinkService, unused bool) error {
	id, err := s.own(value(service.ID), typeService)
	if err != nil {
		return err
	}
	if service.Properties != nil && leaving(service.Properties.ProvisioningState) {
		return s.removing(ctx, "private link service "+id.Name()+" is being deleted")
	}
	connections, err := s.connections(ctx, id)
	if err != nil && !notThere(err) {
		return s.failed(err)
	}
	if alive := living(connections); unused && len(alive) > 0 {
		return s.blocked(activities.ServiceInUse("private link service "+id.Name(), alive), nil)
	}
	if len(connections) > 0 {
		return s.cutOff(ctx, id, connections)
	}
	poller, err := s.Services.BeginDelete(ctx, id.ResourceGroup, id.Name(), nil)
	switch {
	case notThere(err):
		return s.removing(ctx, "private link service "+id.Name()+" is deleted")
	case hasCode(err, inUse):
		return s.pending("connections of private link service " + id.Name() + " are being cut off")
	}
	if err := begun(ctx, s, deleteService, "deleting private link service "+id.Name(), poller, err); err != nil {
		return err
	}
	return s.removing(ctx, "private link service "+id.Name()+" is deleted")
}

// living are the connections that are not over, for people.
func living(connections []armnetwork.PrivateEndpointConnection) []string {
	var alive []string
	for _, view := range connectionViews(connections) {
		if !view.State.Over() {
			alive = append(alive, fmt.Sprintf("%s (%s)", view.Endpoint, view.State))
		}
	}
	return alive
}

// cutOff deletes connections. Azure deletes one at a time: those that it does not take on yet are seen again.
func (s *site) cutOff(ctx context.Context, service link.AzureID, connections []armnetwork.PrivateEndpointConnection) error {
	var last error
	for _, c := range connections {
		if c.Properties != nil && leaving(c.Properties.ProvisioningState) {
			continue
		}
		poller, err := s.Services.BeginDeletePrivateEndpointConnection(ctx, service.ResourceGroup, service.Name(), value(c.Name), nil)
		switch {
		case notThere(err):
			continue
		case busy(err) && last != nil:
			return last
		}
		if last = begun(ctx, s, deleteConnection, "cutting off connection "+value(c.Name)+" of private link service "+service.Name(), poller, err); last != nil {
			if _, ok := activities.OperationOf(last); !ok {
				return last
			}
		}
	}
	if last != nil {
		return last
	}
	return s.pending("connections of private link service " + service.Name() + " are being cut off")
}

var specWithoutAzure = link.Problem{
	Reason:  link.ReasonInvalidRequest,
	Message: "the spec has no azure section, but its account is a subscription of Azure",
	Remedy:  "apply a spec with an azure section",
}

// irreplaceable is the problem of a spec that asks for what Azure cannot change.
func irreplaceable(have armnetwork.PrivateLinkService, cannot []link.Difference) link.Problem {
	return link.Problem{
		Reason: link.ReasonInvalidRequest, Call: typeService + "/write",
		Message: "Azure cannot change private link service " + value(have.Name) + " to what the spec asks for: " + strings.Join(texts(cannot), "; ") + replacementEffect(have),
		Remedy:  "take the change back; or set azure.allowReplacement, and the private link service is deleted and made anew under another alias",
	}
}

// replacementWidens is the problem of a service that would have to be replaced, while it keeps somebody out whom another
// one in its place would let in: nobody has asked for that.
func replacementWidens(have armnetwork.PrivateLinkService, cannot []link.Difference) link.Problem {
	p := irreplaceable(have, cannot)
	p.Message += "; and it would let in subscriptions of the spec that are kept out now"
	p.Remedy = "apply the spec once more, and the private link service is deleted and made anew under another alias, for all subscriptions of the spec; or take back what was changed"
	return p
}

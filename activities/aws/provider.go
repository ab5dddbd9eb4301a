package aws

import (
	"context"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// Provider keeps VPC endpoint services.
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
	found, err := s.lookForService(ctx, req)
	if err != nil {
		return activities.Service{}, err
	}
	have := found.have
	switch {
	case found.missing:
		if err := s.absent(ctx, "service "+req.Spec.AWS.Service); err != nil {
			return activities.Service{}, err
		}
		return activities.Service{}, s.blocked(serviceMissing(req.Spec.AWS.Service), nil)
	case have == nil:
		if err := s.createService(ctx, req, found.want); err != nil {
			return activities.Service{}, err
		}
		return activities.Service{}, s.pending("the service is being made")
	}
	id := sdk.ToString(have.ServiceId)
	if found.untagged {
		if err := s.mark(ctx, id, req.Owner); err != nil {
			return activities.Service{}, err
		}
	}
	switch serviceState(have.ServiceState) {
	case activities.ServiceAvailable:
	case activities.ServiceFailed:
		if err := s.deleteService(ctx, id); err != nil {
			return activities.Service{}, s.failed(err)
		}
		return activities.Service{}, s.pending("service " + id + " has failed and is being replaced")
	default:
		return activities.Service{}, s.pending(fmt.Sprintf("service %s is %s", id, serviceState(have.ServiceState)))
	}
	return s.keepService(ctx, req, found)
}

// keepService takes an available service over, or brings it in step with what is wanted.
func (s *site) keepService(ctx context.Context, req activities.EnsureServiceRequest, found serviceFound) (activities.Service, error) {
	have, want := *found.have, found.want
	id := sdk.ToString(have.ServiceId)
	plan, err := s.serviceChanges(ctx, have, want)
	if err != nil {
		return activities.Service{}, err
	}
	var changes []string
	if found.untagged {
		changes = append(changes, lostTag.Text)
	}
	if found.takesOver {
		if err := s.checkAsItIs(id, plan); err != nil {
			return activities.Service{}, err
		}
		if err := s.mark(ctx, id, req.Owner); err != nil {
			return activities.Service{}, err
		}
		changes = append(changes, "service "+id+" taken over")
	}
	if narrows(req.Narrow, req.Known, id) {
		plan = narrowService(plan)
	}
	for _, change := range plan {
		if err := change.apply(ctx, s.EC2, id); err != nil {
			return activities.Service{}, s.refusedService(ctx, req.Owner, want, err)
		}
		changes = append(changes, change.String())
	}
	if len(plan) > 0 {
		if have, err = s.service(ctx, id); err != nil {
			return activities.Service{}, err
		}
	}
	view := serviceView(have)
	view.Changes = changes
	switch {
	case view.State != activities.ServiceAvailable:
		return activities.Service{}, s.pending(fmt.Sprintf("service %s is %s", id, view.State))
	case want.PrivateDNSName != "" && (view.Domain == nil || view.Domain.Proof == activities.Record{}):
		return activities.Service{}, s.pending("AWS has not yet said how to prove the domain " + want.PrivateDNSName)
	}
	return view, nil
}

// createService makes the service without its principals: they come when it is available, so that nobody finds
// it half made.
func (s *site) createService(ctx context.Context, req activities.EnsureServiceRequest, want wantedService) error {
	in := ec2.CreateVpcEndpointServiceConfigurationInput{
		AcceptanceRequired:      sdk.Bool(want.AcceptanceRequired),
		NetworkLoadBalancerArns: want.LoadBalancers,
		SupportedIpAddressTypes: want.AddressTypes,
		SupportedRegions:        want.Regions,
		TagSpecifications:       tagsFor(ec2types.ResourceTypeVpcEndpointService, req.Owner, req.Name),
	}
	if want.PrivateDNSName != "" {
		in.PrivateDnsName = sdk.String(want.PrivateDNSName)
	}
	create := func(token string) (string, error) {
		in.ClientToken = sdk.String(token)
		out, err := s.EC2.CreateVpcEndpointServiceConfiguration(ctx, &in)
		if err != nil {
			return "", err
		}
		return sdk.ToString(out.ServiceConfiguration.ServiceId), nil
	}
	leaving := func(c ec2types.ServiceConfiguration) bool {
		state := serviceState(c.ServiceState)
		return state == activities.ServiceDeleting || state == activities.ServiceDeleted
	}
	if _, err := createOnce(ctx, birth{req.Owner, req.Known}, create, s.listedService, leaving); err != nil {
		return s.refusedService(ctx, req.Owner, want, err)
	}
	return nil
}

// refusedService classifies why AWS would not make or change a service.
func (s *site) refusedService(ctx context.Context, owner activities.Owner, want wantedService, err error) error {
	if p, ok := classify(err, s.identity()); ok && p.Reason == link.ReasonLoadBalancerInUse {
		return s.loadBalancerInUse(ctx, owner, want.LoadBalancers, err)
	}
	return s.failed(err)
}

// DescribeService implements [activities.Provider].
func (p *Provider) DescribeService(ctx context.Context, req activities.ServiceRequest) (activities.Service, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.Service{}, err
	}
	c, err := s.service(ctx, req.ServiceID)
	if err != nil {
		return activities.Service{}, err
	}
	return serviceView(c), nil
}

// StartVerification implements [activities.Provider].
func (p *Provider) StartVerification(ctx context.Context, req activities.ServiceRequest) (activities.Service, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.Service{}, err
	}
	c, err := s.service(ctx, req.ServiceID)
	if err != nil {
		return activities.Service{}, err
	}
	view := serviceView(c)
	switch {
	case view.Domain == nil:
		return activities.Service{}, s.blocked(link.Problem{
			Reason:  link.ReasonNoPrivateDNSName,
			Message: "service " + req.ServiceID + " has no private DNS name to verify",
			Remedy:  "apply the spec again, so that the service gets its privateDNS name",
		}, nil)
	case view.Domain.State == activities.DomainVerified:
		return view, nil
	}
	if _, err := s.EC2.StartVpcEndpointServicePrivateDnsVerification(ctx,
		&ec2.StartVpcEndpointServicePrivateDnsVerificationInput{ServiceId: sdk.String(req.ServiceID)}); err != nil {
		return activities.Service{}, s.failed(err)
	}
	if c, err = s.service(ctx, req.ServiceID); err != nil {
		return activities.Service{}, err
	}
	return serviceView(c), nil
}

// RemoveService implements [activities.Provider]. Connections that are not over yet, such as those of
// consumers who asked in the last moment, are turned away: AWS keeps a service while it has any. A service that was
// there before loses its ownership tag, and nothing else.
func (p *Provider) RemoveService(ctx context.Context, req activities.RemoveServiceRequest) error {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	found, err := s.servicesOf(ctx, req.Owner)
	if err != nil {
		return s.failed(err)
	}
	if req.Only {
		found = just(found, req.ServiceID, func(c ec2types.ServiceConfiguration) *string { return c.ServiceId })
	}
	if req.Existing {
		return s.letGo(ctx, req.Owner, found)
	}
	if len(found) == 0 {
		return s.checkServiceGone(ctx, req.Owner, req.ServiceID)
	}
	for _, c := range found {
		id := sdk.ToString(c.ServiceId)
		if serviceState(c.ServiceState) == activities.ServiceDeleting {
			continue
		}
		if !req.Unused {
			if err := s.rejectAll(ctx, id); err != nil {
				return s.failed(err)
			}
		}
		switch err := s.deleteService(ctx, id); {
		case hasCode(err, serviceConnected) && req.Unused:
			return s.inUse(ctx, id, err)
		case hasCode(err, serviceConnected):
			return s.pending("connections of service " + id + " are being cut off")
		case err != nil:
			return s.failed(err)
		}
	}
	return s.removing(ctx, "the service is being deleted")
}

// serviceConnected is the code by which AWS keeps a service that has connections.
const serviceConnected = "ExistingVpcEndpointConnections"

// inUse blocks on the connections of a service that is to be removed once it has none. Those that are being cut off
// already are waited for.
func (s *site) inUse(ctx context.Context, id string, cause error) error {
	all, err := s.connections(ctx, filter("service-id", id))
	if err != nil {
		return s.failed(err)
	}
	var alive []string
	for _, c := range all {
		if view := connectionView(c); !view.State.Over() {
			alive = append(alive, fmt.Sprintf("%s of account %s (%s)", view.Endpoint, view.Owner, view.State))
		}
	}
	if len(alive) == 0 {
		return s.pending("connections of service " + id + " are being cut off")
	}
	return s.blocked(activities.ServiceInUse("service "+id, alive), cause)
}

// checkServiceGone blocks when the service that a flow knows exists without the flow's tag: somebody else's
// service is not deleted, and ours is not left behind in silence.
func (s *site) checkServiceGone(ctx context.Context, owner activities.Owner, id string) error {
	if id == "" {
		return s.absent(ctx, "a service")
	}
	c, err := s.service(ctx, id)
	switch {
	case activities.IsGone(err):
		return nil
	case err != nil:
		return err
	case ownerOf(c.Tags) == owner:
		return s.pending("service " + id + " is not listed under its tag yet")
	}
	return s.blocked(notOurs("service "+id, owner, ownerOf(c.Tags)), nil)
}

var specWithoutAWS = link.Problem{
	Reason:  link.ReasonInvalidRequest,
	Message: "the spec has no aws section, but its account is an AWS account",
	Remedy:  "apply a spec with an aws section",
}

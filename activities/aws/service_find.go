package aws

import (
	"context"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
)

// serviceFound is what there is of the service of a spec, and what it is to be.
type serviceFound struct {
	want wantedService
	// have is the service to go on with, in whatever state; nil when one is to be made.
	have *ec2types.ServiceConfiguration
	// untagged is true when have is the one that the flow knows, and has lost its tag.
	untagged bool
	// takesOver is true when have is one that the spec names, and nobody's yet.
	takesOver bool
	// missing is true when the spec names a service that EC2 does not list.
	missing bool
}

// lookForService finds the service of a spec: by the id that it names, by the flow's tag, or else as the one that the
// flow knows.
func (s *site) lookForService(ctx context.Context, req activities.EnsureServiceRequest) (serviceFound, error) {
	if req.Spec.AWS == nil {
		return serviceFound{}, s.blocked(specWithoutAWS, nil)
	}
	loadBalancers, err := s.loadBalancersFor(ctx, req.Spec.AWS.LoadBalancers)
	if err != nil {
		return serviceFound{}, err
	}
	found := serviceFound{want: wantService(req.Spec.AWS, loadBalancers, req.Region)}
	if req.Spec.AWS.Service != "" {
		return s.namedService(ctx, req, found)
	}
	own, err := s.servicesOf(ctx, req.Owner)
	switch {
	case err != nil:
		return serviceFound{}, s.failed(err)
	case len(own) > 0:
		found.have = &own[0]
		return found, nil
	case req.Known == "":
		return found, nil
	}
	return s.knownService(ctx, req, found)
}

// knownService goes on with the service that the flow knows although it does not carry its tag: another one would be one
// too many. Blocked when it has got another owner, or when it is behind none of the spec's load balancers: then it may be
// somebody's who has taken the tag off to have it.
func (s *site) knownService(ctx context.Context, req activities.EnsureServiceRequest, found serviceFound) (serviceFound, error) {
	known, err := s.listedService(ctx, req.Known)
	if err != nil {
		return serviceFound{}, s.failed(err)
	}
	if known == nil || serviceState(known.ServiceState).Over() {
		return found, nil
	}
	owner := ownerOf(known.Tags)
	if owner != req.Owner && (owner != "" || !behindAny(*known, found.want.LoadBalancers)) {
		return serviceFound{}, s.blocked(notOurs("service "+req.Known, req.Owner, owner), nil)
	}
	found.have, found.untagged = known, owner == ""
	return found, nil
}

// behindAny reports whether a service uses one of some load balancers.
func behindAny(c ec2types.ServiceConfiguration, loadBalancers []string) bool {
	return slices.ContainsFunc(c.NetworkLoadBalancerArns, func(arn string) bool { return slices.Contains(loadBalancers, arn) })
}

// serviceChanges lists what makes a service as wanted. An audit that does not go into depth leaves out who is admitted.
func (s *site) serviceChanges(ctx context.Context, have ec2types.ServiceConfiguration, want wantedService) ([]serviceChange, error) {
	principals := want.Principals
	if s.deep() {
		var err error
		if principals, err = s.principals(ctx, sdk.ToString(have.ServiceId)); err != nil {
			return nil, s.failed(err)
		}
	}
	return planService(s.place.Region, have, principals, want), nil
}

package wafv2

import (
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/awsjson"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// associationRequest is what the actions on a resource take.
type associationRequest struct {
	ResourceArn string
	WebACLArn   string
}

// loadBalancer finds the application load balancer that a request names. Everything else is refused as a malformed ARN
// is (hashicorp/terraform-provider-aws, issues 28753 and 37778, of other resources that WAF cannot protect; that network
// load balancers are among them is in AWS WAF Developer Guide, "Resources that you can protect").
func (s *Service) loadBalancer(r *sim.Request, arn string) (sim.LoadBalancerInfo, error) {
	const reason = "The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes."
	if !strings.HasPrefix(arn, "arn:") || !strings.Contains(arn, ":"+r.Region+":"+r.Caller.AccountID+":loadbalancer/app/") {
		return sim.LoadBalancerInfo{}, invalid("RESOURCE_ARN", arn, reason)
	}
	lb, ok := s.existing(arn)
	if !ok {
		return sim.LoadBalancerInfo{}, nonexistent()
	}
	return lb, nil
}

func (s *Service) existing(arn string) (sim.LoadBalancerInfo, bool) {
	if s.world.LoadBalancers == nil {
		return sim.LoadBalancerInfo{}, false
	}
	return s.world.LoadBalancers.LoadBalancer(arn)
}

// protectedBy are the ARNs of the load balancers that a web ACL protects, in order. Those that have been deleted since
// are not among them.
func (s *Service) protectedBy(acl *WebACL) []string {
	protected := []string{}
	for resource, arn := range s.state.Protected {
		if _, exists := s.existing(resource); exists && arn == acl.ARN {
			protected = append(protected, resource)
		}
	}
	slices.Sort(protected)
	return protected
}

// associateWebACL puts a web ACL before a load balancer, in the place of the one that may be there: a resource has one
// at the most (AWS WAF Developer Guide, "Associating protection with an AWS resource").
func (s *Service) associateWebACL(r *sim.Request) (any, error) {
	var req associationRequest
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, err
	}
	return struct{}{}, s.associate(r, req)
}

func (s *Service) associate(r *sim.Request, req associationRequest) error {
	lb, err := s.loadBalancer(r, req.ResourceArn)
	if err != nil {
		return err
	}
	acl, ok := s.find(r, req.WebACLArn)
	switch {
	case !ok:
		return nonexistent()
	case !s.world.Clock.Passed(acl.UsableAt):
		return sim.Errorf("WAFUnavailableEntityException", "AWS WAF couldn’t retrieve the resource that you requested. Retry your request.")
	case s.state.Protected[lb.ARN] != acl.ARN && len(s.protectedBy(acl)) >= loadBalancersPerWebACL:
		return sim.Errorf("WAFLimitsExceededException", "AWS WAF couldn’t perform the operation because you exceeded your resource limit: %d load balancers per web ACL.", loadBalancersPerWebACL)
	}
	s.state.Protected[lb.ARN] = acl.ARN
	return nil
}

// disassociateWebACL leaves a load balancer without a web ACL; that it has none is no error.
func (s *Service) disassociateWebACL(r *sim.Request) (any, error) {
	var req associationRequest
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, err
	}
	lb, err := s.loadBalancer(r, req.ResourceArn)
	if err != nil {
		return nil, err
	}
	delete(s.state.Protected, lb.ARN)
	return struct{}{}, nil
}

// getWebACLForResource answers without a web ACL for a load balancer that has none.
func (s *Service) getWebACLForResource(r *sim.Request) (any, error) {
	var req associationRequest
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, err
	}
	lb, err := s.loadBalancer(r, req.ResourceArn)
	if err != nil {
		return nil, err
	}
	var result struct {
		WebACL *wireWebACL `json:",omitempty"`
	}
	if acl, ok := s.find(r, s.state.Protected[lb.ARN]); ok {
		w := acl.wire()
		result.WebACL = &w
	}
	return result, nil
}

// listResourcesForWebACL tells of application load balancers unless it is asked for another type, of which there are
// none here (AWS WAF API Reference, ListResourcesForWebACL).
func (s *Service) listResourcesForWebACL(r *sim.Request) (any, error) {
	var req struct{ WebACLArn, ResourceType string }
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, err
	}
	acl, ok := s.find(r, req.WebACLArn)
	if !ok {
		return nil, nonexistent()
	}
	resources := []string{}
	if req.ResourceType == "" || req.ResourceType == "APPLICATION_LOAD_BALANCER" {
		resources = s.protectedBy(acl)
	}
	return struct{ ResourceArns []string }{resources}, nil
}

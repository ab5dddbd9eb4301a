package wafv2

import "github.com/linkwright/linkwright/internal/simaws/sim"

var _ sim.Meddler = (*Service)(nil)

// Meddle implements sim.Meddler. Of a load balancer it takes the web ACL away, or changes it to that of the
// "WebACLArn"; a web ACL it can only delete, for which it takes it from all load balancers.
func (s *Service) Meddle(r *sim.Request, resource string, change map[string]string) error {
	if acl, ok := s.find(r, resource); ok && change == nil {
		for _, protected := range s.protectedBy(acl) {
			delete(s.state.Protected, protected)
		}
		delete(s.state.WebACLs, acl.ARN)
		return nil
	}
	lb, err := s.loadBalancer(r, resource)
	if err != nil {
		return err
	}
	if change == nil {
		delete(s.state.Protected, lb.ARN)
		return nil
	}
	return s.associate(r, associationRequest{ResourceArn: lb.ARN, WebACLArn: change["WebACLArn"]})
}

// Settle lets every web ACL be used at once.
func (s *Service) Settle() {
	for _, acl := range s.state.WebACLs {
		acl.UsableAt = s.world.Clock.Now()
	}
}

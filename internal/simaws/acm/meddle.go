package acm

import "github.com/linkwright/linkwright/internal/simaws/sim"

var _ sim.Meddler = (*Service)(nil)

// Meddle implements sim.Meddler for certificates: one that is in use cannot be deleted, and what can change is its
// "Status".
func (s *Service) Meddle(r *sim.Request, resource string, change map[string]string) error {
	c, err := s.find(r, resource)
	switch {
	case err != nil:
		return err
	case change != nil:
		return s.SetStatus(c.ARN, change["Status"])
	case len(s.inUseBy(c)) > 0:
		return sim.Errorf("ResourceInUseException", "Certificate %s in account %s is in use.", c.ARN, c.AccountID)
	}
	delete(s.state.Certificates, c.ARN)
	return nil
}

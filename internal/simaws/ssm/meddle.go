package ssm

import "github.com/linkwright/linkwright/internal/simaws/sim"

var _ sim.Meddler = (*Service)(nil)

// Meddle implements sim.Meddler for parameters; what can change is the "Value".
func (s *Service) Meddle(r *sim.Request, resource string, change map[string]string) error {
	p, ok := s.find(r, resource)
	if !ok {
		return notFound(resource)
	}
	if change == nil {
		delete(s.store(r), p.Name)
		return nil
	}
	next, err := s.nextVersion(r, putRequest{Name: p.Name, Value: change["Value"], Overwrite: true}, p)
	if err != nil {
		return err
	}
	p.Versions = append(p.Versions, next)
	return nil
}

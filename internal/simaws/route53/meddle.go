package route53

import (
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

var _ sim.Meddler = (*Service)(nil)

// Meddle implements sim.Meddler for the record sets of a name; what can change is the "Value", quoted as Route 53
// wants it, which takes the place of all values.
func (s *Service) Meddle(r *sim.Request, resource string, change map[string]string) error {
	name, err := canonicalName(resource)
	if err != nil {
		return sim.Errorf("InvalidInput", "%s is no name: %v", resource, err)
	}
	for _, z := range s.state.Zones {
		named := func(set RecordSet) bool { return set.Name == name && set.Name != z.Name }
		if z.AccountID != r.Caller.AccountID || !slices.ContainsFunc(z.records(), named) {
			continue
		}
		records := slices.Clone(z.records())
		if change == nil {
			records = slices.DeleteFunc(records, named)
		}
		for i, set := range records {
			if named(set) {
				records[i].Values = []string{change["Value"]}
			}
		}
		z.publish(records, s.world.Clock.Now(), s.world.Clock.In(propagation))
		return nil
	}
	return sim.Errorf("InvalidInput", "no zone of the account has records of %s", name)
}

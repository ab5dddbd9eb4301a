package route53

import (
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

var _ sim.Meddler = (*Service)(nil)

// Meddle implements sim.Meddler. The resource is one of these:
//
//	the id of a zone     it is deleted with its records, by its owner; or an "Action" is done with it, which is
//	                     DisassociateVPCFromHostedZone with "VPCId" and "VPCRegion"
//	the id of a VPC      its owner makes another private zone in it: CreateHostedZone with the "Name"
//	the name of records  in the caller's newest zone that has it, they are deleted, or their values become the "Value",
//	                     quoted as Route 53 wants it
func (s *Service) Meddle(r *sim.Request, resource string, change map[string]string) error {
	c := call{Request: r}
	if z, err := s.anyZone(resource); err == nil {
		r.Caller.AccountID = z.AccountID
		return s.meddleZone(c, z, change)
	}
	if resolver, ok := s.world.Networks.Resolver(resource); ok {
		r.Caller.AccountID = resolver.AccountID
		return s.meddleVPC(c, VPC{Region: resolver.Region, ID: resource}, change)
	}
	return s.meddleRecords(r, resource, change)
}

func (s *Service) meddleZone(c call, z *Zone, change map[string]string) error {
	switch {
	case change == nil:
		s.deleteZone(z)
		return nil
	case change["Action"] == "DisassociateVPCFromHostedZone":
		_, err := s.endAssociation(c, z, VPC{Region: change["VPCRegion"], ID: change["VPCId"]}, "")
		return err
	}
	return sim.Errorf("InvalidInput", "nothing is known of the change %v to a hosted zone", change)
}

func (s *Service) meddleVPC(c call, vpc VPC, change map[string]string) error {
	if change["Action"] != "CreateHostedZone" {
		return sim.Errorf("InvalidInput", "nothing is known of the change %v to a VPC", change)
	}
	_, err := s.makeZone(c, createHostedZoneRequest{Name: change["Name"], CallerReference: c.ID, VPC: &vpc})
	return err
}

func (s *Service) meddleRecords(r *sim.Request, resource string, change map[string]string) error {
	name, err := canonicalName(resource)
	if err != nil {
		return sim.Errorf("InvalidInput", "%s is no name: %v", resource, err)
	}
	z := s.newestWith(r.Caller.AccountID, name)
	if z == nil {
		return sim.Errorf("InvalidInput", "no zone of the account has records of %s", name)
	}
	records := slices.Clone(z.records())
	if change == nil {
		records = slices.DeleteFunc(records, func(set RecordSet) bool { return z.ordinary(set) && set.Name == name })
	}
	for i, set := range records {
		if z.ordinary(set) && set.Name == name {
			records[i].Values, records[i].Alias = []string{change["Value"]}, nil
		}
	}
	z.publish(records, s.world.Clock.Now(), s.world.Clock.In(propagation))
	return nil
}

// newestWith is the newest zone of an account that has records of a name, nil when none has.
func (s *Service) newestWith(account, name string) *Zone {
	var newest *Zone
	for _, z := range s.state.Zones {
		named := func(set RecordSet) bool { return z.ordinary(set) && set.Name == name }
		if z.AccountID == account && slices.ContainsFunc(z.records(), named) && (newest == nil || z.Number > newest.Number) {
			newest = z
		}
	}
	return newest
}

// ordinary reports whether a set is none of the two that each zone must have.
func (z *Zone) ordinary(set RecordSet) bool {
	return set.Name != z.Name || set.Type != "NS" && set.Type != "SOA"
}

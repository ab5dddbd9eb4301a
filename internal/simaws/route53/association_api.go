package route53

import (
	"net/http"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// vpcRequest is the body of every request about a zone and a VPC.
type vpcRequest struct {
	VPC     VPC    `xml:"VPC"`
	Comment string `xml:"Comment"`
}

type changeResult struct {
	ChangeInfo changeInfo `xml:"ChangeInfo"`
}

// associateVPC makes a private zone answer in a VPC of the caller's, once the change has propagated. A request that was
// under way while another changed the zone's associations is refused: PriorRequestNotComplete is the error that the API
// has for this here (Route 53 API Reference, AssociateVPCWithHostedZone). That only requests which overlap get in each
// other's way, and not every request while a change is PENDING, is assumed.
func (s *Service) associateVPC(c call) (any, error) {
	z, err := s.anyZone(c.vars[0])
	if err != nil {
		return nil, err
	}
	var req vpcRequest
	if err := decode(c, "AssociateVPCWithHostedZoneRequest", &req); err != nil {
		return nil, err
	}
	if err := s.mayAssociate(c, z, req.VPC); err != nil {
		return nil, err
	}
	if s.overtaken(c, z.ID+"/associations") {
		return nil, sim.Errorf("PriorRequestNotComplete", "The request was rejected because Route 53 was still processing a prior request.")
	}
	change := s.acceptChange(c, z, req.Comment)
	z.associate(req.VPC, change)
	s.note(z.ID + "/associations")
	return changeResult{s.changeInfo(change)}, nil
}

// disassociateVPC ends an association, for the zone's owner or the VPC's (Route 53 API Reference,
// DisassociateVPCFromHostedZone). The zone's owner can end that of a VPC which does not exist any more.
func (s *Service) disassociateVPC(c call) (any, error) {
	z, err := s.anyZone(c.vars[0])
	if err != nil {
		return nil, err
	}
	var req vpcRequest
	if err := decode(c, "DisassociateVPCFromHostedZoneRequest", &req); err != nil {
		return nil, err
	}
	if z.AccountID != c.Caller.AccountID {
		if owner, err := s.owner(req.VPC, z.Partition); err != nil {
			return nil, err
		} else if owner != c.Caller.AccountID {
			return nil, foreign(c)
		}
	}
	change, err := s.endAssociation(c, z, req.VPC, req.Comment)
	if err != nil {
		return nil, err
	}
	s.note(z.ID + "/associations")
	return changeResult{s.changeInfo(change)}, nil
}

func (s *Service) endAssociation(c call, z *Zone, vpc VPC, comment string) (Change, error) {
	vpcs := z.vpcs()
	switch {
	case !slices.Contains(vpcs, vpc):
		return Change{}, &sim.Error{Status: http.StatusNotFound, Code: "VPCAssociationNotFound",
			Message: "The VPC " + vpc.ID + " and the hosted zone " + z.ID + " are not associated."}
	case len(vpcs) == 1:
		return Change{}, sim.Errorf("LastVPCAssociation", "The VPC %s is the last one that the hosted zone %s is associated with, and cannot be disassociated.", vpc.ID, z.ID)
	}
	change := s.acceptChange(c, z, comment)
	z.disassociate(vpc, change)
	return change, nil
}

// overtaken reports whether another request changed something while this one was under way, note that one did.
func (s *Service) overtaken(c call, what string) bool {
	last, changed := s.changed[what]
	return changed && c.Number <= last
}

func (s *Service) note(what string) { s.changed[what] = s.world.Admitted }

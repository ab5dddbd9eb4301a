package ec2

import (
	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// peering finds the connection that a request names, if the caller is one of its parties and sees it.
func (s *Service) peering(r *sim.Request, f query.Form) (*Peering, error) {
	id := f.String("VpcPeeringConnectionId")
	if id == "" {
		return nil, missingParameter("vpcPeeringConnectionId")
	}
	p, ok := s.state.Peerings[id]
	if !ok || p.Owner != r.Caller.AccountID && (p.Accepter.Owner != r.Caller.AccountID || p.State == peeringInitiating) {
		return nil, peeringNotFound(id)
	}
	return p, nil
}

// decidable finds the connection that a request accepts or rejects: as the owner of the accepter VPC, in its Region
// (Amazon VPC Peering Guide, "Accept or reject a VPC peering connection"; EC2 API Reference, error code
// OperationNotPermitted).
func (s *Service) decidable(r *sim.Request, f query.Form, to, how string) (*Peering, error) {
	p, err := s.peering(r, f)
	switch {
	case err != nil:
		return nil, err
	case p.Accepter.Owner != r.Caller.AccountID:
		return nil, sim.Errorf("OperationNotPermitted", "User %s cannot %s peering %s", r.Caller.AccountID, how, p.ID)
	case p.Accepter.Region != r.Region:
		return nil, sim.Errorf("OperationNotPermitted", "Incorrect region (%s) specified for this request. VPC peering connection %s must be %sed in region %s", r.Region, p.ID, how, p.Accepter.Region)
	case p.State != peeringPending:
		return nil, p.noWayTo(to)
	}
	return p, nil
}

// noWayTo is the error for a change of state that there is not.
func (p *Peering) noWayTo(state string) *sim.Error {
	return sim.Errorf("InvalidStateTransition", "Invalid state transition for %s, attempted to transition from %s to %s", p.ID, p.State, state)
}

func (s *Service) acceptPeering(r *sim.Request, f query.Form) (any, error) {
	p, err := s.decidable(r, f, peeringProvisioning, "accept")
	if err != nil {
		return nil, err
	}
	if other := s.peeringFromTo(p.AccepterVPC.ID, p.RequesterVPC.ID); other != nil && other.Accepted {
		return nil, sim.Errorf("VpcPeeringConnectionAlreadyExists", "The vpc peering connection identified by %s already exists.", p.ID)
	}
	for _, id := range []string{p.RequesterVPC.ID, p.AccepterVPC.ID} {
		vpc, ok := s.state.VPCs[id]
		if !ok {
			return nil, vpcNotFound(id)
		}
		if s.activePeerings(id) >= s.quota(vpc.Resource, sim.QuotaActivePeerings) {
			return nil, sim.Errorf("ActiveVpcPeeringConnectionPerVpcLimitExceeded", "The maximum number of active VPC peering connections has been reached for %s.", id)
		}
	}
	p.Accepted, p.Message = true, "Provisioning"
	p.Lifecycle = Lifecycle{State: peeringProvisioning, Next: peeringActive, Until: s.world.Clock.In(peeringProvision)}
	var result struct {
		Peering peeringItem `xml:"vpcPeeringConnection"`
	}
	result.Peering = p.item(&p.Accepter)
	return result, nil
}

func (s *Service) rejectPeering(r *sim.Request, f query.Form) (any, error) {
	p, err := s.decidable(r, f, peeringRejected, "reject")
	if err != nil {
		return nil, err
	}
	p.enter(peeringRejected)
	p.Message = "Inactive"
	s.endPeering(p, r.Caller.AccountID)
	return done{true}, nil
}

// deletePeering ends a connection: of either owner when it is active, of the requester's as long as it waits for
// acceptance (EC2 API Reference, DeleteVpcPeeringConnection). Between two Regions it takes a while.
func (s *Service) deletePeering(r *sim.Request, f query.Form) (any, error) {
	p, err := s.peering(r, f)
	if err != nil {
		return nil, err
	}
	withdrawn := p.State == peeringPending && p.Owner == r.Caller.AccountID
	if p.State != peeringActive && !withdrawn {
		return nil, p.noWayTo(peeringDeleting)
	}
	p.enter(peeringDeleted)
	p.Message = "Deleted by " + r.Caller.AccountID
	s.endPeering(p, r.Caller.AccountID)
	if p.acrossRegions() {
		p.Lifecycle = Lifecycle{State: peeringDeleting, Next: peeringDeleted, Until: s.world.Clock.In(peeringAcrossDelete)}
	}
	return done{true}, nil
}

// endPeering says until when the parties see that a connection is over: the one that ended it for two hours, the other
// for two days.
func (s *Service) endPeering(p *Peering, by string) {
	short, long := s.world.Clock.In(peeringShownShort), s.world.Clock.In(peeringShownLong)
	p.RequesterSees, p.AccepterSees = long, long
	if p.Owner == by {
		p.RequesterSees = short
	}
	if p.Accepter.Owner == by {
		p.AccepterSees = short
	}
}

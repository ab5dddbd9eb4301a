package ec2

import (
	"net/netip"
	"slices"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Peering is a connection between two VPCs, of one account or two, in one Region or two. Its Resource is the
// requester's: to the accepter it is a resource of his own, with his own tags.
type Peering struct {
	Resource
	Lifecycle
	Message  string
	Accepter Resource
	// RequesterVPC and AccepterVPC are as they were when they were asked for.
	RequesterVPC, AccepterVPC PeerVPC
	Accepted                  bool
	Expires                   time.Time // of the request
	// RequesterSees and AccepterSees are until when the parties see what is over; zero while it is not.
	RequesterSees, AccepterSees time.Time
}

// PeerVPC is one of the two.
type PeerVPC struct {
	ID, Owner, Region string
	CIDR, CIDRv6      string
}

// The states of a peering connection (Amazon VPC Peering Guide, "VPC peering connection lifecycle").
const (
	peeringInitiating   = "initiating-request"
	peeringPending      = "pending-acceptance"
	peeringProvisioning = "provisioning"
	peeringActive       = "active"
	peeringRejected     = "rejected"
	peeringExpired      = "expired"
	peeringFailed       = "failed"
	peeringDeleting     = "deleting"
	peeringDeleted      = "deleted"
)

// How long a peering connection remains visible that is over (same page); to him who has ended it the shorter time.
const (
	peeringShownShort = 2 * time.Hour
	peeringShownLong  = 48 * time.Hour
)

// How long the real service takes, roughly; nothing is documented.
const (
	peeringInitiation   = 2 * time.Second
	peeringProvision    = 10 * time.Second
	peeringAcrossDelete = 10 * time.Second
)

// peeringRefused is the status message of a request that fails; AWS does not tell which of the three it was, and so
// does not tell strangers which VPCs there are.
const peeringRefused = "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range"

var peeringNotFound = missing("InvalidVpcPeeringConnectionID.NotFound", "The vpcPeeringConnection ID '%s' does not exist")

// createPeering requests a connection. For two VPCs between which there is one already, or a request for one in the
// same direction, that one is returned (seen with AWS, hashicorp/terraform-provider-aws#27750); a request in the other
// direction is another one, of which the acceptance is refused (same repository, #44315).
func (s *Service) createPeering(r *sim.Request, f query.Form) (any, error) {
	vpc, err := s.vpc(r, f.String("VpcId"))
	if err != nil {
		return nil, err
	}
	if !f.Has("PeerVpcId") {
		return nil, missingParameter("peerVpcId")
	}
	tags, err := newTags(f, "vpc-peering-connection")
	if err != nil {
		return nil, err
	}
	peer := peerAsked(r, f)
	peering := s.peeringFromTo(vpc.ID, peer.ID)
	if peering == nil {
		if s.outstandingPeerings(r) >= s.quota(vpc.Resource, sim.QuotaOutstandingPeerings) {
			return nil, sim.Errorf("OutstandingVpcPeeringConnectionLimitExceeded", "The maximum number of outstanding VPC peering connection requests has been reached.")
		}
		peering = s.newPeering(r, vpc, peer, tags)
	}
	var result struct {
		Peering peeringItem `xml:"vpcPeeringConnection"`
	}
	result.Peering = peering.item(&peering.Resource)
	return result, nil
}

// peerAsked is the VPC that a request wants to be connected with: of the caller's account and in the request's Region
// unless it says otherwise.
func peerAsked(r *sim.Request, f query.Form) PeerVPC {
	peer := PeerVPC{ID: f.String("PeerVpcId"), Owner: f.String("PeerOwnerId"), Region: f.String("PeerRegion")}
	if peer.Owner == "" {
		peer.Owner = r.Caller.AccountID
	}
	if peer.Region == "" {
		peer.Region = r.Region
	}
	return peer
}

func (s *Service) newPeering(r *sim.Request, vpc *VPC, peer PeerVPC, tags map[string]string) *Peering {
	clock := s.world.Clock
	expiry := time.Duration(s.quota(vpc.Resource, sim.QuotaPeeringExpiry)) * time.Hour
	p := &Peering{
		Resource:     s.newResource(r, "pcx", "vpc-peering-connection", tags),
		Lifecycle:    Lifecycle{State: peeringInitiating, Next: peeringPending, Until: clock.In(peeringInitiation)},
		Message:      "Initiating Request to " + peer.Owner,
		RequesterVPC: PeerVPC{ID: vpc.ID, Owner: vpc.Owner, Region: vpc.Region, CIDR: vpc.CIDR, CIDRv6: vpc.V6.CIDR},
		AccepterVPC:  peer,
		Expires:      clock.In(expiry),
	}
	p.Accepter = p.Resource
	p.Accepter.Owner, p.Accepter.Region, p.Accepter.Tags = peer.Owner, peer.Region, nil
	other, ok := s.state.VPCs[peer.ID]
	if !ok || other.Owner != peer.Owner || other.Region != peer.Region || overlap(vpc, other) {
		p.Next = peeringFailed
	} else {
		p.AccepterVPC.CIDR, p.AccepterVPC.CIDRv6 = other.CIDR, other.V6.CIDR
	}
	s.state.Peerings[p.ID] = p
	return p
}

// overlap reports whether two VPCs have addresses in common, and so cannot be connected (EC2 API Reference,
// CreateVpcPeeringConnection). A VPC overlaps itself.
func overlap(a, b *VPC) bool {
	if netip.MustParsePrefix(a.CIDR).Overlaps(netip.MustParsePrefix(b.CIDR)) {
		return true
	}
	return a.V6.CIDR != "" && b.V6.CIDR != "" && netip.MustParsePrefix(a.V6.CIDR).Overlaps(netip.MustParsePrefix(b.V6.CIDR))
}

// peeringFromTo is the connection, or the request for one, between two VPCs in this direction; nil when there is none.
func (s *Service) peeringFromTo(requester, accepter string) *Peering {
	for _, p := range s.state.Peerings {
		if p.RequesterVPC.ID == requester && p.AccepterVPC.ID == accepter && p.live() {
			return p
		}
	}
	return nil
}

// peeringBetween is the active connection of two VPCs, nil when there is none.
func (s *Service) peeringBetween(a, b string) *Peering {
	for _, p := range []*Peering{s.peeringFromTo(a, b), s.peeringFromTo(b, a)} {
		if p != nil && p.State == peeringActive {
			return p
		}
	}
	return nil
}

// live reports whether the connection exists or may come to.
func (p *Peering) live() bool {
	return slices.Contains([]string{peeringInitiating, peeringPending, peeringProvisioning, peeringActive}, p.State) && p.Next != peeringFailed
}

// joins reports whether a VPC is one of the two.
func (p *Peering) joins(vpc string) bool { return p.RequesterVPC.ID == vpc || p.AccepterVPC.ID == vpc }

func (p *Peering) acrossRegions() bool { return p.Region != p.Accepter.Region }

// outstandingPeerings is how many of the caller's requests wait for acceptance.
func (s *Service) outstandingPeerings(r *sim.Request) int {
	n := 0
	for _, p := range s.state.Peerings {
		if p.ownedBy(r) && (p.State == peeringInitiating || p.State == peeringPending) {
			n++
		}
	}
	return n
}

// activePeerings is how many active connections a VPC has.
func (s *Service) activePeerings(vpc string) int {
	n := 0
	for _, p := range s.state.Peerings {
		if p.joins(vpc) && (p.State == peeringActive || p.State == peeringProvisioning) {
			n++
		}
	}
	return n
}

// settlePeerings brings the connections to where time has taken them, and forgets those that nobody sees any more.
func (s *Service) settlePeerings() {
	clock := s.world.Clock
	for id, p := range s.state.Peerings {
		for p.Next != "" && clock.Passed(p.Until) {
			since := p.Until
			p.enter(p.Next)
			switch p.State {
			case peeringPending:
				p.Message, p.Next, p.Until = "Pending Acceptance by "+p.Accepter.Owner, peeringExpired, p.Expires
			case peeringActive:
				p.Message = "Active"
			case peeringFailed:
				p.Message, p.RequesterSees, p.AccepterSees = peeringRefused, since.Add(clock.Scaled(peeringShownShort)), since
			case peeringExpired:
				p.Message, p.RequesterSees = "Expired", since.Add(clock.Scaled(peeringShownLong))
				p.AccepterSees = p.RequesterSees
			}
		}
		if !p.RequesterSees.IsZero() && clock.Passed(p.RequesterSees) && clock.Passed(p.AccepterSees) {
			delete(s.state.Peerings, id)
		}
	}
}

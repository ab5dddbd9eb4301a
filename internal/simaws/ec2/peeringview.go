package ec2

import (
	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// peeringSide is a connection as one of its parties has it.
type peeringSide struct {
	*Peering
	side *Resource
}

func (v peeringSide) meta() *Resource { return v.side }

// sideOf is the connection as the caller has it in the request's Region; nil when it is not one of the parties there.
func (p *Peering) sideOf(r *sim.Request) *Resource {
	switch {
	case p.ownedBy(r):
		return &p.Resource
	case p.Accepter.ownedBy(r):
		return &p.Accepter
	}
	return nil
}

// peeringSides are the connections that the caller sees. He sees no request that has not reached him yet, and nothing
// that has been over for long.
func (s *Service) peeringSides(r *sim.Request) map[string]peeringSide {
	sides := map[string]peeringSide{}
	for id, p := range s.state.Peerings {
		side, sees := p.sideOf(r), p.RequesterSees
		if side == &p.Accepter {
			sees = p.AccepterSees
		}
		arrived := side == &p.Resource || p.State != peeringInitiating
		if side != nil && arrived && (sees.IsZero() || !s.world.Clock.Passed(sees)) {
			sides[id] = peeringSide{p, side}
		}
	}
	return sides
}

type peeringItem struct {
	ID        string        `xml:"vpcPeeringConnectionId"`
	Requester peerVPCItem   `xml:"requesterVpcInfo"`
	Accepter  peerVPCItem   `xml:"accepterVpcInfo"`
	Status    peeringStatus `xml:"status"`
	Expires   string        `xml:"expirationTime,omitempty"`
	Tags      []tagItem     `xml:"tagSet>item"`
}

type peeringStatus struct {
	Code    string `xml:"code"`
	Message string `xml:"message"`
}

type peerVPCItem struct {
	Owner    string       `xml:"ownerId"`
	ID       string       `xml:"vpcId"`
	CIDR     string       `xml:"cidrBlock,omitempty"`
	Blocks   []cidrItem   `xml:"cidrBlockSet>item"`
	BlocksV6 []cidrV6Item `xml:"ipv6CidrBlockSet>item"`
	Options  *peerOptions `xml:"peeringOptions"`
	Region   string       `xml:"region"`
}

type cidrItem struct {
	CIDR string `xml:"cidrBlock"`
}

type cidrV6Item struct {
	CIDR string `xml:"ipv6CidrBlock"`
}

type peerOptions struct {
	RemoteDNS bool `xml:"allowDnsResolutionFromRemoteVpc"`
}

// item is a connection on the wire. The accepter's addresses are shown when he has accepted (EC2 API Reference,
// CreateVpcPeeringConnection and AcceptVpcPeeringConnection, examples).
func (p *Peering) item(side *Resource) peeringItem {
	item := peeringItem{
		ID: p.ID, Requester: p.RequesterVPC.item(true), Accepter: p.AccepterVPC.item(p.Accepted),
		Status: peeringStatus{p.State, p.Message}, Tags: tagSet(side.Tags),
	}
	if !p.Accepted {
		item.Expires = timestamp(p.Expires)
	}
	return item
}

func (v PeerVPC) item(known bool) peerVPCItem {
	item := peerVPCItem{Owner: v.Owner, ID: v.ID, Region: v.Region}
	if !known {
		return item
	}
	item.CIDR, item.Options = v.CIDR, &peerOptions{}
	item.Blocks = []cidrItem{{v.CIDR}}
	if v.CIDRv6 != "" {
		item.BlocksV6 = []cidrV6Item{{v.CIDRv6}}
	}
	return item
}

func (s *Service) describePeerings(r *sim.Request, f query.Form) (any, error) {
	var result struct {
		Peerings  []peeringItem `xml:"vpcPeeringConnectionSet>item"`
		NextToken string        `xml:"nextToken,omitempty"`
	}
	side := func(value func(*Peering) string) func(peeringSide) []string {
		return one(func(v peeringSide) string { return value(v.Peering) })
	}
	found, next, err := list(s, r, f, listing[peeringSide]{
		table: s.peeringSides(r), ids: "VpcPeeringConnectionId", absent: peeringNotFound,
		filters: map[string]func(peeringSide) []string{
			"vpc-peering-connection-id":     side(func(p *Peering) string { return p.ID }),
			"status-code":                   side(func(p *Peering) string { return p.State }),
			"status-message":                side(func(p *Peering) string { return p.Message }),
			"expiration-time":               side(func(p *Peering) string { return timestamp(p.Expires) }),
			"requester-vpc-info.vpc-id":     side(func(p *Peering) string { return p.RequesterVPC.ID }),
			"requester-vpc-info.owner-id":   side(func(p *Peering) string { return p.RequesterVPC.Owner }),
			"requester-vpc-info.cidr-block": side(func(p *Peering) string { return p.RequesterVPC.CIDR }),
			"accepter-vpc-info.vpc-id":      side(func(p *Peering) string { return p.AccepterVPC.ID }),
			"accepter-vpc-info.owner-id":    side(func(p *Peering) string { return p.AccepterVPC.Owner }),
			"accepter-vpc-info.cidr-block":  side(func(p *Peering) string { return p.AccepterVPC.CIDR }),
		},
	})
	if err != nil {
		return nil, err
	}
	for _, v := range found {
		result.Peerings = append(result.Peerings, v.item(v.side))
	}
	result.NextToken = next
	return result, nil
}

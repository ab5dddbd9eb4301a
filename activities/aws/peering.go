package aws

import (
	"context"
	"fmt"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"go.temporal.io/sdk/activity"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// Peerings keeps VPC peering connections, and the routes and security-group rules that go with them.
type Peerings struct{ config Config }

var _ activities.Peerings = (*Peerings)(nil)

// NewPeerings returns the steps about peerings.
func NewPeerings(c Config) *Peerings { return &Peerings{c.withDefaults()} }

// FindPeerings implements [activities.Peerings].
func (p *Peerings) FindPeerings(ctx context.Context, req activities.FindPeeringsRequest) (activities.FoundPeerings, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.FoundPeerings{}, err
	}
	all, err := s.peerings(ctx, ownedBy(req.Owner))
	if err != nil {
		return activities.FoundPeerings{}, s.failed(err)
	}
	var found activities.FoundPeerings
	for _, c := range all {
		if ownerOf(c.Tags) == req.Owner {
			found.Peerings = append(found.Peerings, peeringView(c))
		}
	}
	return found, nil
}

// requested remembers, from one attempt to the next, which connection a step has asked for: AWS finds out only
// afterwards that it cannot be, and another one asked for would fare no better.
type requested struct {
	ID string `json:"id,omitempty"`
}

// EnsurePeering implements [activities.Peerings]. CreateVpcPeeringConnection takes no client token; a second request in
// the same direction is answered with the first one instead (seen with AWS, hashicorp/terraform-provider-aws#27750).
func (p *Peerings) EnsurePeering(ctx context.Context, req activities.PeeringRequest) (activities.Peering, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.Peering{}, err
	}
	var asked requested
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &asked); err != nil {
			asked = requested{}
		}
	}
	found, err := s.peeringsBetween(ctx, req.From.VPC, req.To.VPC)
	if err != nil {
		return activities.Peering{}, s.failed(err)
	}
	is := judgePeerings(found, req.Owner, req.From, req.To)
	switch {
	case is.foreign != nil:
		return activities.Peering{}, s.blocked(foreignPeering(*is.foreign, req.Owner), nil)
	case is.kept == nil:
		for _, c := range is.over {
			if sdk.ToString(c.VpcPeeringConnectionId) == asked.ID {
				return activities.Peering{}, s.blocked(failedPeering(c), nil)
			}
		}
		return activities.Peering{}, s.requestPeering(ctx, req)
	}
	if view := peeringView(*is.kept); peeringState(*is.kept) != initiatingRequest {
		return view, nil
	}
	return activities.Peering{}, s.pending("the request has not reached the other side yet")
}

// requestPeering asks for a connection. The step is pending until it is listed as the owner's.
func (s *site) requestPeering(ctx context.Context, req activities.PeeringRequest) error {
	out, err := s.EC2.CreateVpcPeeringConnection(ctx, &ec2.CreateVpcPeeringConnectionInput{
		VpcId:             sdk.String(req.From.VPC),
		PeerVpcId:         sdk.String(req.To.VPC),
		PeerOwnerId:       sdk.String(req.To.Owner),
		PeerRegion:        sdk.String(req.To.Region),
		TagSpecifications: tagsFor(ec2types.ResourceTypeVpcPeeringConnection, req.Owner, req.Name),
	})
	if err != nil {
		return s.failed(err)
	}
	made := *out.VpcPeeringConnection
	if owner := ownerOf(made.Tags); owner != "" && owner != req.Owner { // it was there, and not listed
		return s.blocked(foreignPeering(made, req.Owner), nil)
	}
	activity.RecordHeartbeat(ctx, requested{sdk.ToString(made.VpcPeeringConnectionId)})
	return s.pending("the connection is asked for")
}

// AcceptPeering implements [activities.Peerings].
func (p *Peerings) AcceptPeering(ctx context.Context, req activities.PeeringRequest) (activities.Peering, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.Peering{}, err
	}
	found, err := s.peerings(ctx, filter("vpc-peering-connection-id", req.ID))
	switch {
	case err != nil:
		return activities.Peering{}, s.failed(err)
	case len(found) == 0 && s.age() < s.Patience:
		return activities.Peering{}, s.pending("peering connection " + req.ID + " has not arrived yet")
	case len(found) == 0:
		return activities.Peering{}, activities.Changed("peering connection " + req.ID + " is not to be seen by who shall accept it")
	}
	c := found[0]
	if differs := peeringDiffers(c, req.From, req.To); differs != "" {
		return activities.Peering{}, s.blocked(link.Problem{
			Reason:  link.ReasonConflictingPeering,
			Message: fmt.Sprintf("peering connection %s is not accepted, as it is not what was asked for: %s", req.ID, differs),
			Remedy:  "see who has asked for it, and reject it if nobody should have",
		}, nil)
	}
	switch state := peeringState(c); {
	case state == active:
		return peeringView(c), s.tagPeering(ctx, c, req)
	case state == pendingAcceptance:
		_, err := s.EC2.AcceptVpcPeeringConnection(ctx, &ec2.AcceptVpcPeeringConnectionInput{VpcPeeringConnectionId: sdk.String(req.ID)})
		if err != nil && !hasCode(err, "InvalidStateTransition", peeringNotFound) {
			return activities.Peering{}, s.failed(err)
		}
		return activities.Peering{}, s.pending("the connection is accepted, and not active yet")
	case livePeering(c):
		return activities.Peering{}, s.pending("the connection is not active yet")
	default:
		return activities.Peering{}, activities.Changed(fmt.Sprintf("peering connection %s is %s: %s", req.ID, state, peeringMessage(c)))
	}
}

// tagPeering gives a connection our tags at the side that has accepted it: each side has its own (Amazon VPC Peering
// Guide, "Create a VPC peering connection").
func (s *site) tagPeering(ctx context.Context, c ec2types.VpcPeeringConnection, req activities.PeeringRequest) error {
	switch ownerOf(c.Tags) {
	case req.Owner:
		return nil
	case "":
		_, err := s.EC2.CreateTags(ctx, &ec2.CreateTagsInput{
			Resources: []string{req.ID}, Tags: tagsFor(ec2types.ResourceTypeVpcPeeringConnection, req.Owner, req.Name)[0].Tags,
		})
		if err != nil {
			return s.failed(err)
		}
		return nil
	}
	return s.blocked(notOurs("peering connection "+req.ID, req.Owner, ownerOf(c.Tags)), nil)
}

// RemovePeering implements [activities.Peerings].
func (p *Peerings) RemovePeering(ctx context.Context, req activities.PeeringRequest) error {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	found, err := s.peeringsBetween(ctx, req.From.VPC, req.To.VPC)
	if err != nil {
		return s.failed(err)
	}
	left := 0
	for _, c := range found {
		id := sdk.ToString(c.VpcPeeringConnectionId)
		state := peeringState(c)
		switch ours := ownerOf(c.Tags) == req.Owner; {
		case !livePeering(c) && state != deleting:
			continue
		case !ours && id == req.ID:
			return s.blocked(notOurs("peering connection "+id, req.Owner, ownerOf(c.Tags)), nil)
		case !ours:
			continue
		case state == active, state == pendingAcceptance: // from the others there is no way to deleted, yet
			_, err := s.EC2.DeleteVpcPeeringConnection(ctx, &ec2.DeleteVpcPeeringConnectionInput{VpcPeeringConnectionId: sdk.String(id)})
			if err != nil && !hasCode(err, "InvalidStateTransition", peeringNotFound) {
				return s.failed(err)
			}
		}
		left++
	}
	if left == 0 {
		return s.absent(ctx, "a peering connection")
	}
	return s.removing(ctx, "the peering connection is being deleted")
}

// peeringNotFound is the code of a connection that does not exist, or that the caller does not see.
const peeringNotFound = "InvalidVpcPeeringConnectionID.NotFound"

// peerings lists connections to the last page: a page may be empty although another one follows.
func (s *site) peerings(ctx context.Context, filters ...ec2types.Filter) ([]ec2types.VpcPeeringConnection, error) {
	var all []ec2types.VpcPeeringConnection
	pages := ec2.NewDescribeVpcPeeringConnectionsPaginator(s.EC2, &ec2.DescribeVpcPeeringConnectionsInput{Filters: filters})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, page.VpcPeeringConnections...)
	}
	return all, nil
}

// peeringsBetween lists the connections of two VPCs, whoever has asked for them.
func (s *site) peeringsBetween(ctx context.Context, a, b string) ([]ec2types.VpcPeeringConnection, error) {
	both := []string{a, b}
	return s.peerings(ctx, filter("requester-vpc-info.vpc-id", both...), filter("accepter-vpc-info.vpc-id", both...))
}

func foreignPeering(c ec2types.VpcPeeringConnection, owner activities.Owner) link.Problem {
	id := sdk.ToString(c.VpcPeeringConnectionId)
	p := link.Problem{
		Reason: link.ReasonConflictingPeering,
		Message: fmt.Sprintf("%s and %s are connected already, by %s (%s), which has no tag %s",
			vpcIDOf(c.RequesterVpcInfo), vpcIDOf(c.AccepterVpcInfo), id, peeringState(c), ownerTag),
		Remedy: fmt.Sprintf("delete %s, and what leads to it; or, if it was asked for by the hub's VPC, hand it over: set its tag %s to %s", id, ownerTag, owner),
	}
	if other := ownerOf(c.Tags); other != "" {
		p.Message = strings.Replace(p.Message, "which has no tag "+ownerTag, "whose tag "+ownerTag+" is "+string(other), 1)
		p.Remedy = "let that flow go of it first"
	}
	return p
}

func failedPeering(c ec2types.VpcPeeringConnection) link.Problem {
	return link.Problem{
		Reason: link.ReasonConflictingPeering, Call: "ec2:CreateVpcPeeringConnection",
		Message: fmt.Sprintf("peering connection %s of %s and %s is %s: %s", sdk.ToString(c.VpcPeeringConnectionId),
			vpcIDOf(c.RequesterVpcInfo), vpcIDOf(c.AccepterVpcInfo), peeringState(c), peeringMessage(c)),
		Remedy: "see that both VPCs exist in their accounts and regions, and that their addresses do not overlap",
	}
}

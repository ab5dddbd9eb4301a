package aws

import (
	"context"
	"fmt"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// A VPC of another account comes to see a zone in three steps: the zone's owner authorizes it, the VPC's owner
// associates it, and the zone's owner takes the authorization back, or it would let the VPC in again at any time
// (Amazon Route 53 Developer Guide, "Associating an Amazon VPC and a private hosted zone that you created with
// different AWS accounts").

// AuthorizeVPC implements [activities.HostedZones]. Whoever was authorized before is so again.
func (h *HostedZones) AuthorizeVPC(ctx context.Context, req activities.ZoneVPCRequest) error {
	s, err := h.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	_, err = s.Route53.CreateVPCAssociationAuthorization(ctx, &route53.CreateVPCAssociationAuthorizationInput{
		HostedZoneId: sdk.String(req.ZoneID), VPC: vpcOf(req.Network),
	})
	if err != nil {
		return s.refusedChange(err)
	}
	return nil
}

// AssociateVPC implements [activities.HostedZones]. It asks first and looks when that is refused: flows ask for what
// they do not know to be there.
func (h *HostedZones) AssociateVPC(ctx context.Context, req activities.ZoneVPCRequest) error {
	s, err := h.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	// Whether the VPC's owner may ask for a change to a zone of another account is not documented. If not, that the
	// zone is listed is enough.
	done, certain, err := s.insync(ctx, "AccessDenied")
	switch {
	case err != nil || certain:
		return err
	case done.Change != "":
		return s.awaitListed(ctx, req)
	}
	out, err := s.Route53.AssociateVPCWithHostedZone(ctx, &route53.AssociateVPCWithHostedZoneInput{
		HostedZoneId: sdk.String(req.ZoneID), VPC: vpcOf(req.Network),
	})
	if hasCode(err, "NotAuthorizedException", "ConflictingDomainExists") {
		listed, looked := s.sees(ctx, req)
		switch {
		case looked != nil:
			return s.failed(looked)
		case listed:
			return nil
		}
	}
	switch {
	case hasCode(err, "NotAuthorizedException") && s.age() < s.Patience:
		return s.pending("the zone's account has not authorized the VPC yet, or has a moment ago")
	case hasCode(err, "ConflictingDomainExists"):
		return s.alreadySees(ctx, zoneSeen{network: req.Network, name: req.ZoneName, id: req.ZoneID}, err)
	case err != nil:
		return s.refusedChange(err)
	}
	return s.told(ctx, sent{Change: sdk.ToString(out.ChangeInfo.Id)}, "the VPC's resolver is")
}

// awaitListed waits until a zone is listed among those that a VPC sees.
func (s *site) awaitListed(ctx context.Context, req activities.ZoneVPCRequest) error {
	listed, err := s.sees(ctx, req)
	switch {
	case err != nil:
		return s.failed(err)
	case !listed:
		return s.pending("zone " + req.ZoneID + " is not listed among those that the VPC sees yet")
	}
	return nil
}

// sees reports whether a VPC sees a zone.
func (s *site) sees(ctx context.Context, req activities.ZoneVPCRequest) (bool, error) {
	seen, err := s.zonesSeenFrom(ctx, req.Network)
	return listsZone(seen, req.ZoneID), err
}

// DeauthorizeVPC implements [activities.HostedZones].
func (h *HostedZones) DeauthorizeVPC(ctx context.Context, req activities.ZoneVPCRequest) error {
	s, err := h.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	_, err = s.Route53.DeleteVPCAssociationAuthorization(ctx, &route53.DeleteVPCAssociationAuthorizationInput{
		HostedZoneId: sdk.String(req.ZoneID), VPC: vpcOf(req.Network),
	})
	if err == nil || hasCode(err, "VPCAssociationAuthorizationNotFound", "NoSuchHostedZone") {
		return nil
	}
	return s.refusedChange(err)
}

// DisassociateVPC implements [activities.HostedZones]. A VPC that does not exist sees nothing.
func (h *HostedZones) DisassociateVPC(ctx context.Context, req activities.ZoneVPCRequest) error {
	s, err := h.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	_, err = s.Route53.DisassociateVPCFromHostedZone(ctx, &route53.DisassociateVPCFromHostedZoneInput{
		HostedZoneId: sdk.String(req.ZoneID), VPC: vpcOf(req.Network),
	})
	if err == nil || hasCode(err, "VPCAssociationNotFound", "NoSuchHostedZone", "InvalidVPCId") {
		return nil
	}
	return s.refusedChange(err)
}

// zonesSeenFrom lists the private zones that a VPC of the account sees, whoever has them.
func (s *site) zonesSeenFrom(ctx context.Context, network activities.ZoneNetwork) ([]r53types.HostedZoneSummary, error) {
	return read(s, "zones seen from "+network.VPC, func() ([]r53types.HostedZoneSummary, error) {
		var all []r53types.HostedZoneSummary
		in := route53.ListHostedZonesByVPCInput{VPCId: sdk.String(network.VPC), VPCRegion: r53types.VPCRegion(network.Region)}
		for {
			out, err := s.Route53.ListHostedZonesByVPC(ctx, &in)
			if err != nil {
				return nil, err
			}
			all = append(all, out.HostedZoneSummaries...)
			if in.NextToken = out.NextToken; sdk.ToString(in.NextToken) == "" {
				return all, nil
			}
		}
	})
}

func listsZone(seen []r53types.HostedZoneSummary, id string) bool {
	return slices.ContainsFunc(seen, func(z r53types.HostedZoneSummary) bool { return zoneID(z.HostedZoneId) == id })
}

// zoneSeen is a zone that a VPC is to see, and cannot.
type zoneSeen struct {
	network activities.ZoneNetwork
	name    string
	id      string           // empty for one that is to be made
	owner   activities.Owner // of one that is to be made
}

// alreadySees explains why Route 53 lets a VPC not see a zone: it sees another one of the same name. It is no problem
// when that is the very zone, not listed a moment ago.
func (s *site) alreadySees(ctx context.Context, want zoneSeen, cause error) error {
	p, _ := classify(cause, s.identity())
	seen, err := s.zonesSeenFrom(ctx, want.network)
	if err != nil {
		return s.failed(err)
	}
	for _, z := range seen {
		id := zoneID(z.HostedZoneId)
		if plainName(sdk.ToString(z.Name)) != plainName(want.name) && id != want.id {
			continue
		}
		if ours, err := s.isWanted(ctx, z, want); err != nil {
			return s.failed(err)
		} else if ours {
			return s.pending("zone " + id + " is not listed yet")
		}
		p.Message = fmt.Sprintf("%s sees zone %s (%s), which belongs to %s: %s", want.network.VPC, id, plainName(sdk.ToString(z.Name)), ownerOfZone(z), p.Message)
		break
	}
	p.Reason = link.ReasonConflictingZone
	return s.blocked(p, cause)
}

// isWanted reports whether a zone that a VPC sees is the one that it is to see.
func (s *site) isWanted(ctx context.Context, z r53types.HostedZoneSummary, want zoneSeen) (bool, error) {
	id := zoneID(z.HostedZoneId)
	if want.id != "" {
		return id == want.id, nil
	}
	if z.Owner == nil || sdk.ToString(z.Owner.OwningAccount) != s.Account.ID {
		return false, nil
	}
	found, err := s.lookAtZone(ctx, id)
	if hasCode(err, "NoSuchHostedZone") {
		return true, nil // it has just been deleted, and is in nobody's way
	}
	return err == nil && found.ownedBy(activities.ZoneRequest{Owner: want.owner}), err
}

// ownerOfZone is the account or the service that has a zone.
func ownerOfZone(z r53types.HostedZoneSummary) string {
	switch {
	case z.Owner == nil:
		return "somebody"
	case z.Owner.OwningService != nil:
		return "the service " + *z.Owner.OwningService
	}
	return "account " + sdk.ToString(z.Owner.OwningAccount)
}

func vpcOf(n activities.ZoneNetwork) *r53types.VPC {
	return &r53types.VPC{VPCId: sdk.String(n.VPC), VPCRegion: r53types.VPCRegion(n.Region)}
}

package aws

import (
	"context"
	"slices"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// PlanZone implements [activities.Planner].
func (p *Planner) PlanZone(ctx context.Context, req activities.ZoneRequest) (activities.PlannedZone, error) {
	s, err := p.at(ctx, req.Place)
	if err != nil {
		return activities.PlannedZone{}, err
	}
	zone, untagged, err := s.lookForZone(ctx, req)
	switch {
	case err != nil:
		id := req.ZoneID
		if req.Name != "" {
			id = req.Name
		}
		changes, err := s.hindered(s.planned(link.ActionCreate, link.KindHostedZone, id), err)
		return activities.PlannedZone{Changes: changes}, err
	case zone == nil:
		return activities.PlannedZone{Changes: []link.PlannedChange{
			s.planned(link.ActionCreate, link.KindHostedZone, req.Name, "seen from "+req.Network.VPC),
		}}, nil
	}
	var changes []link.Difference
	if untagged {
		changes = append(changes, lostTag)
	}
	return activities.PlannedZone{Zone: zone, Changes: []link.PlannedChange{s.kept(link.KindHostedZone, zone.ID, changes)}}, nil
}

// lookForZone finds the zone of a request; nil when one is to be made. It is untagged when it was made and not marked. Who
// sees it, an audit asks of the VPCs.
func (s *site) lookForZone(ctx context.Context, req activities.ZoneRequest) (zone *activities.Zone, untagged bool, err error) {
	if req.Name == "" {
		view, err := s.privateZone(ctx, req.ZoneID)
		return &view, false, err
	}
	own, err := s.ownZone(ctx, req)
	if err != nil || own == nil {
		return nil, false, err
	}
	if s.seen != nil {
		return &activities.Zone{ID: own.id, Name: own.name}, own.owner == "", nil
	}
	view, err := s.foundZoneView(ctx, *own)
	return &view, own.owner == "", err
}

// PlanZoneVPC implements [activities.Planner]. Of a zone that is to be made, the id is empty.
func (p *Planner) PlanZoneVPC(ctx context.Context, req activities.ZoneVPCRequest) ([]link.PlannedChange, error) {
	s, err := p.at(ctx, req.Place)
	if err != nil {
		return nil, err
	}
	change := s.planned(link.ActionCreate, link.KindZoneVPC, req.Network.VPC, "sees zone "+req.ZoneName)
	seen, err := s.zonesSeenFrom(ctx, req.Network)
	switch {
	case err != nil:
		return s.hindered(change, err)
	case req.ZoneID != "" && listsZone(seen, req.ZoneID):
		change.Action, change.Details = link.ActionKeep, nil
		return []link.PlannedChange{change}, nil
	}
	for _, z := range seen {
		if z.Name != nil && plainName(*z.Name) == plainName(req.ZoneName) {
			return s.hindered(change, s.blocked(link.Problem{
				Reason:  link.ReasonConflictingZone,
				Message: req.Network.VPC + " sees zone " + zoneID(z.HostedZoneId) + " of the same name, which belongs to " + ownerOfZone(z),
				Remedy:  "take the VPC out of that zone, or name the zone by its zoneID so that the records are kept in it",
			}, nil))
		}
	}
	return []link.PlannedChange{change}, nil
}

// PlanRecords implements [activities.Planner]. What the records lead to may not be known yet: then nothing but the
// records of others is looked at.
func (p *Planner) PlanRecords(ctx context.Context, req activities.ZoneRecordsRequest) ([]link.PlannedChange, error) {
	s, err := p.at(ctx, req.Place)
	if err != nil {
		return nil, err
	}
	unknown := lacking(req) != ""
	if unknown {
		req = unknownTarget(req)
	}
	plan, err := s.recordsPlan(ctx, req)
	if err != nil {
		return s.hindered(s.planned(link.ActionCreate, link.KindZoneRecord, req.Wanted[0].Name), err)
	}
	var all []link.PlannedChange
	for _, at := range plan.names {
		change := s.planned(at.action, link.KindZoneRecord, at.name)
		switch {
		case at.action == link.ActionKeep, at.action == link.ActionDelete:
		case unknown:
			change.Details = []string{"leads to the endpoint " + link.KnownAfterApply}
		default:
			change.Details = []string{"leads to " + leadsTo(req, at.name)}
		}
		all = append(all, change)
	}
	return all, nil
}

// leadsTo says where a record of a name leads.
func leadsTo(req activities.ZoneRecordsRequest, name string) string {
	if slices.ContainsFunc(req.Wanted, func(w link.ZoneRecord) bool { return w.Name == name && w.Type == link.RecordA }) {
		return few(req.Addresses)
	}
	return req.Alias.Name
}

// unknownTarget lets records lead nowhere, which no record of an endpoint does.
func unknownTarget(req activities.ZoneRecordsRequest) activities.ZoneRecordsRequest {
	req.Alias = activities.ZoneAlias{Name: link.KnownAfterApply, ZoneID: link.KnownAfterApply}
	req.Addresses = []string{"0.0.0.0"}
	return req
}

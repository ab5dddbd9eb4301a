package azure

import (
	"context"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// PlanZone implements [activities.Planner].
func (p *Planner) PlanZone(ctx context.Context, req activities.ZoneRequest) (activities.PlannedZone, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.PlannedZone{}, err
	}
	id, have, err := s.lookForZone(ctx, req)
	switch {
	case err != nil:
		name := req.Name
		if name == "" {
			name = req.ZoneID
		}
		changes, err := s.hindered(s.planned(link.ActionCreate, link.KindPrivateDNSZone, name), err)
		return activities.PlannedZone{Changes: changes}, err
	case have == nil:
		return activities.PlannedZone{Changes: []link.PlannedChange{
			s.planned(link.ActionCreate, link.KindPrivateDNSZone, req.Name, "in resource group "+req.ResourceGroup),
		}}, nil
	}
	view, err := s.zoneView(ctx, id)
	if err != nil {
		return activities.PlannedZone{}, err
	}
	return activities.PlannedZone{Zone: &view, Changes: []link.PlannedChange{s.kept(link.KindPrivateDNSZone, view.ID, nil)}}, nil
}

// PlanZoneVPC implements [activities.Planner]. Of a zone that is to be made, the id is empty.
func (p *Planner) PlanZoneVPC(ctx context.Context, req activities.ZoneVPCRequest) ([]link.PlannedChange, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return nil, err
	}
	change := s.planned(link.ActionCreate, link.KindVirtualNetworkLink, req.Network.VPC, "sees zone "+req.ZoneName)
	zone := s.idOf(typeZone, "", req.ZoneName)
	if req.ZoneID != "" {
		var have *zoneLink
		if zone, have, err = s.linkTo(ctx, req); err != nil {
			return s.hindered(change, err)
		}
		if have != nil && !have.failed() {
			change.Action, change.Details = link.ActionKeep, nil
			return []link.PlannedChange{change}, nil
		}
	}
	if err := s.checkZonesSeen(ctx, zone, req.Network.VPC); err != nil {
		return s.hindered(change, err)
	}
	return []link.PlannedChange{change}, nil
}

// PlanRecords implements [activities.Planner]. What the records lead to may not be known yet: then nothing but the
// records of others is looked at. Of a zone that is to be made, the id is empty.
func (p *Planner) PlanRecords(ctx context.Context, req activities.ZoneRecordsRequest) ([]link.PlannedChange, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return nil, err
	}
	leads := "leads to " + link.Few(req.Addresses, 5)
	if len(canonical(req.Addresses)) == 0 {
		leads = "leads to the endpoint " + link.KnownAfterApply
		req.Addresses = []string{"0.0.0.0"} // where no endpoint is
	}
	var plan recordsPlan
	if req.ZoneID != "" {
		if _, plan, err = s.recordsPlan(ctx, req); err != nil {
			return s.hindered(s.planned(link.ActionCreate, link.KindZoneRecord, req.Wanted[0].Name), err)
		}
	} else {
		for _, w := range req.Wanted {
			plan.changes = append(plan.changes, recordChange{action: link.ActionCreate, shown: w.Name})
		}
	}
	var all []link.PlannedChange
	for _, c := range plan.changes {
		change := s.planned(c.action, link.KindZoneRecord, c.shown)
		if c.action == link.ActionCreate || c.action == link.ActionChange {
			change.Details = []string{leads}
		}
		all = append(all, change)
	}
	return all, nil
}

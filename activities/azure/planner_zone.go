package azure

import (
	"cmp"
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
	id, changes, err := s.zoneChanges(ctx, req)
	if err != nil || id == nil {
		return activities.PlannedZone{Changes: changes}, err
	}
	view, err := s.zoneView(ctx, *id)
	if err != nil {
		return activities.PlannedZone{}, err
	}
	return activities.PlannedZone{Zone: &view, Changes: changes}, nil
}

// zoneChanges are what is to become of a zone, and its id when it is there.
func (s *site) zoneChanges(ctx context.Context, req activities.ZoneRequest) (*link.AzureID, []link.PlannedChange, error) {
	id, have, err := s.lookForZone(ctx, req)
	switch {
	case err != nil:
		changes, err := s.hindered(s.planned(link.ActionCreate, link.KindPrivateDNSZone, cmp.Or(req.Name, req.ZoneID)), link.DriftZone, err)
		return nil, changes, err
	case have == nil:
		return nil, []link.PlannedChange{
			s.planned(link.ActionCreate, link.KindPrivateDNSZone, req.Name, "in resource group "+req.ResourceGroup),
		}, nil
	}
	change := s.kept(link.KindPrivateDNSZone, normalID(id).String(), nil)
	if untagged(*have, req) {
		change.Action = link.ActionAdopt
	}
	return &id, []link.PlannedChange{change}, nil
}

// PlanZoneVPC implements [activities.Planner]. Of a zone that is to be made, the id is empty.
func (p *Planner) PlanZoneVPC(ctx context.Context, req activities.ZoneVPCRequest) ([]link.PlannedChange, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return nil, err
	}
	zone := s.idOf(typeZone, "", req.ZoneName)
	change := s.plannedLink(req)
	if req.ZoneID != "" {
		if zone, change, err = s.linkChange(ctx, req); err != nil {
			return s.hindered(change, link.DriftAssociations, err)
		}
	}
	if change.Action == link.ActionCreate {
		if err := s.checkZonesSeen(ctx, zone, req.Network.VPC); err != nil {
			return s.hindered(change, link.DriftAssociations, err)
		}
	}
	return []link.PlannedChange{change}, nil
}

// linkChange is what is to become of a network's link to a zone that is there.
func (s *site) linkChange(ctx context.Context, req activities.ZoneVPCRequest) (link.AzureID, link.PlannedChange, error) {
	change := s.plannedLink(req)
	zone, have, err := s.linkTo(ctx, req)
	if err == nil && have != nil && !have.failed() {
		change.Action, change.Details = link.ActionKeep, nil
		if have.untagged() {
			change.Action = link.ActionAdopt
		}
	}
	return zone, change, err
}

func (s *site) plannedLink(req activities.ZoneVPCRequest) link.PlannedChange {
	return s.planned(link.ActionCreate, link.KindVirtualNetworkLink, req.Network.VPC, "sees zone "+req.ZoneName)
}

// PlanRecords implements [activities.Planner]. What the records lead to may not be known yet: then nothing but the
// records of others is looked at. Of a zone that is to be made, the id is empty.
func (p *Planner) PlanRecords(ctx context.Context, req activities.ZoneRecordsRequest) ([]link.PlannedChange, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return nil, err
	}
	return s.recordChanges(ctx, req)
}

func (s *site) recordChanges(ctx context.Context, req activities.ZoneRecordsRequest) ([]link.PlannedChange, error) {
	leads := "leads to " + link.Few(req.Addresses, 5)
	if len(canonical(req.Addresses)) == 0 {
		leads = "leads to the endpoint " + link.KnownAfterApply
		req.Addresses = []string{"0.0.0.0"} // where no endpoint is
	}
	var plan recordsPlan
	if req.ZoneID != "" {
		var err error
		if _, plan, err = s.recordsPlan(ctx, req); err != nil {
			return s.hindered(s.planned(link.ActionCreate, link.KindZoneRecord, req.Wanted[0].Name), link.DriftRecords, err)
		}
	} else {
		for _, w := range req.Wanted {
			plan.changes = append(plan.changes, recordChange{action: link.ActionCreate, shown: w.Name})
		}
	}
	var all []link.PlannedChange
	for _, c := range plan.changes {
		change := s.planned(c.action, link.KindZoneRecord, c.shown)
		switch c.action {
		case link.ActionCreate:
			change.Details = []string{leads}
		case link.ActionChange:
			change = s.kept(link.KindZoneRecord, c.shown, []link.Difference{{Kind: link.DriftRecords, Text: leads}})
		}
		all = append(all, change)
	}
	return all, nil
}

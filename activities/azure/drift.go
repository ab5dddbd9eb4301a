package azure

import (
	"context"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/audits"
	"github.com/linkwright/linkwright/activities/sets"
	"github.com/linkwright/linkwright/internal/link"
)

// drift is what is not as a flow has brought it about, as far as that could be looked at, and what has kept the look from
// the rest. What has only looks of its own is left out of one that is not deep.
func (s *site) drift(ctx context.Context, f audits.Flow, deep bool) ([]link.Drift, error) {
	var all []link.Drift
	var kept error
	for _, e := range f.Things {
		for _, plan := range s.plans(ctx, e, deep) {
			changes, err := plan()
			_, stays := activities.ProblemOf(err)
			switch {
			case err == nil:
				all = append(all, drifts(changes)...)
			case stays && kept == nil:
				kept = err
			case s.seen.interrupted:
				return nil, err
			}
			// Else something is just being changed, and the next audit sees what it comes to.
		}
	}
	return all, kept
}

// plans are those of all steps whose work an expectation is.
func (s *site) plans(ctx context.Context, e activities.Expectation, deep bool) []func() ([]link.PlannedChange, error) {
	var all []func() ([]link.PlannedChange, error)
	plan := func(p func() ([]link.PlannedChange, error)) { all = append(all, p) }
	if e.Service != nil {
		plan(func() ([]link.PlannedChange, error) {
			planned, err := s.planService(ctx, *e.Service)
			return planned.Changes, err
		})
	}
	if e.Connection != nil {
		plan(func() ([]link.PlannedChange, error) { return s.connectionDrift(ctx, *e.Connection, e.Unapproved, deep) })
	}
	if e.Endpoint != nil {
		plan(func() ([]link.PlannedChange, error) { return s.endpointDrift(ctx, *e.Endpoint, e.Addresses) })
	}
	if e.Zone != nil {
		plan(func() ([]link.PlannedChange, error) {
			_, changes, err := s.zoneChanges(ctx, *e.Zone)
			return changes, err
		})
	}
	if !deep {
		return all
	}
	for _, v := range e.ZoneVPCs {
		plan(func() ([]link.PlannedChange, error) {
			_, change, err := s.linkChange(ctx, v)
			return []link.PlannedChange{change}, err
		})
	}
	if e.Records != nil {
		plan(func() ([]link.PlannedChange, error) { return s.recordChanges(ctx, *e.Records) })
	}
	return all
}

// apart counts what a flow stands by that has only looks of its own, and how many of these are to be taken yet.
func (s *site) apart(ctx context.Context, f audits.Flow) (things, looks int) {
	ahead := map[string]bool{}
	add := func(what, id string, looked bool) {
		things++
		if !looked {
			ahead[what+normal(id)] = true
		}
	}
	for _, e := range f.Things {
		for _, v := range e.ZoneVPCs {
			_, looked := s.seen.links[normal(v.ZoneID)]
			add("links of ", v.ZoneID, looked)
		}
		if e.Records != nil {
			_, looked := s.seen.records[normal(e.Records.ZoneID)]
			add("records of ", e.Records.ZoneID, looked)
		}
		if e.Connection != nil && s.mustAsk(ctx, e.Connection.ServiceID) {
			_, looked := s.seen.connections[normal(e.Connection.ServiceID)]
			add("connections of ", e.Connection.ServiceID, looked)
		}
	}
	return things, len(ahead)
}

// mustAsk reports whether a service has to be asked for its connections, because its list shows them by halves.
func (s *site) mustAsk(ctx context.Context, service string) bool {
	id, ok := link.ParseAzureID(service)
	if !ok {
		return false
	}
	there, err := s.readService(ctx, id)
	return err == nil && there.Properties != nil && slices.ContainsFunc(values(there.Properties.PrivateEndpointConnections), halfShown)
}

// connectionDrift says how a connection stands that was let in, and is no longer, or was let in though nobody has approved
// it.
func (s *site) connectionDrift(ctx context.Context, req activities.ConnectionRequest, unapproved, deep bool) ([]link.PlannedChange, error) {
	id, err := s.own(req.ServiceID, typeService)
	if err != nil {
		return s.hindered(s.planned(link.ActionChange, link.KindFlow, req.Endpoint), link.DriftConnection, err)
	}
	if !deep && s.mustAsk(ctx, req.ServiceID) {
		return nil, nil
	}
	views, err := s.connectionsOf(ctx, id)
	if err != nil && !notThere(err) {
		return nil, err
	}
	drifted := func(d link.Difference) ([]link.PlannedChange, error) {
		return []link.PlannedChange{s.kept(link.KindFlow, req.Endpoint, []link.Difference{d})}, nil
	}
	how := "gone"
	if at := slices.IndexFunc(views, func(v activities.ConnectionView) bool { return link.SameAzureID(v.Endpoint, req.Endpoint) }); at >= 0 {
		switch view := views[at]; {
		case req.Link != "" && view.Link != "" && view.Link != req.Link:
			how = "another request, with the link identifier " + view.Link
		case view.State.LetIn() && unapproved:
			return drifted(audits.Unapproved())
		case view.State.LetIn(), view.State == activities.EndpointPartial:
			return nil, nil
		default:
			how = string(view.State)
		}
	}
	return drifted(link.Difference{Kind: link.DriftConnection, Text: "it was let in, and is " + how})
}

// endpointDrift plans an endpoint, and compares its addresses with those that something leads to. Such an endpoint was
// let in: when it waits for that again, somebody has made it anew.
func (s *site) endpointDrift(ctx context.Context, req activities.EnsureEndpointRequest, addresses []string) ([]link.PlannedChange, error) {
	changes, have, err := s.endpointChanges(ctx, req)
	if err != nil || have == nil || len(addresses) == 0 {
		return changes, err
	}
	view := endpointView(*have)
	differ := func(kind link.DriftKind, text string) {
		changes = append(changes, s.kept(link.KindPrivateEndpoint, view.ID, []link.Difference{{Kind: kind, Text: text}}))
	}
	if view.State == activities.EndpointPendingAcceptance {
		differ(link.DriftConnection, "it was let in, and is "+string(view.State))
	}
	shown, err := s.addresses(ctx, *have)
	if err != nil {
		return nil, s.failed(err)
	}
	var ips []string
	for _, a := range shown {
		ips = append(ips, a.IP)
	}
	if e := sets.Diff(addresses, ips); len(ips) > 0 && !e.Empty() {
		differ(link.DriftAddresses, "its addresses are "+strings.Join(ips, ", ")+", not "+strings.Join(addresses, ", "))
	}
	return changes, nil
}

// drifts are what planned changes say of things that were as specified once. What is to be made in the place of
// something else is one drift with it; how it will be is not what is wrong.
func drifts(changes []link.PlannedChange) []link.Drift {
	var all []link.Drift
	for i, c := range changes {
		if c.Action == link.ActionCreate {
			if i > 0 && changes[i-1].Action == link.ActionDelete && changes[i-1].ID == c.ID {
				continue
			}
			c.Details = nil
		}
		all = append(all, c.Drifts()...)
	}
	return all
}

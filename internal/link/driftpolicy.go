package link

import "slices"

// DriftPolicy says what is done when a service, or a connection to it, is not as Linkwright has brought it about.
type DriftPolicy struct {
	// Default is what is done about every kind of drift that is not listed: repair (set it right), ask (once a person has
	// approved that) or report (tell, and leave it). Default: repair.
	Default DriftAction `json:"default,omitempty" jsonschema:"enum=repair,enum=ask,enum=report,default=repair"`
	// Repair lists the kinds of drift that are set right. What would let in somebody who is kept out now is asked about
	// all the same. To set right that somebody else has let a connection in (unapproved) is to turn it away, which is done
	// without asking only where it is listed here.
	Repair []DriftKind `json:"repair,omitempty" jsonschema:"uniqueItems=true,enum=serviceGone,enum=acceptance,enum=principals,enum=autoApproval,enum=loadBalancers,enum=privateDNSName,enum=verification,enum=proof,enum=parameter,enum=settings,enum=connection,enum=unapproved,enum=endpointGone,enum=subnets,enum=securityGroups,enum=securityRules,enum=privateDNS,enum=addresses,enum=zone,enum=associations,enum=records,enum=targetGroup,enum=targets,enum=route,enum=tags"`
	// Ask lists the kinds that are set right once a person has approved that, on the terms of spec.approval. Of unapproved,
	// it is asked whether the connection may stay.
	Ask []DriftKind `json:"ask,omitempty" jsonschema:"uniqueItems=true,enum=serviceGone,enum=acceptance,enum=principals,enum=autoApproval,enum=loadBalancers,enum=privateDNSName,enum=verification,enum=proof,enum=parameter,enum=settings,enum=connection,enum=unapproved,enum=endpointGone,enum=subnets,enum=securityGroups,enum=securityRules,enum=privateDNS,enum=addresses,enum=zone,enum=associations,enum=records,enum=targetGroup,enum=targets,enum=route,enum=tags"`
	// Report lists the kinds that are only told.
	Report []DriftKind `json:"report,omitempty" jsonschema:"uniqueItems=true,enum=serviceGone,enum=acceptance,enum=principals,enum=autoApproval,enum=loadBalancers,enum=privateDNSName,enum=verification,enum=proof,enum=parameter,enum=settings,enum=connection,enum=unapproved,enum=endpointGone,enum=subnets,enum=securityGroups,enum=securityRules,enum=privateDNS,enum=addresses,enum=zone,enum=associations,enum=records,enum=targetGroup,enum=targets,enum=route,enum=tags"`
}

// DriftAction is what is done about drift.
type DriftAction string

const (
	DriftRepair DriftAction = "repair"
	DriftAsk    DriftAction = "ask"
	DriftReport DriftAction = "report"
)

// Action is what the policy does about a drift. A nil policy repairs what it may.
func (p *DriftPolicy) Action(d Drift) DriftAction {
	action := DriftRepair
	if p != nil {
		switch {
		case slices.Contains(p.Repair, d.Kind):
		case slices.Contains(p.Ask, d.Kind):
			action = DriftAsk
		case slices.Contains(p.Report, d.Kind):
			action = DriftReport
		case p.Default != "":
			action = p.Default
		}
	}
	switch {
	case !d.Kind.Mendable():
		return DriftReport
	case d.Widens && action == DriftRepair:
		return DriftAsk
	case d.Kind == DriftUnapproved && action == DriftRepair && (p == nil || !slices.Contains(p.Repair, d.Kind)):
		return DriftAsk // to cut off what carries traffic is wanted only by those who say so
	}
	return action
}

func (c *checker) drift(p *DriftPolicy) {
	if p == nil {
		return
	}
	where := map[DriftKind]string{}
	for _, list := range []struct {
		path  string
		kinds []DriftKind
	}{{"spec.drift.repair", p.Repair}, {"spec.drift.ask", p.Ask}, {"spec.drift.report", p.Report}} {
		for i, kind := range list.kinds {
			if other, twice := where[kind]; twice {
				c.add(at(list.path, i), "%q stands at %s already: a kind is dealt with in one way", kind, other)
			}
			where[kind] = at(list.path, i)
		}
	}
}

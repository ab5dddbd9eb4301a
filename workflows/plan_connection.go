package workflows

import (
	"cmp"
	"slices"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// planConnection plans what [Connection] would do. Of what leads to an endpoint that is not there yet, it is only known
// that it will be made.
func (p *planning) planConnection(ctx workflow.Context, d *draft) {
	c := d.connection
	if c.chooses() && c.Status.Placement == nil {
		return // there is no place for it
	}
	endpoint, ok := p.planEndpoint(ctx, d)
	if !ok {
		return
	}
	p.needApproval(ctx, d, endpoint)
	c.Endpoint = activities.Endpoint{Network: c.placed().Network()}
	if endpoint != nil {
		c.Endpoint = *endpoint
	}
	p.planZone(ctx, d)
	p.planIngress(ctx, d)
}

// planEndpoint plans the endpoint, with a security group of its own when the spec asks for one. It answers with the
// endpoint as it is, nil when there is none.
func (p *planning) planEndpoint(ctx workflow.Context, d *draft) (*activities.Endpoint, bool) {
	c := d.connection
	former := c.Group
	if want := c.Spec.OwnSecurityGroup(); want != nil {
		vpc := c.placed().AWS.VPC
		planned, ok := look(ctx, p, d, c.Spec.Account, activities.Planner.PlanSecurityGroup, c.groupRequest(want))
		if !ok {
			return nil, false
		}
		d.add(planned.Changes...)
		c.Group = &group{VPC: vpc, ID: cmp.Or(planned.ID, link.KnownAfterApply)}
	} else if aws := c.placed().AWS; former != nil && aws != nil && len(aws.SecurityGroups) > 0 {
		d.remove(link.KindSecurityGroup, former.ID, c.here())
	}
	planned, ok := look(ctx, p, d, c.Spec.Account, activities.Planner.PlanEndpoint, c.endpointRequest())
	d.add(planned.Changes...)
	return planned.Endpoint, ok
}

// planZone plans what leads to the endpoint in a private hosted zone.
func (p *planning) planZone(ctx workflow.Context, d *draft) {
	c := d.connection
	if c.Zone != nil && !c.Zone.fits(c.hostedZone()) {
		d.removeZone()
	}
	want := c.hostedZone()
	if want == nil {
		return
	}
	if c.Zone == nil {
		c.Zone = zoneOf(want, c.Spec.Region)
	}
	vpcs := c.zoneVPCs()
	first, ok := p.firstNetwork(ctx, d, vpcs)
	if !ok {
		return
	}
	planned, ok := look(ctx, p, d, want.Account, activities.Planner.PlanZone, activities.ZoneRequest{
		Place: c.Zone.place(), Owner: c.owner, Name: want.Name, ZoneID: c.Zone.ID, ResourceGroup: want.ResourceGroup, Network: first,
	})
	if !ok {
		return
	}
	if want.Name != "" && !d.Running && planned.Zone != nil {
		planned.Changes[0].Action = link.ActionAdopt
	}
	d.add(planned.Changes...)
	for _, vpc := range vpcs {
		p.planZoneVPC(ctx, d, planned.Zone, vpc)
	}
	for _, vpc := range c.Zone.VPCs {
		if !slices.ContainsFunc(vpcs, vpc.is) {
			d.remove(c.cloud().ZoneNetworkKind(), vpc.VPC, activities.Place{Account: vpc.Account, Region: vpc.Region})
		}
	}
	if planned.Zone == nil {
		for _, r := range want.Records {
			d.create(link.KindZoneRecord, r.Name, c.Zone.place(), "leads to the endpoint "+link.KnownAfterApply)
		}
		return
	}
	c.Zone.ID = planned.Zone.ID
	if changes, ok := look(ctx, p, d, want.Account, activities.Planner.PlanRecords, c.recordsRequest(want)); ok {
		d.add(changes...)
	}
}

// removeZone notes that the zone of the former spec goes, with all that the connection has there.
func (d *draft) removeZone() {
	c := d.connection
	for _, r := range c.Status.Resources {
		if r.Kind == link.KindZoneRecord {
			d.remove(r.Kind, r.ID, c.Zone.place())
		}
	}
	for _, vpc := range c.Zone.VPCs {
		d.remove(c.cloud().ZoneNetworkKind(), vpc.VPC, activities.Place{Account: vpc.Account, Region: vpc.Region})
	}
	if c.Zone.Name != "" {
		d.remove(c.cloud().ZoneKind(), cmp.Or(c.Zone.ID, c.Zone.Name), c.Zone.place())
	}
	c.Zone = nil
}

// firstNetwork is a VPC of the zone's own account, which a zone must have from its beginning.
func (p *planning) firstNetwork(ctx workflow.Context, d *draft, vpcs []zoneVPC) (activities.ZoneNetwork, bool) {
	of, err := p.account(ctx, d.connection.Zone.Account)
	if err != nil {
		d.unseen(d.connection.Zone.Account, err)
		return activities.ZoneNetwork{}, false
	}
	for _, vpc := range vpcs {
		owner, err := p.account(ctx, vpc.Account)
		if err != nil {
			d.unseen(vpc.Account, err)
			return activities.ZoneNetwork{}, false
		}
		if owner.ID == of.ID {
			return vpc.network(), true
		}
	}
	return activities.ZoneNetwork{}, true // the planner says what is missing
}

// planZoneVPC plans that a VPC sees the zone. Whoever sees it already does so, by whomever it was let.
func (p *planning) planZoneVPC(ctx workflow.Context, d *draft, there *activities.Zone, vpc zoneVPC) {
	c := d.connection
	request := c.zoneVPC(vpc.Account, vpc, c.Zone.Name)
	if there != nil {
		request.ZoneID, request.ZoneName = there.ID, there.Name
		if slices.Contains(there.Networks, vpc.network()) {
			d.add(link.PlannedChange{Action: link.ActionKeep, Kind: c.cloud().ZoneNetworkKind(), ID: vpc.VPC, Account: vpc.Account, Region: vpc.Region})
			return
		}
	}
	if changes, ok := look(ctx, p, d, vpc.Account, activities.Planner.PlanZoneVPC, request); ok {
		d.add(changes...)
	}
}

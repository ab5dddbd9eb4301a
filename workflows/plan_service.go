package workflows

import (
	"cmp"
	"fmt"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// planService plans what [EndpointService] would do.
func (p *planning) planService(ctx workflow.Context, d *draft) {
	s := d.service
	planned, ok := look(ctx, p, d, s.Spec.Account, activities.Planner.PlanService, s.ensureRequest())
	if !ok {
		return
	}
	d.add(planned.Changes...)
	d.seen = planned.Service
	p.planProof(ctx, d)
	p.planParameter(ctx, d)
	if names := s.admittedNoLonger(); len(names) > 0 {
		d.need("decide on those who stay connected: "+s.livesOn(names), "allow a principal of the account again, or reject the connections")
	}
}

// planProof plans the TXT record that proves the private DNS name: one that is there is wanted for as long as the name
// stays.
func (p *planning) planProof(ctx workflow.Context, d *draft) {
	s := d.service
	var domain *activities.Domain
	want := s.Spec.PrivateDNS()
	if d.seen != nil && d.seen.Domain != nil && want != nil && d.seen.Domain.Name == want.Name {
		domain = d.seen.Domain
	}
	if s.Proof != nil && (domain == nil || domain.Proof != s.Proof.Record) {
		d.remove(link.KindTXTRecord, s.Proof.Record.Name, activities.Place{Account: s.Proof.Account, Region: s.Spec.Region})
	}
	if want == nil {
		return
	}
	zone := want.Verification.Route53
	switch {
	case domain != nil && domain.State == activities.DomainVerified:
		if s.Proof != nil {
			d.add(link.PlannedChange{Action: link.ActionKeep, Kind: link.KindTXTRecord, ID: domain.Proof.Name, Account: s.Proof.Account, Region: s.Spec.Region})
		}
	case zone == nil && domain == nil:
		d.need("add the TXT record that AWS asks for as the proof of "+want.Name, "linkwright describe service/"+d.Name+" shows it once the service is made")
	case zone == nil:
		d.need(fmt.Sprintf("add the TXT record %s with the value %s", domain.Proof.Name, domain.Proof.Value), "at whoever serves the domain "+want.Name)
	case domain == nil:
		d.create(link.KindTXTRecord, link.KnownAfterApply, activities.Place{Account: zone.Account, Region: s.Spec.Region}, "proves "+want.Name)
	default:
		written := proof{Account: zone.Account, ZoneID: zone.ZoneID, Record: domain.Proof}
		if changes, ok := look(ctx, p, d, zone.Account, activities.Planner.PlanRecord, written.request(s.Spec.Region)); ok {
			d.add(changes...)
		}
	}
}

// planParameter plans where the service's name is written down.
func (p *planning) planParameter(ctx workflow.Context, d *draft) {
	s := d.service
	var want *link.SSMParameter
	if s.Spec.Publish != nil {
		want = s.Spec.Publish.SSMParameter
	}
	if old := s.Parameter; old != nil && (want == nil || *old != *want) {
		d.remove(link.KindParameter, old.Name, activities.Place{Account: old.Account, Region: old.Region})
	}
	if want == nil {
		return
	}
	s.Parameter = want
	request := s.nameRequest()
	request.Value = ""
	if d.seen != nil {
		request.Value = d.seen.Name
	}
	if changes, ok := look(ctx, p, d, want.Account, activities.Planner.PlanName, request); ok {
		d.add(changes...)
	}
}

// planInventory looks at the VPCs of an inventory. Nothing is made there.
func (p *planning) planInventory(ctx workflow.Context, d *draft) {
	i := d.inventory
	p.inventories[d.Name] = i
	if d.Running && len(d.SpecChanges) == 0 && len(i.Seen.VPCs) > 0 {
		p.showRooms(ctx, d)
		return
	}
	seen, ok := look(ctx, p, d, i.Spec.Account, activities.Inventories.Survey, i.surveyRequest())
	if !ok {
		p.inventories[d.Name] = nil
		return
	}
	i.Seen = seen
	p.showRooms(ctx, d)
}

// showRooms tells how much room an inventory has, and what keeps its VPCs from being used.
func (p *planning) showRooms(ctx workflow.Context, d *draft) {
	i := d.inventory
	if i.Held == nil {
		i.Held = promises{}
	}
	for _, r := range i.rooms(ctx) {
		d.add(link.PlannedChange{
			Action: link.ActionKeep, Kind: link.KindVPC, ID: r.VPC, Account: i.Spec.Account, Region: i.Spec.Region, Details: []string{r.usage()},
		})
	}
	if !i.usable() {
		problem := i.unusable()
		d.need(problem.Message, problem.Remedy)
		return
	}
	for _, wrong := range i.wrong() {
		d.need(wrong, "connections find no place in this VPC until then; mend it, or take the VPC out of the spec")
	}
}

// inventoryNamed is the inventory of a name: that of the documents, or the one that runs; nil when there is none.
func (p *planning) inventoryNamed(ctx workflow.Context, d *draft, name string) *inventory {
	if i, known := p.inventories[name]; known {
		return i
	}
	p.inventories[name] = nil
	state, err := ask[inventoryState](ctx, &p.flow, VPCInventoryID(name), stateQuery, planWithin)
	switch {
	case activities.IsGone(err):
		return nil
	case err != nil:
		d.unseen("", err)
		return nil
	}
	i := &inventory{in: VPCInventoryInput{Name: name}, inventoryState: state}
	if i.Held == nil {
		i.Held = promises{}
	}
	p.inventories[name] = i
	return i
}

// meetServiceOf finds out what a connection's service is called and who lets endpoints in.
func (p *planning) meetServiceOf(ctx workflow.Context, d *draft) {
	c := d.connection
	if c.elsewhere() {
		if name := c.Spec.NameFrom.Name; name != "" {
			c.knowName(activities.ServiceName{Name: name})
			return
		}
		from := c.Spec.NameFrom.SSMParameter
		name, ok := look(ctx, p, d, from.Account, activities.Planner.LookUpName, c.nameRequest())
		if ok && name.Name == "" {
			d.need("publish the name of the service in parameter "+from.Name+", which does not exist", "its provider does that (publish.ssmParameter), or nameFrom names another parameter")
		}
		c.knowName(name)
		return
	}
	of, here := p.services[d.Service]
	if !here || of.Refused != "" {
		of = p.runningService(ctx, d)
	}
	if of == nil {
		return
	}
	c.Service = of.service.view()
	c.Service.Name, c.Service.Region = "", of.service.Spec.Region
	if of.seen != nil {
		c.Service.Name = of.seen.Name
	}
}

// runningService is a connection's service that is not among the documents; nil when it does not run.
func (p *planning) runningService(ctx workflow.Context, d *draft) *draft {
	if of, known := p.services[d.Service]; known && of.Refused == "" {
		return of
	}
	state, err := ask[serviceState](ctx, &p.flow, EndpointServiceID(d.Service), stateQuery, planWithin)
	if activities.IsGone(err) {
		problem, _ := activities.ProblemOf(d.connection.notPublished())
		d.need(problem.Message, problem.Remedy)
		return nil
	}
	if err != nil {
		d.unseen("", err)
		return nil
	}
	of := &draft{service: &service{in: EndpointServiceInput{Name: d.Service}, serviceState: state}}
	if state.Service.ID != "" {
		of.seen = &state.Service
	}
	p.services[d.Service] = of
	return of
}

// needApproval says that people have to let a connection's endpoint in, unless the policy does.
func (p *planning) needApproval(ctx workflow.Context, d *draft, endpoint *activities.Endpoint) {
	c := d.connection
	switch of := p.services[d.Service]; {
	case endpoint != nil && endpoint.State.LetIn():
	case c.elsewhere():
		d.need("the provider of "+cmp.Or(c.Service.Name, "the service")+" lets the endpoint in", "tell them, if they do not know")
	case of == nil || of.service == nil:
	case of.service.Spec.AWS != nil && of.service.Spec.AWS.AcceptanceRequired != nil && !*of.service.Spec.AWS.AcceptanceRequired:
	default:
		at, err := p.account(ctx, c.Spec.Account)
		if err != nil {
			d.unseen(c.Spec.Account, err)
			return
		}
		if _, byPolicy := policyDecision(c.Service.Approval, activities.ConnectionView{Owner: at.ID}); byPolicy {
			return
		}
		d.need(fmt.Sprintf("approve the endpoint of account %s (%s) to %s%s", c.Spec.Account, at.ID, d.Service, demands(c.Service.Approval.Terms())),
			"linkwright approve "+d.Service+"/"+d.Name+", once it asks")
	}
}

// demands says what approvals must fulfil, where that is more than one person's word.
func demands(t link.Terms) string {
	text := ""
	if t.Approvers > 1 {
		text += fmt.Sprintf(", by %d people", t.Approvers)
	}
	if t.ExcludeApplier {
		text += ", by somebody else than whoever applies the spec"
	}
	if t.Proof != link.ProofNone {
		text += ", with the proof " + string(t.Proof)
	}
	return text
}

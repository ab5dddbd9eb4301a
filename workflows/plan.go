package workflows

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

const (
	// planWithin bounds each look of a plan, with all its retries.
	planWithin = time.Minute
	// plannedAtOnce is how many documents are looked at at once.
	plannedAtOnce = 20
)

// stateQuery is answered by a flow with what it remembers, for plans: a serviceState, connectionState or inventoryState.
const stateQuery = "linkwright.state"

// Plan answers what applying documents would come to. It changes nothing: it asks the flows that run already, and lets
// planners look at each account.
func Plan(ctx workflow.Context, in PlanInput) (link.Plan, error) {
	p := newPlanning(ctx, in)
	if err := p.run(ctx); err != nil {
		return link.Plan{}, err
	}
	plan := p.result()
	workflow.SetCurrentDetails(ctx, planDetails(plan))
	return plan, nil
}

// planning is a running Plan.
type planning struct {
	flow
	drafts []*draft
	// services are the documents' services by name, and inventories all that connections ask for a place, by name; nil
	// for one that is not there.
	services    map[string]*draft
	inventories map[string]*inventory
}

// draft is the plan of one document while it is made. One of its flows is set: it remembers what the running one does,
// and has the spec of the document.
type draft struct {
	link.DocumentPlan
	service    *service
	connection *connection
	inventory  *inventory
	// seen is how a service is now; nil when it is not there.
	seen *activities.Service
}

func newPlanning(ctx workflow.Context, in PlanInput) *planning {
	p := &planning{flow: newFlow(ctx, &link.Status{}), services: map[string]*draft{}, inventories: map[string]*inventory{}}
	for _, doc := range in.Documents {
		d := &draft{}
		switch {
		case doc.Service != nil:
			d.Kind, d.Name, d.Service = link.KindEndpointService, doc.Service.Metadata.Name, doc.Service.Metadata.Name
			d.service = &service{in: EndpointServiceInput{Name: d.Name, Spec: doc.Service.Spec}}
			p.services[d.Name] = d
		case doc.Connection != nil:
			d.Kind, d.Name, d.Service = link.KindConnection, doc.Connection.Metadata.Name, doc.Connection.Spec.Service
			d.connection = &connection{in: ConnectionInput{Service: d.Service, Name: d.Name, Spec: &doc.Connection.Spec}}
		case doc.Inventory != nil:
			d.Kind, d.Name = link.KindVPCInventory, doc.Inventory.Metadata.Name
			d.inventory = &inventory{in: VPCInventoryInput{Name: d.Name, Spec: doc.Inventory.Spec}}
		default:
			continue
		}
		p.drafts = append(p.drafts, d)
	}
	return p
}

// run plans services and inventories before the connections, whose plans depend on them. Places are given to one
// connection after the other, so that none is promised twice.
func (p *planning) run(ctx workflow.Context) error {
	if err := each(ctx, p.drafts, p.meet); err != nil {
		return err
	}
	if err := each(ctx, p.drafts, func(ctx workflow.Context, d *draft) {
		switch {
		case d.Refused != "" || len(d.Unseen) > 0:
		case d.service != nil:
			p.planService(ctx, d)
		case d.inventory != nil:
			p.planInventory(ctx, d)
		}
	}); err != nil {
		return err
	}
	connections := slices.DeleteFunc(slices.Clone(p.drafts), func(d *draft) bool {
		return d.connection == nil || d.Refused != "" || len(d.Unseen) > 0
	})
	if err := each(ctx, connections, p.meetServiceOf); err != nil {
		return err
	}
	for _, d := range connections {
		p.place(ctx, d)
	}
	return each(ctx, connections, p.planConnection)
}

// each does something for every draft, some at once.
func each(ctx workflow.Context, drafts []*draft, do func(workflow.Context, *draft)) error {
	return concurrently(ctx, len(drafts), plannedAtOnce, func(ctx workflow.Context, i int) { do(ctx, drafts[i]) })
}

// meet asks the flow of a document what it remembers, when it runs, and whether it would take the spec.
func (p *planning) meet(ctx workflow.Context, d *draft) {
	var err error
	var refused error
	switch {
	case d.service != nil:
		s := d.service
		s.owner = ownerIn(workflow.GetInfo(ctx).Namespace, EndpointServiceID(d.Name))
		s.serviceState, err = remembered[serviceState](ctx, p, d, EndpointServiceID(d.Name))
		spec := s.in.Spec.WithDefaults()
		if d.Running {
			d.SpecChanges, _ = link.ServiceChanges(s.Spec, spec)
			s.drop(s.Spec, spec)
			refused = s.checkApply(ctx, ApplyServiceRequest{Spec: spec})
		} else {
			refused = errors.Join(link.Metadata{Name: d.Name}.Validate(), spec.Validate())
		}
		s.Spec = spec
	case d.inventory != nil:
		i := d.inventory
		i.inventoryState, err = remembered[inventoryState](ctx, p, d, VPCInventoryID(d.Name))
		if d.Running {
			d.SpecChanges, _ = link.InventoryChanges(i.Spec, i.in.Spec)
			refused = i.checkApply(ctx, ApplyInventoryRequest{Spec: i.in.Spec})
		} else {
			refused = errors.Join(link.Metadata{Name: d.Name}.Validate(), i.in.Spec.Validate())
		}
		i.Spec = i.in.Spec
	case d.connection != nil:
		c := d.connection
		c.owner = ownerIn(workflow.GetInfo(ctx).Namespace, ConnectionID(d.Service, d.Name))
		c.connectionState, err = remembered[connectionState](ctx, p, d, ConnectionID(d.Service, d.Name))
		spec := c.in.Spec.WithDefaults()
		if d.Running {
			d.SpecChanges = []string{"spec"} // it was opened by its consumer
			if c.Spec != nil {
				d.SpecChanges, _ = link.ConnectionChanges(*c.Spec, spec)
			}
			refused = c.checkApply(ctx, ApplyConnectionRequest{Spec: spec})
		} else {
			refused = errors.Join(link.Metadata{Name: d.Name}.Validate(), checkConnectionSpec(d.Service, spec))
		}
		c.Spec = &spec
	}
	if refused != nil {
		d.Refused = refused.Error()
	}
	if err != nil {
		d.unseen("", err)
	}
}

// remembered is what a flow remembers; nothing when it does not run.
func remembered[State any](ctx workflow.Context, p *planning, d *draft, workflowID string) (State, error) {
	state, err := ask[State](ctx, &p.flow, workflowID, stateQuery, planWithin)
	if activities.IsGone(err) {
		return state, nil
	}
	d.Running = err == nil
	return state, err
}

// look lets a planner look, in an account. It reports whether it could; if not, the draft says why.
func look[C, Req, Res any](ctx workflow.Context, p *planning, d *draft, account string, step func(C, context.Context, Req) (Res, error), req Req) (Res, bool) {
	res, err := once(ctx, &p.flow, account, planWithin, step, req)
	if err != nil {
		d.unseen(account, err)
	}
	return res, err == nil
}

// unseen notes a part that cannot be planned.
func (d *draft) unseen(account string, err error) {
	if problem := unseenProblem(account, planWithin, err); !slices.Contains(d.Unseen, problem) {
		d.Unseen = append(d.Unseen, problem)
	}
}

// unseenProblem says why an account could not be looked at within a time.
func unseenProblem(account string, within time.Duration, err error) link.Problem {
	var answer *temporal.ApplicationError
	var late *temporal.TimeoutError
	problem, known := activities.ProblemOf(err)
	switch {
	case known:
	case errors.As(err, &answer): // that of the last attempt
		problem = link.Problem{Reason: link.ReasonUnavailable, Message: answer.Message(), Remedy: "ask again in a while, or see the worker's log"}
	case errors.As(err, &late):
		problem = link.Problem{
			Reason: link.ReasonNoWorker, Message: fmt.Sprintf("no worker has looked within %v", within),
			Remedy: "start a worker that serves this account: linkwright-worker, with --accounts if the account has a task queue of its own",
		}
	default:
		problem = link.Problem{Reason: link.ReasonUnavailable, Message: err.Error()}
	}
	problem.Account = cmp.Or(problem.Account, account)
	problem.RetryAfter = 0
	return problem
}

// add notes what is to become of things. What is there already is adopted when no flow looks after it yet.
func (d *draft) add(changes ...link.PlannedChange) {
	for _, c := range changes {
		if c.Action == link.ActionKeep && !d.Running && owned(c.Kind) {
			c.Action = link.ActionAdopt
		}
		if c.Problem != nil {
			c.Problem.RetryAfter = 0
		}
		d.Changes = append(d.Changes, c)
	}
}

// owned reports whether things of a kind carry the tag of the flow that they belong to.
func owned(kind string) bool {
	return slices.Contains([]string{
		link.KindService, link.KindParameter, link.KindEndpoint, link.KindSecurityGroup, link.KindTargetGroup, link.KindListenerRule,
		link.KindPrivateLinkService, link.KindPrivateEndpoint,
	}, kind)
}

// remove notes that something goes away which the spec does not want any more.
func (d *draft) remove(kind, id string, at activities.Place) {
	if id != "" {
		d.add(link.PlannedChange{Action: link.ActionDelete, Kind: kind, ID: id, Account: at.Account, Region: at.Region})
	}
}

// create is something that is made once other things are there.
func (d *draft) create(kind, id string, at activities.Place, details ...string) {
	d.add(link.PlannedChange{Action: link.ActionCreate, Kind: kind, ID: id, Account: at.Account, Region: at.Region, Details: details})
}

func (d *draft) need(what, how string) { d.Needs = append(d.Needs, link.Need{What: what, How: how}) }

// result is the plan, with all that a person has to mend among the needs.
func (p *planning) result() link.Plan {
	plan := link.Plan{Documents: []link.DocumentPlan{}}
	for _, d := range p.drafts {
		for _, c := range d.Changes {
			if c.Problem != nil {
				d.need(fmt.Sprintf("%s %s: %s", c.Kind, c.ID, c.Problem.Message), c.Problem.Remedy)
			}
		}
		for _, u := range d.Unseen {
			d.need("what cannot be looked at: "+u.Message, u.Remedy)
		}
		plan.Documents = append(plan.Documents, d.DocumentPlan)
	}
	return plan
}

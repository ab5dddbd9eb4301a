package workflows

import (
	"fmt"
	"reflect"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// handle opens the service to people and to other flows. It comes before anything that blocks.
func (s *service) handle(ctx workflow.Context) error {
	if err := workflow.SetQueryHandlerWithOptions(ctx, StatusQuery, func() (link.Status, error) { return s.Status, nil },
		workflow.QueryHandlerOptions{Description: "The service's phase, conditions, resources and decisions."}); err != nil {
		return err
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, ApplyUpdate, s.apply, workflow.UpdateHandlerOptions{
		Validator: s.checkApply, Description: "Carry out a changed spec. The command linkwright apply sends it.",
	}); err != nil {
		return err
	}
	for _, d := range []decisionHandler{
		{link.Retry, `Try again at once what is blocked. Paste {"by": "your name"}`, func(link.Decision) error { return s.checkRetry() }, s.flow.retry, nil},
		{link.Withdraw, `Take the service down, its connections first. Paste {"by": "your name", "reason": "why"}`, s.checkLeaving, s.withdrawFor, nil},
	} {
		if err := d.open(ctx, &s.flow); err != nil {
			return err
		}
	}
	openAside(ctx, func(ctx workflow.Context) error {
		return decisionHandler{link.Approve, "Have set right what is asked about. The JSON to paste is on the User Metadata tab; put your name and reason in it.",
			s.checkApproval, s.approve, s.proveDecision}.open(ctx, &s.flow)
	})
	if err := s.heedDrift(ctx, func() *link.DriftPolicy { return s.Spec.Drift }); err != nil {
		return err
	}
	if err := answer(ctx, viewQuery, func() (serviceView, error) { return s.view(), nil }); err != nil {
		return err
	}
	if err := answer(ctx, stateQuery, func() (serviceState, error) { return s.serviceState, nil }); err != nil {
		return err
	}
	listenTogether(ctx, &s.flow, joinSignal, maxTogether, s.joined)
	listen(ctx, &s.flow, leaveSignal, s.left)
	listen(ctx, &s.flow, changesSignal, s.changed)
	return nil
}

// apply carries a changed spec out on the running service.
func (s *service) apply(ctx workflow.Context, req ApplyServiceRequest) (ApplyResult, error) {
	first := !s.Introduced && s.Status.Generation == 1
	s.Introduced = true
	changed, _ := link.ServiceChanges(s.Spec, req.Spec)
	if len(changed) > 0 {
		s.drop(s.Spec, req.Spec)
		s.take(req.Spec, req.By)
		s.showDropped(ctx)
		s.condition(ctx, link.SpecApplied, false, "Applying", strings.Join(changed, ", "))
		s.record(ctx, link.Decision{Verb: link.Apply, By: req.By, Via: link.ViaUpdate, Reason: strings.Join(changed, ", ")})
		s.interrupt()
	}
	return ApplyResult{
		Created: first && len(changed) == 0, Generation: s.Status.Generation, Changes: changed,
	}, nil
}

func (s *service) checkApply(_ workflow.Context, req ApplyServiceRequest) error {
	if s.Leaving {
		return fmt.Errorf("service %s is being withdrawn; apply the spec again when it is gone", s.in.Name)
	}
	if err := fit(maxName, req.By); err != nil {
		return fmt.Errorf("who applies the spec: %w", err)
	}
	if err := req.Spec.Validate(); err != nil {
		return err
	}
	if _, refused := link.ServiceChanges(s.Spec, req.Spec); len(refused) > 0 {
		return refused
	}
	return nil
}

func (s *service) checkLeaving(d link.Decision) error {
	if s.Leaving {
		return errUnderWay
	}
	return checkAuthor(d)
}

func (s *service) withdrawFor(ctx workflow.Context, d link.Decision) {
	d.Verb = link.Withdraw
	s.leave(ctx, d)
}

// subscribe asks the Watch for changes of the service and of its connections.
func (s *service) subscribe(ctx workflow.Context) error {
	return subscribe(ctx, &s.flow, s.place(), s.topics()...)
}

func (s *service) topics() []activities.Topic {
	return []activities.Topic{
		{Kind: activities.TopicService, ID: s.Service.ID},
		{Kind: activities.TopicConnections, ID: s.Service.ID},
	}
}

func (s *service) unsubscribe(ctx workflow.Context) error {
	if s.Service.ID == "" {
		return nil
	}
	return unsubscribe(ctx, &s.flow, s.place())
}

// look is the service's own look at itself and its connections.
func (s *service) look(ctx workflow.Context) {
	renew(ctx, &s.flow, s.place(), s.topics()...)
	if err := s.seeItself(ctx); err != nil {
		s.glimpsed(ctx, err)
		return
	}
	all, err := peek(ctx, &s.flow, s.Spec.Account, activities.Provider.ListConnections, s.request())
	s.glimpsed(ctx, err)
	if err != nil {
		return
	}
	s.Seen = all
	s.news++
}

// seeItself is a look at the service; an error when it showed none.
func (s *service) seeItself(ctx workflow.Context) error {
	seen, err := peek(ctx, &s.flow, s.Spec.Account, activities.Provider.DescribeService, s.request())
	switch {
	case activities.IsGone(err):
		s.Service.State = activities.ServiceDeleted
		s.news++
	case err == nil:
		s.observe(ctx, seen)
	}
	return err
}

// seeForItself is seeItself for news that the Watch tells only once: what hinders the look is shown, and once it is
// mended the look is made up for.
func (s *service) seeForItself(ctx workflow.Context) error {
	for tries := 0; ; tries++ {
		err := s.seeItself(ctx)
		problem, hindered := problemOf(err)
		if !hindered || !s.since(ctx, "make-up-for-looks") {
			if tries > 0 {
				s.unblock(ctx)
			}
			return err
		}
		if err := s.block(ctx, problem, tries); err != nil {
			return err
		}
	}
}

// changed takes in what the Watch saw. How the service itself stands it looks at once more: what it is called and
// how its domain is proven goes out to consumers and into DNS, and others than the Watch can send the signal.
func (s *service) changed(ctx workflow.Context, changes news) {
	if !s.Status.Phase.Open() {
		return
	}
	for _, change := range changes {
		switch {
		case change.ID != s.Service.ID:
			// about a service that has been replaced
		case s.trusting() && change.Gone:
			s.Service.State = activities.ServiceDeleted
		case s.trusting() && change.Service != nil:
			s.observe(ctx, *change.Service)
		case change.Gone, change.Service != nil:
			if s.seeForItself(ctx) == nil && (change.Gone || !same(s.Service, *change.Service)) {
				resubscribe(ctx, &s.flow, s.place(), s.topics()...) // should the look have been behind the times, the Watch tells again
			}
		case change.Kind == activities.TopicConnections:
			s.Seen = change.Connections
		}
	}
	s.news++
}

// observe takes in how the cloud describes the service.
func (s *service) observe(ctx workflow.Context, seen activities.Service) {
	if seen.ID != s.Service.ID {
		s.Status.DropResources(s.Spec.Cloud().ServiceKind())
	}
	s.Service = seen
	s.Status.ServiceName = seen.Name
	s.Status.AddResource(link.Resource{
		Kind: s.Spec.Cloud().ServiceKind(), ID: seen.ID, Account: s.Spec.Account, Region: s.Spec.Region, Detail: string(seen.State),
	})
	s.condition(ctx, link.ServiceAvailable, seen.State == activities.ServiceAvailable, string(seen.State), seen.Name)
	if seen.Domain != nil {
		s.condition(ctx, link.DomainVerified, seen.Domain.State == activities.DomainVerified, string(seen.Domain.State), seen.Domain.Name)
	}
	if at, ok := s.accounts[s.Spec.Account]; ok {
		s.Status.Cloud = at.Cloud
	}
}

// disturbed reports whether the service is not as it must be to serve, and nobody has to be asked what to do about it.
func (s *service) disturbed() bool {
	return s.Service.State.Over() && !s.heldBack(link.DriftServiceGone) || s.unproven() && !s.heldBack(link.DriftVerification)
}

// unproven reports whether the proof of the domain does not hold.
func (s *service) unproven() bool {
	return s.Service.Domain != nil && s.Service.Domain.State != activities.DomainVerified
}

// judge turns the news that the service is gone into a new beginning.
func (s *service) judge(err error) error {
	if activities.IsGone(err) {
		return errTurned
	}
	return err
}

func same(a, b any) bool { return reflect.DeepEqual(a, b) }

package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// EndpointService publishes a service and serves it until it is withdrawn: every connection request that
// appears on it, also from consumers it has never heard of, becomes a [Connection]. It answers with its last
// status.
func EndpointService(ctx workflow.Context, in EndpointServiceInput) (link.Status, error) {
	s, err := newService(ctx, in)
	if err != nil {
		return link.Status{}, err
	}
	return s.run(ctx)
}

// service is a running EndpointService.
type service struct {
	flow
	serviceState
	in EndpointServiceInput
	// news counts what serve has to look at.
	news int
	// closing is true once this run makes ready to continue as new, and leaves those who join and leave to the next.
	closing bool
}

// serviceState is what a service remembers when it continues as new.
type serviceState struct {
	Status link.Status              `json:"status"`
	Spec   link.EndpointServiceSpec `json:"spec"` // with defaults
	// Asked is true once the cloud has been asked to make the service, and may have.
	Asked bool `json:"asked,omitempty"`
	// Service is how the cloud describes it, once it exists.
	Service activities.Service `json:"service,omitzero"`
	// Proof is the TXT record that the flow wrote, or was about to write.
	Proof *proof `json:"proof,omitempty"`
	// Parameter is where the name was published.
	Parameter *link.SSMParameter `json:"parameter,omitempty"`
	// Members are the connections, by name.
	Members map[string]*member `json:"members,omitempty"`
	// Late are those who joined or left while the run before made ready to continue as new, in order.
	Late []late `json:"late,omitempty"`
	// Dropped are the accounts that were admitted once and are no longer, though connected.
	Dropped []string `json:"dropped,omitempty"`
	// Seen are the endpoints as the service shows them.
	Seen []activities.ConnectionView `json:"seen,omitempty"`
	// Noticed is when endpoints that no connection looks after were seen first.
	Noticed map[string]time.Time `json:"noticed,omitempty"`
	// Announced is what the connections were told of the service last.
	Announced serviceView `json:"announced,omitzero"`
	// Leaving is true once a withdrawal was asked for.
	Leaving bool `json:"leaving,omitempty"`
	// Turned is true when the flow was told to turn elsewhere while it made ready to continue as new.
	Turned bool `json:"turned,omitempty"`
	ballot
	// Introduced is true once the flow has answered to the command that started it.
	Introduced bool `json:"introduced,omitempty"`
}

// proof is a TXT record that the flow wrote.
type proof struct {
	Account string            `json:"account"`
	ZoneID  string            `json:"zoneID"`
	Record  activities.Record `json:"record"`
}

func newService(ctx workflow.Context, in EndpointServiceInput) (*service, error) {
	s := &service{in: in}
	if in.Carried != nil {
		if err := checkCarried(workflow.GetInfo(ctx)); err != nil {
			return nil, err
		}
		s.serviceState = *in.Carried
	} else {
		s.Status = link.Status{Kind: link.KindEndpointService, Name: in.Name, Service: in.Name}
		if err := errors.Join(link.Metadata{Name: in.Name}.Validate(), in.Spec.Validate()); err != nil {
			return nil, temporal.NewNonRetryableApplicationError(err.Error(), "InvalidSpec", nil)
		}
		s.take(in.Spec, in.By)
	}
	if s.Members == nil {
		s.Members = map[string]*member{}
	}
	s.flow = newFlow(ctx, &s.Status)
	s.idle = slowLook // those who ask to connect depend on it
	s.standsBy = s.stance
	s.revise(ctx)
	if err := s.handle(ctx); err != nil {
		return nil, err
	}
	s.hearLate(ctx)
	return s, nil
}

// take makes a spec the one to carry out.
func (s *service) take(spec link.EndpointServiceSpec, by string) {
	s.Spec = spec.WithDefaults()
	s.Status.Account, s.Status.Region = s.Spec.Account, s.Spec.Region
	s.Status.AppliedBy = clip(by, maxName)
	s.applied(by)
	s.Status.Generation++
}

// serviceStory is what a service goes through, in order.
func serviceStory() phases[*service] {
	return phases[*service]{
		{link.Publishing, (*service).publish},
		{link.VerifyingDomain, (*service).verifyDomain},
		{link.Serving, (*service).serve},
		{link.Withdrawing, (*service).withdraw},
	}
}

func (s *service) run(ctx workflow.Context) (link.Status, error) {
	ctx = outlive(ctx, func(ctx workflow.Context) {
		s.leave(ctx, link.Decision{Verb: link.Withdraw, Via: link.ViaCancel, Reason: "the workflow was cancelled"})
	})
	err := follow(ctx, &s.flow, serviceStory(), s, s.goOn(), s.turned)
	if errors.Is(err, errLong) {
		err = s.continueAsNew(ctx)
	}
	return s.Status, err
}

// goOn is where the run begins: with the first phase, or where the run before it was.
func (s *service) goOn() link.Phase {
	switch {
	case s.Turned:
		s.Turned = false
		return s.turned()
	case s.Status.Phase == "":
		return link.Publishing
	}
	return s.Status.Phase
}

// turned is where an interrupted flow goes on.
func (s *service) turned() link.Phase {
	if s.Leaving {
		return link.Withdrawing
	}
	return link.Publishing
}

func (s *service) continueAsNew(ctx workflow.Context) error {
	s.closing = s.since(ctx, "leave-members-to-the-next-run")
	if err := s.settle(ctx); err != nil {
		return err
	}
	s.Turned = s.interrupted()
	in := s.in
	in.Carried = &s.serviceState
	return workflow.NewContinueAsNewError(ctx, EndpointServiceWorkflow, in)
}

// leave begins the withdrawal.
func (s *service) leave(ctx workflow.Context, why link.Decision) {
	if s.Leaving || !s.Status.Phase.Open() {
		return
	}
	s.Leaving = true
	s.record(ctx, why)
	s.interrupt()
}

// place is where the service is published.
func (s *service) place() activities.Place {
	return activities.Place{Account: s.Spec.Account, Region: s.Spec.Region}
}

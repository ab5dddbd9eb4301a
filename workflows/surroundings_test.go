package workflows_test

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/system"
	"github.com/linkwright/linkwright/internal/link"
)

// surroundings are the system's steps.
type surroundings struct {
	cloud *memory
	// measured is how long flows have stayed in phases.
	measured stopwatch
	// unknown accounts are blocked on until they are taken out.
	unknown map[string]bool
	// principal is who the server says has sent a signal, and starter who has started the flow.
	principal, starter string
	asked              []activities.SignalSenderRequest
	// flows answer what the flow in the test asks them, by workflow id and query; others do not run. Steps ask while
	// scripts change who answers.
	asking sync.Mutex
	flows  map[string]func() any
	// introduced is what the flow in the test has told others after asking them.
	introduced []string
	// crowds are how many flows were asked together.
	crowds []int
	// updates are answered by other flows, by workflow id and update.
	updates map[string]func(json.RawMessage) any
	// verifier looks at signatures.
	verifier system.System
}

// answers makes a flow answer to a query.
func (s *surroundings) answers(workflowID, query string, answer func() any) {
	s.asking.Lock()
	defer s.asking.Unlock()
	s.flows[workflowID+" "+query] = answer
}

func (s *surroundings) AskFlow(_ context.Context, req activities.AskFlowRequest) (json.RawMessage, error) {
	s.asking.Lock()
	answer, ok := s.flows[req.WorkflowID+" "+req.Query]
	s.asking.Unlock()
	if !ok {
		return nil, activities.Gone(req.WorkflowID+" does not run", nil)
	}
	return json.Marshal(answer())
}

func (s *surroundings) AskFleet(ctx context.Context, req activities.AskFleetRequest) ([]activities.FlowAnswer, error) {
	s.crowds = append(s.crowds, len(req.WorkflowIDs))
	var all []activities.FlowAnswer
	for _, id := range req.WorkflowIDs {
		answer, err := s.AskFlow(ctx, activities.AskFlowRequest{WorkflowID: id, Query: req.Query})
		if err != nil {
			all = append(all, activities.FlowAnswer{Missing: err.Error()})
			continue
		}
		all = append(all, activities.FlowAnswer{Answer: answer})
	}
	return all, nil
}

func (s *surroundings) Introduce(ctx context.Context, req activities.IntroduceRequest) (json.RawMessage, error) {
	answer, err := s.AskFlow(ctx, req.AskFlowRequest)
	if err == nil {
		s.asking.Lock()
		s.introduced = append(s.introduced, string(req.Message))
		s.asking.Unlock()
	}
	return answer, err
}

func (s *surroundings) FlowStarter(context.Context, activities.FlowStarterRequest) (string, error) {
	return s.starter, nil
}

func (s *surroundings) VerifySignature(ctx context.Context, req activities.VerifySignatureRequest) (activities.SignatureVerdict, error) {
	return s.verifier.VerifySignature(ctx, req)
}

func (s *surroundings) ResolveAccount(_ context.Context, req activities.ResolveAccountRequest) (link.Account, error) {
	s.cloud.mu.Lock()
	defer s.cloud.mu.Unlock()
	if s.unknown[req.Account] {
		return link.Account{}, activities.Blocked(link.Problem{Reason: link.ReasonUnknownAccount, Message: "unknown account " + req.Account}, nil)
	}
	ids := map[string]string{"provider": "111111111111", "consumer": "222222222222"}
	return link.Account{Name: req.Account, Cloud: link.AWS, ID: ids[req.Account]}, nil
}

func (s *surroundings) SignalWithStart(context.Context, activities.SignalWithStartRequest) error {
	return nil
}

func (s *surroundings) SignalSender(_ context.Context, req activities.SignalSenderRequest) (string, error) {
	s.asked = append(s.asked, req)
	return s.principal, nil
}

var _ activities.System = (*surroundings)(nil)

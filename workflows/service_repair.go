package workflows

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/internal/link"
)

// mayRepair is notice for drift of the service itself.
func (s *service) mayRepair(ctx workflow.Context, kind link.DriftKind, detail string) bool {
	return s.notice(ctx, s.Spec.Drift, link.Drift{
		Kind: kind, Resource: s.Spec.Cloud().ServiceKind(), ID: s.Service.ID, Account: s.Spec.Account, Region: s.Spec.Region, Detail: detail,
	})
}

// ask puts the question that fits what has drifted. Its terms are those on which connections are let in.
func (s *service) ask(ctx workflow.Context) {
	s.put(ctx, subject{
		Endpoint: s.Service.ID, Owner: s.Spec.Account, Generation: s.Status.Generation, Terms: s.view().Approval.Terms(), Drift: s.askedToRepair(),
	})
	s.Status.Question = s.posed()
}

// asksFor is what people are asked about the service.
func (s *service) asksFor(ctx workflow.Context, until time.Time) link.Waiting {
	s.ask(ctx)
	q := s.repairQuestion(s.Question)
	q.Until = until
	return q
}

func (s *service) proveDecision(ctx workflow.Context, d *link.Decision) error {
	return s.ballot.prove(ctx, s.ask, d)
}

func (s *service) checkApproval(d link.Decision) error {
	if s.askedToRepair() == "" {
		return fmt.Errorf("the service is %s and asks nothing: name the connection that is to be let in", s.Status.Phase)
	}
	if err := checkAuthor(d); err != nil {
		return err
	}
	if d.Endpoint != s.Service.ID || d.Owner != s.Spec.Account {
		return fmt.Errorf("the decision is about %q of account %q, but the service is %s of account %s: look again and decide on that",
			d.Endpoint, d.Owner, s.Service.ID, s.Spec.Account)
	}
	if d.Nonce != "" && (s.Question == nil || d.Nonce != s.Question.Nonce) {
		return errors.New("the decision answers an earlier question about this service: look again and answer the one that is asked now")
	}
	return nil
}

// approve counts an approval, and has set right what has drifted when there are enough.
func (s *service) approve(ctx workflow.Context, d link.Decision) {
	s.record(ctx, d)
	if s.count(d) {
		s.letRepair(ctx)
	}
	s.Status.Question = s.posed()
	s.show(ctx)
}

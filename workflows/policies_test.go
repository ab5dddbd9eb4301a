package workflows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/internal/link"
)

func TestApprovalsUnderEveryPolicy(t *testing.T) {
	const approve, reject = link.Approve, link.Reject
	type step struct {
		verb link.Verb
		// by decides by update; signed signs as well; principal decides by signal, authenticated as that, with by as claim
		by, signed, principal string
		signal                bool
		refused               string
		phase                 link.Phase // afterwards
	}
	const waits, ready, ended = link.AwaitingApproval, link.Ready, link.Rejected
	for _, c := range []struct {
		name   string
		policy link.ApprovalPolicy
		steps  []step
	}{
		{"when one claim is enough, one claim lets in", link.ApprovalPolicy{}, []step{
			{verb: approve, by: "ada", phase: ready},
		}},
		{"when two must approve, two different people do", link.ApprovalPolicy{Approvers: people(2)}, []step{
			{verb: approve, by: "grace", phase: waits},
			{verb: approve, by: "grace", refused: "grace has approved already", phase: waits},
			{verb: approve, by: " GRACE", refused: "grace has approved already", phase: waits},
			{verb: approve, by: "alan", phase: ready},
		}},
		{"when two must approve, one is enough to reject", link.ApprovalPolicy{Approvers: people(2)}, []step{
			{verb: approve, by: "grace", phase: waits},
			{verb: reject, by: "grace", phase: ended},
		}},
		{"when the applier is excluded, somebody else must approve", link.ApprovalPolicy{ExcludeApplier: true}, []step{
			{verb: approve, by: "ada", refused: "ada has applied the spec", phase: waits},
			{verb: approve, by: "Ada", refused: "ada has applied the spec", phase: waits},
			{verb: approve, by: "grace", phase: ready},
		}},
		{"when the applier is excluded, they may still reject", link.ApprovalPolicy{ExcludeApplier: true}, []step{
			{verb: reject, by: "ada", phase: ended},
		}},
		{"when two others than the applier must approve, two others do", link.ApprovalPolicy{Approvers: people(2), ExcludeApplier: true}, []step{
			{verb: approve, by: "grace", phase: waits},
			{verb: approve, by: "ada", refused: "ada has applied", phase: waits},
			{verb: approve, by: "alan", phase: ready},
		}},
		{"when a principal is asked for, an update has none", link.ApprovalPolicy{Proof: link.ProofPrincipal}, []step{
			{verb: approve, by: "grace", refused: "send the signal", phase: waits},
			{verb: reject, by: "grace", refused: "send the signal", phase: waits},
			{verb: approve, by: "grace", signal: true, principal: "grace@acme", phase: ready},
		}},
		{"when a principal is asked for, a signal without one does not count", link.ApprovalPolicy{Proof: link.ProofPrincipal}, []step{
			{verb: approve, by: "grace", signal: true, refused: "has not authenticated", phase: waits},
			{verb: reject, by: "grace", signal: true, refused: "has not authenticated", phase: waits},
		}},
		{"when a principal is asked for, it tells people apart, and their names do not", link.ApprovalPolicy{Approvers: people(2), Proof: link.ProofPrincipal}, []step{
			{verb: approve, by: "grace", signal: true, principal: "grace@acme", phase: waits},
			{verb: approve, by: "alan", signal: true, principal: "grace@acme", refused: "grace@acme has approved already", phase: waits},
			{verb: approve, by: "grace", signal: true, principal: "alan@acme", phase: ready},
		}},
		{"when a principal is asked for, it is what is excluded", link.ApprovalPolicy{ExcludeApplier: true, Proof: link.ProofPrincipal}, []step{
			{verb: approve, by: "grace", signal: true, principal: "ada", refused: "ada has applied", phase: waits},
			{verb: approve, by: "grace", signal: true, principal: "starter@acme", refused: "starter@acme has applied", phase: waits},
			{verb: approve, by: "ada", signal: true, principal: "grace@acme", phase: ready},
		}},
		{"when a principal is asked for, one who has it can reject", link.ApprovalPolicy{Approvers: people(3), Proof: link.ProofPrincipal}, []step{
			{verb: reject, signal: true, principal: "grace@acme", phase: ended},
		}},
		{"when a signature is asked for, a claim does not count", link.ApprovalPolicy{Proof: link.ProofSignature}, []step{
			{verb: approve, by: "grace", refused: "is not signed", phase: waits},
			{verb: reject, by: "grace", refused: "is not signed", phase: waits},
			{verb: approve, by: "grace", signal: true, principal: "grace@acme", refused: "is not signed", phase: waits},
			{verb: approve, by: "grace", signed: "grace", phase: ready},
		}},
		{"when a signature is asked for, a signal can carry it as well", link.ApprovalPolicy{Proof: link.ProofSignature}, []step{
			{verb: approve, signed: "grace", signal: true, principal: "grace@acme", phase: ready},
		}},
		{"when a signature is asked for, the name must be the signer's", link.ApprovalPolicy{Proof: link.ProofSignature}, []step{
			{verb: approve, by: "alan", signed: "grace", refused: `may not sign for "alan"`, phase: waits},
			{verb: approve, signed: "grace", phase: ready},
		}},
		{"when a signature is asked for, it tells people apart", link.ApprovalPolicy{Approvers: people(2), Proof: link.ProofSignature}, []step{
			{verb: approve, by: "grace", signed: "grace", phase: waits},
			{verb: approve, by: "grace", signed: "grace", refused: "grace has approved already", phase: waits},
			{verb: approve, by: "alan", signed: "alan", phase: ready},
		}},
		{"when a signature is asked for, it is what is excluded", link.ApprovalPolicy{ExcludeApplier: true, Proof: link.ProofSignature}, []step{
			{verb: approve, by: "ada", signed: "ada", refused: "ada has applied", phase: waits},
			{verb: approve, by: "grace", signed: "grace", phase: ready},
		}},
		{"when a signature is asked for, one who signs can reject", link.ApprovalPolicy{Approvers: people(2), ExcludeApplier: true, Proof: link.ProofSignature}, []step{
			{verb: approve, by: "grace", signed: "grace", phase: waits},
			{verb: reject, by: "ada", signed: "ada", phase: ended},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBallot(t, c.policy, func(b *ballot) {
				for i, s := range c.steps {
					b.at(time.Duration(i)*time.Minute, func() {
						d := b.by(s.by)
						if s.signed != "" {
							d = b.signed(s.signed, s.verb)
							d.By = s.by
						}
						if s.signal {
							b.signals(s.principal, s.verb, d)
						} else {
							b.decide(s.verb, d, s.refused)
						}
					})
					b.at(time.Duration(i)*time.Minute+30*time.Second, func() {
						now := b.status()
						if now.Phase != s.phase {
							t.Errorf("step %d: the connection is %s, want %s", i+1, now.Phase, s.phase)
						}
						last := now.Decisions[len(now.Decisions)-1]
						if s.refused == "" != (last.Refused == "") || !strings.Contains(last.Refused, s.refused) || last.Verb != s.verb {
							t.Errorf("step %d: recorded as %+v, want it refused with %q", i+1, last, s.refused)
						}
					})
				}
			})
			b.around.starter = "starter@acme"
			b.connect(shopSpec())
			accepted := slices.Contains(b.cloud.steps(), "AcceptConnection")
			if want := c.steps[len(c.steps)-1].phase == ready; accepted != want {
				t.Errorf("let in: %v, want %v", accepted, want)
			}
		})
	}
}

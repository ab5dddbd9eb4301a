package workflows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

func TestWhenApprovalsAreCountedTheQuestionShowsThem(t *testing.T) {
	b := newBallot(t, link.ApprovalPolicy{Approvers: people(2), ExcludeApplier: true, Proof: link.ProofSignature}, func(b *ballot) {
		q := b.status()
		if !slices.Contains(q.Waiting.Details, "0 of 2 approvals.") || q.Question.Nonce == "" || q.Waiting.Approve.Nonce != q.Question.Nonce {
			t.Errorf("asked %+v, %+v", q.Waiting, q.Question)
		}
		b.decide(link.Approve, b.signed("grace", link.Approve), "")
		b.at(time.Minute, func() {
			now := b.status()
			if !slices.Contains(now.Waiting.Details, "1 of 2 approvals: grace.") ||
				!slices.Contains(now.Waiting.Details, "Who has applied it may not approve it: ada.") {
				t.Errorf("asked %q", now.Waiting.Details)
			}
			if !slices.Equal(now.Question.Approved, []string{"grace"}) || !slices.Equal(now.Question.Excluded, []string{"ada"}) || now.Question.Nonce != q.Question.Nonce {
				t.Errorf("the question is %+v", now.Question)
			}
			b.decide(link.Approve, b.signed("alan", link.Approve), "")
		})
		b.at(2*time.Minute, func() {
			if c, _ := b.status().Condition(link.Approved); c.Message != "by grace and alan" {
				t.Errorf("approved %+v", c)
			}
		})
	})
	s := b.connect(shopSpec())
	for i, name := range []string{"grace", "alan"} {
		d := s.Decisions[i]
		if d.Proven != name || d.By != name || d.Key != ssh.FingerprintSHA256(b.keys[name].PublicKey()) || d.Nonce == "" ||
			!strings.HasPrefix(d.Signature, "-----BEGIN SSH SIGNATURE-----") {
			t.Errorf("recorded as %+v", d)
		}
	}
}

func TestASignatureHoldsForOneQuestionOnly(t *testing.T) {
	signature := link.ApprovalPolicy{Proof: link.ProofSignature}
	t.Run("when it is for another question, flow, endpoint, owner or decision, it is refused", func(t *testing.T) {
		b := newBallot(t, signature, func(b *ballot) {
			for _, change := range []func(*link.Statement){
				func(s *link.Statement) { s.Nonce = strings.TrimSuffix(s.Nonce, "1") + "2" },
				func(s *link.Statement) { s.Workflow = "connection/payments/crm" },
				func(s *link.Statement) { s.Endpoint = "vpce-2" },
				func(s *link.Statement) { s.Owner = "999999999999" },
				func(s *link.Statement) { s.Decision = link.Reject },
			} {
				b.decide(link.Approve, b.signed("grace", link.Approve, change), "not over this decision")
			}
		})
		if refused := decisions(b.connect(shopSpec()), true); len(refused) != 5 {
			t.Errorf("refused: %v", refused)
		}
	})
	t.Run("when the same endpoint is asked about again, it is refused", func(t *testing.T) {
		var first link.Decision
		b := newBallot(t, signature, func(b *ballot) {
			first = b.signed("grace", link.Approve)
			b.cloud.refuse("AcceptConnection", activities.Changed("it was another one for a moment"))
			b.decide(link.Approve, first, "")
			b.at(2*time.Minute, func() {
				b.wantPhase(link.AwaitingApproval)
				b.decide(link.Approve, first, "not over this decision")
				named := first
				named.Nonce = b.status().Question.Nonce + "0"
				b.decide(link.Approve, named, "answers an earlier question")
				b.decide(link.Approve, b.signed("grace", link.Approve), "")
			})
			b.at(3*time.Minute, func() { b.wantPhase(link.Ready) })
		})
		b.connect(shopSpec())
	})
	t.Run("when the signer is taken off the list, it is refused", func(t *testing.T) {
		b := newBallot(t, signature, func(b *ballot) {
			d := b.signed("grace", link.Approve)
			b.allow("alan " + string(ssh.MarshalAuthorizedKey(b.keys["alan"].PublicKey())))
			b.decide(link.Approve, d, "not among the workers' allowed signers")
		})
		b.connect(shopSpec())
	})
	t.Run("when the file is damaged while the workers run, nobody is believed", func(t *testing.T) {
		b := newBallot(t, signature, func(b *ballot) {
			d := b.signed("grace", link.Approve)
			b.allow("grace")
			b.decide(link.Approve, d, "cannot use their allowed-signers file")
		})
		b.connect(shopSpec())
	})
	t.Run("when the workers have no file, it says how to give them one", func(t *testing.T) {
		b := newBallot(t, signature, func(b *ballot) {
			b.around.verifier.AllowedSigners = ""
			b.decide(link.Approve, b.signed("grace", link.Approve), "--allowed-signers")
		})
		b.connect(shopSpec())
	})
}

func changedSpec() link.ConnectionSpec {
	spec := shopSpec()
	spec.DNS.Mode = link.DNSNone
	return spec
}

func TestWhenWhatIsApprovedChangesApprovalsGivenBeforeAreVoid(t *testing.T) {
	two := link.ApprovalPolicy{Approvers: people(2)}
	for _, c := range []struct {
		name   string
		change func(*ballot)
		void   bool
	}{
		{"when the policy asks for proof, they are void", func(b *ballot) { b.policy.Proof = link.ProofSignature }, true},
		{"when the policy asks for more people, they are void", func(b *ballot) { b.policy.Approvers = people(3) }, true},
		{"when the policy excludes the applier, they are void", func(b *ballot) { b.policy.ExcludeApplier = true }, true},
		{"when the policy changes the timeout, they stand", func(b *ballot) { b.policy.Timeout = link.Duration(72 * time.Hour) }, false},
		{"when the policy lists another account, they stand", func(b *ballot) { b.policy.AutoApprove = []string{"333333333333"} }, false},
		{"when the spec changes, they are void", func(b *ballot) {
			b.decide(link.Apply, workflows.ApplyConnectionRequest{Spec: changedSpec(), By: "ada"}, "")
		}, true},
		{"when the endpoint is another one, they are void", func(b *ballot) {
			delete(b.cloud.endpoints, "vpce-1")
			b.SignalWorkflow("linkwright.changes", []activities.Change{{Topic: activities.Topic{Kind: activities.TopicEndpoint, ID: "vpce-1"}, Gone: true}})
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBallot(t, two, func(b *ballot) {
				before := b.status().Question.Nonce
				b.decide(link.Approve, b.by("grace"), "")
				b.at(time.Minute, func() {
					c.change(b)
					b.announce()
				})
				b.at(2*time.Minute, func() {
					s := b.status()
					if s.Phase != link.AwaitingApproval || (len(s.Question.Approved) == 0) != c.void || (s.Question.Nonce != before) != c.void {
						t.Errorf("%s, the question is now %+v, before %s", s.Phase, s.Question, before)
					}
				})
			})
			b.connect(shopSpec())
		})
	}
}

func TestWhenNobodyIsAskedTheTermsDoNotMatter(t *testing.T) {
	strict := link.ApprovalPolicy{Approvers: people(3), ExcludeApplier: true, Proof: link.ProofSignature}
	t.Run("when the account is listed, it is let in by policy", func(t *testing.T) {
		policy := strict
		policy.AutoApprove = []string{"222222222222"}
		b := newBallot(t, policy, func(b *ballot) {
			b.wantPhase(link.Ready)
			b.decide(link.Reject, b.by("grace"), "is not signed") // what was let in is cut off with proof as well
			b.decide(link.Reject, b.signed("grace", link.Reject), "")
		})
		s := b.connect(shopSpec())
		if d := s.Decisions[0]; d.Via != link.ViaPolicy || s.Phase != link.Rejected {
			t.Errorf("%s by %+v", s.Phase, s.Decisions)
		}
	})
	t.Run("when nobody decides in time, it is rejected", func(t *testing.T) {
		policy := strict
		policy.Timeout, policy.OnTimeout = link.Duration(90*time.Minute), link.TimeoutReject
		b := newBallot(t, policy, func(b *ballot) { b.decide(link.Approve, b.signed("grace", link.Approve), "") })
		if s := b.connect(shopSpec()); s.Phase != link.Rejected || s.Decisions[1].Via != link.ViaTimeout {
			t.Errorf("%s by %+v", s.Phase, s.Decisions)
		}
	})
}

func TestWhenAHistoryIsLongTheQuestionIsCarriedOver(t *testing.T) {
	policy := link.ApprovalPolicy{Approvers: people(2), ExcludeApplier: true, Proof: link.ProofSignature}
	b := newBallot(t, policy, func(b *ballot) {
		b.decide(link.Approve, b.signed("grace", link.Approve), "")
		b.at(time.Minute, func() {
			b.SetContinueAsNewSuggested(true)
			b.announce()
		})
	})
	spec := shopSpec()
	b.ExecuteWorkflow(workflows.Connection, workflows.ConnectionInput{Service: "payments", Name: "shop", Spec: &spec, By: "ada"})
	next := continuation[workflows.ConnectionInput](t, b.GetWorkflowError())

	again := newBallot(t, policy, func(again *ballot) {
		if q := again.status().Question; q.Nonce != next.Carried.Question.Nonce || !slices.Equal(q.Approved, []string{"grace"}) || !slices.Equal(q.Excluded, []string{"ada"}) {
			t.Errorf("the question is %+v, carried over %+v", q, next.Carried.Question)
		}
		again.decide(link.Approve, again.signed("grace", link.Approve), "grace has approved already")
		again.at(1*time.Minute, func() { again.decide(link.Approve, again.signed("ada", link.Approve), "ada has applied") })
		again.at(2*time.Minute, func() { again.decide(link.Approve, again.signed("alan", link.Approve), "") })
		again.at(3*time.Minute, func() { again.wantPhase(link.Ready) })
	})
	again.keys, again.around.verifier = b.keys, b.around.verifier
	again.cloud.endpoints, again.cloud.made = b.cloud.endpoints, 1
	again.SetContinuedExecutionRunID("the run before")
	again.ExecuteWorkflow(workflows.Connection, next)
	again.result()
}

func TestHoweverManyDecisionsAreRefusedTheOnesThatCountedStay(t *testing.T) {
	b := newBallot(t, link.ApprovalPolicy{Approvers: people(2), Proof: link.ProofSignature}, func(b *ballot) {
		b.decide(link.Approve, b.signed("grace", link.Approve), "")
		for range 100 {
			d := b.by("mallory")
			d.Signature = strings.Repeat("x", 4000)
			b.decide(link.Approve, d, "no SSH signature")
		}
		b.at(time.Minute, func() { b.decide(link.Approve, b.signed("alan", link.Approve), "") })
	})
	s := b.connect(shopSpec())
	if got := decisions(s, false); !slices.Equal(got, []string{"approve grace", "approve alan"}) {
		t.Errorf("carried out: %v", got)
	}
	if refused := decisions(s, true); len(refused) != 20 {
		t.Errorf("%d refused decisions are kept", len(refused))
	}
	for _, d := range s.Decisions {
		if d.Refused != "" && d.Signature != "" {
			t.Error("the signature of a refused decision is kept")
		}
	}
}

// What only Linkwright can say of a decision cannot be said by its sender.
func TestWhenADecisionClaimsToBeProvenItIsNot(t *testing.T) {
	b := newBallot(t, link.ApprovalPolicy{Approvers: people(2), Proof: link.ProofPrincipal}, func(b *ballot) {
		d := b.by("grace")
		d.Principal, d.Proven, d.Key = "grace@acme", "grace@acme", "SHA256:x"
		b.decide(link.Approve, d, "send the signal")
		b.signals("", link.Approve, d)
		b.at(time.Minute, func() { b.wantPhase(link.AwaitingApproval) })
	})
	for _, d := range b.connect(shopSpec()).Decisions[:2] {
		if d.Principal != "" || d.Proven != "" || d.Key != "" || d.Refused == "" {
			t.Errorf("recorded as %+v", d)
		}
	}
}

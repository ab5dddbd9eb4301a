package sim_test

import (
	"testing"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

func TestPrincipal(t *testing.T) {
	for _, test := range []struct{ name, arn, want string }{
		{"when the caller is a user, it is the user", "arn:aws:iam::111111111111:user/admin", "arn:aws:iam::111111111111:user/admin"},
		{"when the caller has assumed a role, it is the role", "arn:aws:sts::111111111111:assumed-role/link/session", "arn:aws:iam::111111111111:role/link"},
		{"when the partition is another, it stays", "arn:aws-cn:sts::111111111111:assumed-role/link/session", "arn:aws-cn:iam::111111111111:role/link"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := (sim.Caller{AccountID: "111111111111", ARN: test.arn}).Principal(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestSeedDecidesIDs(t *testing.T) {
	a, b := &sim.Request{Seed: "world"}, &sim.Request{Seed: "world"}
	first, second := a.NewID("vpc"), a.NewID("vpc")
	if first == second {
		t.Error("one request gave the same id twice")
	}
	if first != b.NewID("vpc") || second != b.NewID("vpc") {
		t.Error("the same seed gave other ids")
	}
	if c, d := (&sim.Request{}), (&sim.Request{}); c.NewID("vpc") == d.NewID("vpc") {
		t.Error("without a seed two requests gave the same id")
	}
}

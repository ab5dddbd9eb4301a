package e2e

import (
	"testing"
	"time"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli"
)

// TestPlan plans before and after the specs are applied, with the permissions that the specs need and no others.
func TestPlan(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	specs := s.file("specs.yaml", s.yaml())
	s.grantFor(s.yaml())
	s.enforce()

	began := time.Now()
	planned := s.run("plan", "-f", specs, "--detailed-exitcode")
	planned.expect(t, cli.ExitChanges, "+ "+link.KindService, "+ "+link.KindTXTRecord, "+ "+link.KindParameter, "+ "+link.KindEndpoint,
		"+ "+link.KindTarget, "endpointservice/"+s.name+" begins", "What needs a person", "approve the endpoint of account "+s.consumer(),
		"Plan: 7 to create, 0 to change, 0 to adopt, 0 to delete; 0 left alone.")
	if written := s.writes(began); len(written) > 0 {
		t.Errorf("the plan has changed something: %v", written)
	}
	s.wantAsBefore()

	s.runHeard("apply", "-f", specs).expect(t, cli.ExitOK, "Plan: 7 to create", s.connection("shop").String()+" created")
	asked := s.awaitQuestion(s.connection("shop"))
	s.run("approve", s.connection("shop").String(), "--as", "carol", "--reason", "as agreed", "--owner", asked.Owner, "--endpoint", asked.Endpoint).
		expect(t, cli.ExitOK)
	s.awaitArrival(s.connection("shop"))
	s.awaitArrival(s.service())

	arrived := time.Now()
	s.run("plan", "-f", specs, "--detailed-exitcode").expect(t, cli.ExitOK, "No changes", "Plan: 0 to create, 0 to change, 0 to adopt, 0 to delete; 7 left alone.")
	if written := s.writes(arrived); len(written) > 0 {
		t.Errorf("the plan has changed something: %v", written)
	}
	s.takeDown()
}

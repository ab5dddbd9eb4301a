package e2e

import (
	"testing"
	"time"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simazure"
	"github.com/linkwright/linkwright/internal/simazure/arm"
	"github.com/linkwright/linkwright/starter/cli"
)

// As [TestPlan], in Azure.
func TestPlanInAzure(t *testing.T) {
	t.Parallel()
	s := newAzureScene(t)
	service, connection := s.serviceSpec(), s.connectionSpec("shop")
	text, err := link.Encode(link.Document{Service: &service}, link.Document{Connection: &connection})
	if err != nil {
		t.Fatal(err)
	}
	specs := s.file("specs.yaml", string(text))

	began := time.Now()
	s.run("plan", "-f", specs, "--detailed-exitcode").expect(t, cli.ExitChanges, "~ "+link.KindSubnet, "+ "+link.KindPrivateLinkService,
		"+ "+link.KindPrivateEndpoint, "+ "+link.KindPrivateDNSZone, "+ "+link.KindVirtualNetworkLink, "+ "+link.KindZoneRecord,
		"What needs a person", "approve the endpoint of account "+s.consumer(), "Plan: 5 to create, 1 to change, 0 to adopt, 0 to delete; 0 left alone.")
	s.wantUnchanged(began)
	s.wantAsBefore()

	s.runHeard("apply", "-f", specs).expect(t, cli.ExitOK, "Plan: 5 to create", s.connection("shop").String()+" created")
	s.decide(s.connection("shop"), link.Approve)
	s.wantWhole(s.awaitArrival(s.connection("shop")))
	s.awaitArrival(s.service())

	arrived := time.Now()
	s.run("plan", "-f", specs, "--detailed-exitcode").expect(t, cli.ExitOK, "No changes", "Plan: 0 to create, 0 to change, 0 to adopt, 0 to delete; 5 left alone.")
	s.wantUnchanged(arrived)

	// What somebody else has changed is seen.
	s.changeRecord("api", "10.2.9.9")
	s.run("plan", "-f", specs, "--detailed-exitcode").expect(t, cli.ExitChanges, "~ "+link.KindZoneRecord, "Plan: 0 to create, 1 to change")
	s.remove(s.service())
	s.wantAsBefore()
}

// wantUnchanged makes sure that Linkwright has changed nothing in the scene since then.
func (s *azureScene) wantUnchanged(since time.Time) {
	s.t.Helper()
	for _, action := range s.written(since) {
		s.t.Errorf("the plan has changed something: %s", action)
	}
}

// written are the actions by which Linkwright has changed the scene since then.
func (s *azureScene) written(since time.Time) []string {
	s.t.Helper()
	worker := map[string]bool{}
	for _, tenant := range shared.AzureWorld().Tenants {
		for _, app := range tenant.Applications {
			if app.Name == "linkwright" && (tenant.Name == s.name+"-inc" || tenant.Name == s.name+"-ltd") {
				worker[app.ID(tenant.Name)] = true
			}
		}
	}
	var actions []string
	for _, c := range shared.Azure.Calls() {
		if worker[c.Principal] && c.Time.After(since) && c.Service != simazure.Login && !arm.IsRead(c.Action) {
			actions = append(actions, c.Action)
		}
	}
	return actions
}

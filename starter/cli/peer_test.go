package cli

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/internal/frontend"
	"github.com/linkwright/linkwright/workflows"
)

func peeringStatus(phase link.Phase) link.Status {
	return link.Status{Kind: link.KindVPCPeering, Name: "hub", Phase: phase, Account: "network", Region: "eu-central-1", Cloud: link.AWS,
		Since: time.Now(), Generation: 1, Phases: []link.PhaseTime{{Phase: phase, Entered: time.Now()}}}
}

var addHub = []string{"peer", "add", "hub", "--inventory", "spokes", "--hub-account", "network", "--hub-region", "eu-central-1",
	"--hub-vpc", "vpc-0a", "--hub-route-table", "rtb-0a", "--hub-route-table", "rtb-0b"}

func TestPeerAddTellsTheFlowAndFollowsIt(t *testing.T) {
	f := frontend.Start(t)
	f.Put(peeringStatus(link.Peered), running)
	var asked []frontend.Update
	f.Answer = func(u frontend.Update) (any, error) {
		asked = append(asked, u)
		return workflows.ApplyResult{Created: len(asked) == 1, Generation: 1}, nil
	}
	run(t, f, "", append(slices.Clone(addHub), "--port", "8443", "--as", "ada", "--wait")...).expect(t, ExitOK, "vpcpeering/hub created", "Peered")
	run(t, f, "", addHub...).expect(t, ExitOK, "vpcpeering/hub unchanged")
	if len(asked) != 2 {
		t.Fatalf("it was told %d times", len(asked))
	}
	got := decode[workflows.ApplyPeeringRequest](t, asked[0])
	want := link.PeeringHub{Account: "network", Region: "eu-central-1", VPC: "vpc-0a", RouteTables: []string{"rtb-0a", "rtb-0b"}}
	if asked[0].WorkflowID != "peering/hub" || asked[0].Name != "apply" || got.By != "ada" || got.Spec.Inventory != "spokes" ||
		got.Spec.Hub.VPC != want.VPC || !slices.Equal(got.Spec.Hub.RouteTables, want.RouteTables) || !slices.Equal(got.Spec.Ports, []int32{8443}) {
		t.Errorf("%s %s was told %+v", asked[0].WorkflowID, asked[0].Name, got)
	}
	if ports := decode[workflows.ApplyPeeringRequest](t, asked[1]).Spec.Ports; !slices.Equal(ports, []int32{443}) {
		t.Errorf("the default ports are %v", ports)
	}
}

func TestPeerAddFindsAllThatIsWrongBeforeItAsksAnybody(t *testing.T) {
	f := frontend.Start(t)
	f.Answer = func(frontend.Update) (any, error) { return nil, errors.New("somebody was asked") }
	r := run(t, f, "", "peer", "add", "hub", "--hub-account", "network", "--hub-region", "nowhere", "--hub-vpc", "subnet-1",
		"--hub-route-table", "rtb-0a,igw-0b", "--port", "0", "--security-group", "web")
	r.expect(t, ExitError, "--inventory: is required", "--hub-region: ", "--hub-vpc: ", "--hub-route-table: ", "--security-group: ", "--port: ")
	if strings.Contains(r.err, "asked") {
		t.Error("somebody was asked")
	}
	run(t, f, "", "peer", "add", "Hub!", "--inventory", "spokes").expect(t, ExitError, `"Hub!" is no name for a peering`)
	run(t, f, "", "peer", "add").expect(t, ExitUsage)
}

func TestPeerRemoveAsksBackAndWaits(t *testing.T) {
	f := frontend.Start(t)
	f.Put(peeringStatus(link.Peered), running)
	var verbs []string
	f.Answer = func(u frontend.Update) (any, error) {
		verbs = append(verbs, u.WorkflowID+" "+u.Name)
		go f.Put(peeringStatus(link.Removed), completed)
		return echo(u)
	}
	run(t, f, "", "peer", "remove", "hub").expect(t, ExitError, "vpcpeering/hub", "say --yes")
	if len(verbs) > 0 {
		t.Errorf("it was told %q", verbs)
	}
	run(t, f, "", "peer", "remove", "hub", "--yes", "--reason", "moved").expect(t, ExitOK, "is being removed", "Removed")
	if !slices.Equal(verbs, []string{"peering/hub remove"}) {
		t.Errorf("it was told %q", verbs)
	}
}

func TestPeeringsAreListedAndDescribedLikeEverythingElse(t *testing.T) {
	f := frontend.Start(t)
	f.Put(service("payments"), running)
	f.Put(peeringStatus(link.Peered), running)
	r := run(t, f, "", "peer", "list")
	r.expect(t, ExitOK, "PEERING", "hub", "Peered", "network")
	if strings.Contains(r.out, "payments") {
		t.Errorf("it lists other things: %s", r.out)
	}
	run(t, f, "", "get").expect(t, ExitOK, "PEERING", "payments")
	run(t, f, "", "describe", "peering/hub").expect(t, ExitOK, "hub", "Peered")
	run(t, f, "", "approve", "peering/hub").expect(t, ExitError, "is a peering")
}

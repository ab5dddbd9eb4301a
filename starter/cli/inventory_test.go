package cli

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/internal/frontend"
	"github.com/linkwright/linkwright/workflows"
)

func inventory(name string, phase link.Phase) link.Status {
	return link.Status{
		Kind: link.KindVPCInventory, Name: name, Phase: phase, Account: "network", Region: "eu-west-1", Cloud: link.AWS,
		Since: time.Now(), Generation: 1, Phases: []link.PhaseTime{{Phase: phase, Entered: time.Now()}},
		Room:    []link.VPCRoom{{VPC: "vpc-0a", Endpoints: 12, Promised: 7, Quota: 50}, {VPC: "vpc-0b", Quota: 50, Problems: []string{"it is not there"}}},
		Seeking: []string{"connection/payments/shop"},
	}
}

const hubSpecs = specs + `---
apiVersion: linkwright/v1
kind: VPCInventory
metadata: {name: hub}
spec:
  account: network
  region: eu-west-1
  aws:
    vpcs:
      - {vpc: vpc-0a1b2c3d, subnets: [{zoneID: euw1-az1, subnet: subnet-0a1b2c3d}]}
`

func TestGetInventories(t *testing.T) {
	f := frontend.Start(t)
	f.Put(service("payments"), running)
	f.Put(inventory("hub", link.Offering), running)
	f.Put(inventory("gone", link.Closed), completed)

	r := run(t, f, "", "get", "inventories")
	r.expect(t, ExitOK, "INVENTORY", "hub", "Offering", "network", "1/2", "12/50", "7")
	if strings.Contains(r.out, "payments") || strings.Contains(r.out, "gone") {
		t.Errorf("lists more than the inventories that run:\n%s", r.out)
	}
	run(t, f, "", "get").expect(t, ExitOK, "SERVICE", "payments", "INVENTORY", "12/50")
	run(t, f, "", "get", "inventories", "--all").expect(t, ExitOK, "gone", "Closed")
	run(t, f, "", "get", "inventory", "hubb").expect(t, ExitError, "vpcinventory/hubb not found", "did you mean vpcinventory/hub?")

	var items []struct {
		Kind string
		Room []link.VPCRoom
	}
	if err := json.Unmarshal([]byte(run(t, f, "", "get", "inventory/hub", "-o", "json").out), &items); err != nil {
		t.Fatal(err)
	}
	if len(items) != 1 || items[0].Kind != "VPCInventory" || len(items[0].Room) != 2 || items[0].Room[0].Promised != 7 {
		t.Errorf("programs read %+v", items)
	}
}

func TestWhenNoWorkerAnswersInventoriesAreListedWithoutTheirRoom(t *testing.T) {
	f := frontend.Start(t)
	f.Put(inventory("hub", link.Offering), running)
	f.Fail = func(method string) error {
		if method == "QueryWorkflow" {
			return serviceerror.NewFailedPrecondition("no poller seen")
		}
		return nil
	}
	r := run(t, f, "", "get", "inventories")
	r.expect(t, ExitOK, "hub", "Offering", "no worker serves the task queue")
	if strings.Contains(r.out, "12/50") {
		t.Errorf("knows the room from nowhere:\n%s", r.out)
	}
}

func TestDescribeAnInventory(t *testing.T) {
	f := frontend.Start(t)
	f.Put(inventory("hub", link.Offering), running)
	for _, args := range [][]string{{"inventory/hub"}, {"inventories", "hub"}, {"hub"}} {
		run(t, f, "", append([]string{"describe"}, args...)...).expect(t, ExitOK,
			"VPCInventory hub", "12/50", "it is not there", "Waiting for room", "connection/payments/shop")
	}
	run(t, f, "", "describe", "inventory/hub", "-o", "yaml").expect(t, ExitOK, "kind: VPCInventory", "promised: 7", "seeking:")
	run(t, f, "", "describe", "inventory/payments/hub").expect(t, ExitUsage, "inventory/NAME")
	run(t, f, "", "approve", "inventory/hub").expect(t, ExitError, "is an inventory", "SERVICE/NAME")
}

func TestInventoriesAreAppliedFirst(t *testing.T) {
	f := frontend.Start(t)
	f.Answer = func(frontend.Update) (any, error) { return workflows.ApplyResult{Created: true, Generation: 1}, nil }
	run(t, f, hubSpecs, "validate", "-f", "-").expect(t, ExitOK,
		"vpcinventory/hub is valid\nendpointservice/payments is valid\nconnection/payments/shop is valid\n")
	run(t, f, hubSpecs, "apply", "-f", "-", "--as", "alice").expect(t, ExitOK,
		"vpcinventory/hub created\nendpointservice/payments created\nconnection/payments/shop created\n")

	start, sent := f.Starts()[0], f.Updates()[0]
	if start.GetWorkflowId() != "vpc-inventory/hub" || start.GetWorkflowType().GetName() != workflows.VPCInventoryWorkflow {
		t.Errorf("started with %v", start)
	}
	for _, name := range []string{"LinkPhase", "LinkAccount", "LinkRegion", "LinkCloud"} {
		if start.GetSearchAttributes().GetIndexedFields()[name] == nil {
			t.Errorf("started without %s", name)
		}
	}
	if got := decode[workflows.ApplyInventoryRequest](t, sent); sent.Name != workflows.ApplyUpdate || got.By != "alice" || got.Spec.Account != "network" {
		t.Errorf("sent %s %+v", sent.Name, got)
	}
}

func TestWhenApplyWaitsItWatchesUntilAnInventoryOffers(t *testing.T) {
	f := frontend.Start(t)
	f.Answer = func(frontend.Update) (any, error) { return workflows.ApplyResult{Created: true}, nil }
	f.Put(service("payments"), running)
	f.Put(connected("shop", link.Ready), running)
	f.Put(inventory("hub", link.Surveying), running)
	run(t, f, hubSpecs, "apply", "-f", "-", "--wait", "--timeout", "1ms").expect(t, ExitTimeout)
	run(t, f, "", "watch", "inventory/hub", "--timeout", "1ms").expect(t, ExitTimeout)
	f.Put(inventory("hub", link.Offering), running)
	run(t, f, hubSpecs, "apply", "-f", "-", "--wait", "--timeout", "1m").expect(t, ExitOK, "vpcinventory/hub  Offering")
}

func TestDeletingAnInventoryClosesItAfterItsConnections(t *testing.T) {
	f := frontend.Start(t)
	f.Answer = echo
	f.Put(inventory("hub", link.Offering), running)
	f.Put(service("payments"), running)
	f.Put(connected("shop", link.Ready), running)
	run(t, f, "", "delete", "inventory/hub").expect(t, ExitError, "vpcinventory/hub, once no connection holds a place in it", "say --yes")
	run(t, f, hubSpecs, "delete", "-f", "-", "--yes", "--wait=false", "--as", "alice").expect(t, ExitOK,
		"connection/payments/shop is being disconnected\nendpointservice/payments is being withdrawn\nvpcinventory/hub is being closed\n")
	sent := f.Updates()
	last := sent[len(sent)-1]
	if got := decode[link.Decision](t, last); last.WorkflowID != "vpc-inventory/hub" || last.Name != workflows.CloseUpdate || got.By != "alice" {
		t.Errorf("sent %s %s %+v", last.WorkflowID, last.Name, got)
	}
	f.Put(inventory("hub", link.Closed), running)
	run(t, f, "", "delete", "inventory/hub", "--yes").expect(t, ExitOK, "vpcinventory/hub  Closed")
}

func TestRetryAndCompleteAnInventory(t *testing.T) {
	f := frontend.Start(t)
	f.Answer = echo
	f.Put(inventory("hub", link.Surveying), running)
	run(t, f, "", "retry", "inventory/hub").expect(t, ExitOK, "vpcinventory/hub tries again")
	if sent := f.Updates()[0]; sent.WorkflowID != "vpc-inventory/hub" || sent.Name != workflows.RetryUpdate {
		t.Errorf("sent %+v", sent)
	}
	run(t, f, "", "__complete", "describe", "").expect(t, ExitOK, "vpcinventory/hub\n")
	run(t, f, "", "__complete", "get", "").expect(t, ExitOK, "inventories\n")
	run(t, f, "", "__complete", "get", "inventories", "").expect(t, ExitOK, "hub\n")
	run(t, f, "", "__complete", "get", "--phase", "").expect(t, ExitOK, "Surveying\nOffering\nClosing\nClosed\n")
}

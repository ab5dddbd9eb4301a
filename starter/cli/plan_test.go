package cli

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/internal/frontend"
	"github.com/linkwright/linkwright/workflows"
)

// fullPlan has something of everything in it.
func fullPlan() link.Plan {
	change := func(action link.Action, kind, id, account string, details ...string) link.PlannedChange {
		return link.PlannedChange{Action: action, Kind: kind, ID: id, Account: account, Region: "eu-west-1", Details: details}
	}
	full := change(link.ActionCreate, link.KindEndpoint, link.KnownAfterApply, "shop", "in vpc-0a, subnets subnet-0a", link.DefaultGroupEffect("vpc-0a"))
	full.Problem = &link.Problem{Reason: link.ReasonQuotaFull, Message: "vpc-0a has 50 of 50 endpoints", Remedy: "raise the quota"}
	return link.Plan{Documents: []link.DocumentPlan{
		{Kind: link.KindEndpointService, Service: "payments", Name: "payments", Running: true, SpecChanges: []string{"spec.aws.allowedPrincipals"},
			Changes: []link.PlannedChange{
				change(link.ActionChange, link.KindService, "vpce-svc-0a", "platform", "allowed principals +arn:aws:iam::222222222222:root"),
				change(link.ActionKeep, link.KindParameter, "/payments", "platform"),
				change(link.ActionDelete, link.KindTXTRecord, "_1.example.com", "dns"),
			}},
		{Kind: link.KindConnection, Service: "payments", Name: "shop", Changes: []link.PlannedChange{
			full, change(link.ActionAdopt, link.KindSecurityGroup, "sg-0a", "shop"),
		}, Needs: []link.Need{{What: "approve the endpoint of account shop (222222222222) to payments", How: "linkwright approve payments/shop, once it asks"}}},
	}}
}

// planFor runs a command about the specs of a service and a connection, of which the plan is given.
func planFor(t *testing.T, plan link.Plan, args ...string) result {
	t.Helper()
	f := frontend.Start(t)
	f.Plan = func(in workflows.PlanInput) link.Plan {
		if len(in.Documents) == 0 {
			t.Error("nothing was asked")
		}
		return plan
	}
	f.Answer = func(frontend.Update) (any, error) { return workflows.ApplyResult{Created: true}, nil }
	return run(t, f, planSpecs, append(args, "-f", "-")...)
}

const planSpecs = `apiVersion: linkwright/v1
kind: Connection
metadata: {name: shop}
spec:
  service: payments
  account: shop
  region: eu-west-1
  aws: {vpc: vpc-0a, subnets: [subnet-0a]}
`

func TestPlan(t *testing.T) {
	r := planFor(t, fullPlan(), "plan")
	r.expect(t, ExitOK)
	wantFile(t, filepath.Join("testdata", "plan.txt"), r.out)
	planFor(t, fullPlan(), "plan", "-o", "json").expect(t, ExitOK, `"action": "adopt"`, `"reason": "QuotaFull"`)

	nothing := link.Plan{Documents: []link.DocumentPlan{{Kind: link.KindConnection, Service: "payments", Name: "shop", Running: true}}}
	unseen := link.Plan{Documents: []link.DocumentPlan{{Kind: link.KindConnection, Service: "payments", Name: "shop", Running: true,
		Unseen: []link.Problem{{Account: "shop", Message: "not allowed to look"}}}}}
	refused := link.Plan{Documents: []link.DocumentPlan{{Kind: link.KindConnection, Service: "payments", Name: "shop", Running: true, Refused: "spec.region: cannot be changed"}}}
	for _, c := range []struct {
		name string
		plan link.Plan
		code int
		says string
	}{
		{"when there are changes, it exits with 2", fullPlan(), ExitChanges, "Plan: 1 to create, 1 to change, 1 to adopt, 1 to delete; 1 left alone."},
		{"when there is nothing to change, it exits with 0", nothing, ExitOK, "No changes"},
		{"when a part could not be looked at, it exits with 1", unseen, ExitError, "account shop could not be looked at: not allowed to look"},
		{"when a spec would be refused, it exits with 1", refused, ExitError, "connection/payments/shop refused to apply: spec.region: cannot be changed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			planFor(t, c.plan, "plan", "--detailed-exitcode").expect(t, c.code, c.says)
		})
	}
	if r := planFor(t, fullPlan(), "plan", "--detailed-exitcode"); r.err != "" {
		t.Errorf("it says %q of changes", r.err)
	}
}

func TestWhenNoWorkerPlansThePlanSaysSo(t *testing.T) {
	f := frontend.Start(t)
	f.Plan = nil
	run(t, f, planSpecs, "plan", "-f", "-", "--timeout", "1s").expect(t, ExitError, "no worker serves the task queue linkwright", "then plan again")
}

func TestWhenWorkersAreBusyThePlanIsWaitedFor(t *testing.T) {
	f := frontend.Start(t)
	f.Plan, f.Polled = nil, time.Now()
	run(t, f, planSpecs, "plan", "-f", "-", "--timeout", "1s").expect(t, ExitError, "there is no answer to the plan after 1s", "wait longer with --timeout")
}

func TestApplyShowsThePlanFirst(t *testing.T) {
	r := planFor(t, fullPlan(), "apply")
	r.expect(t, ExitOK, "connection/payments/shop created")
	if !strings.Contains(r.err, "Plan: 1 to create") || strings.Contains(r.out, "Plan:") {
		t.Errorf("the plan is not on the standard error:\n%s", r.err)
	}
	if r := planFor(t, fullPlan(), "apply", "--no-plan"); r.err != "" || r.code != ExitOK {
		t.Errorf("without a plan, it says %q", r.err)
	}
}

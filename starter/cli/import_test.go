package cli

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/internal/frontend"
	"github.com/linkwright/linkwright/workflows"
)

// somethingFound has something of everything in it, and names that would end a comment.
func somethingFound() link.Imported {
	docs, err := link.Decode(link.File{Name: "adopted.yaml", Data: []byte(foundSpecs)})
	if err != nil {
		panic(err)
	}
	return link.Imported{
		Documents: []link.ImportedDocument{
			{Service: docs[0].Service, Remarks: []string{"the private DNS name is verified"}}, {Connection: docs[1].Connection},
		},
		LeftOut: []link.LeftOut{
			{Kind: link.KindService, ID: "vpce-svc-0b", Account: "provider", Region: "eu-central-1", Why: "it is managed by CloudFormation (tag aws:cloudformation:stack-name: a\nb)"},
			{Kind: link.KindEndpoint, ID: "vpce-0c", Account: "consumer", Region: "eu-central-1", Why: "it belongs to Linkwright's flow default/connection/payments/shop"},
		},
		More: 2,
	}
}

const foundSpecs = `apiVersion: linkwright/v1
kind: EndpointService
metadata: {name: invoices}
spec:
  account: provider
  region: eu-central-1
  aws:
    loadBalancers: {arns: ["arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/net/invoices/0a1b2c3d4e5f6789"]}
    allowedPrincipals: ["arn:aws:iam::444455556666:root"]
    privateDNS: {name: "*.k.example.com", verification: {byHand: {}}}
    service: vpce-svc-0a1b2c3d4e5f67890
---
apiVersion: linkwright/v1
kind: Connection
metadata: {name: shop}
spec:
  service: invoices
  account: consumer
  region: eu-central-1
  aws: {vpc: vpc-0a, subnets: [subnet-0a], securityGroups: [sg-0a], endpoint: vpce-0a}
  dns: {mode: private}
`

func TestImport(t *testing.T) {
	f := frontend.Start(t)
	var asked workflows.ImportInput
	f.Import = func(in workflows.ImportInput) link.Imported {
		asked = in
		return somethingFound()
	}
	r := run(t, f, "", "import", "aws", "--account", "provider", "--account", "consumer", "--region", "eu-central-1", "--service", "invoices")
	r.expect(t, ExitOK)
	wantFile(t, filepath.Join("testdata", "import.yaml"), r.out)
	if asked.Cloud != link.AWS || strings.Join(asked.Accounts, " ") != "provider consumer" || asked.Region != "eu-central-1" || asked.Service != "invoices" || asked.IncludeManaged {
		t.Errorf("it asks for %+v", asked)
	}
	for _, says := range []string{"vpce-svc-0b (account provider, eu-central-1): it is managed by CloudFormation", "default/connection/payments/shop", "2 more", "Terraform"} {
		if !strings.Contains(r.err, says) {
			t.Errorf("the standard error does not say %q:\n%s", says, r.err)
		}
	}
	run(t, nil, r.out, "validate", "-f", "-").expect(t, ExitOK, "endpointservice/invoices is valid", "connection/invoices/shop is valid")

	run(t, f, "", "import", "azure", "--account", "orders", "--include-managed").expect(t, ExitOK)
	if asked.Cloud != link.Azure || asked.Region != "" || !asked.IncludeManaged {
		t.Errorf("it asks for %+v", asked)
	}
}

func TestImportsThatComeToNothing(t *testing.T) {
	run(t, nil, "", "import", "aws", "--account", "provider").expect(t, ExitError, `"region" not set`)
	run(t, nil, "", "import", "azure").expect(t, ExitError, `"account" not set`)
	run(t, nil, "", "import", "aws", "--account", "provider", "--region", "Frankfurt").expect(t, ExitUsage, `"Frankfurt" is not a region of aws`)
	f := frontend.Start(t)
	run(t, f, "", "import", "aws", "--account", "provider", "--region", "eu-central-1").
		expect(t, ExitError, "there is no service in provider in eu-central-1", "look in another region")
	run(t, f, "", "import", "aws", "--account", "provider", "--region", "eu-central-1", "--service", "vpce-svc-0a").
		expect(t, ExitError, "there is no service vpce-svc-0a in provider in eu-central-1", "leave --service out")
	f.Import = func(workflows.ImportInput) link.Imported {
		return link.Imported{Unseen: []link.Problem{{Account: "nobody", Message: `no account "nobody"`, Remedy: "add it"}}}
	}
	run(t, f, "", "import", "aws", "--account", "nobody", "--region", "eu-central-1").
		expect(t, ExitError, `account nobody could not be looked at: no account "nobody"; add it`)
	f.Plan = nil
	run(t, f, "", "import", "aws", "--account", "provider", "--region", "eu-central-1", "--timeout", "1s").
		expect(t, ExitError, "no worker serves the task queue linkwright", "then import again")
}

func TestWhatNobodyOwnsIsTakenOverOnPurpose(t *testing.T) {
	taken := link.PlannedChange{Action: link.ActionAdopt, Kind: link.KindEndpoint, ID: "vpce-0a", Account: "shop", Region: "eu-west-1", TakesOver: true}
	differs := taken
	differs.Details = []string{"subnets +subnet-0b"}
	plan := func(changes ...link.PlannedChange) link.Plan {
		return link.Plan{Documents: []link.DocumentPlan{{Kind: link.KindConnection, Service: "payments", Name: "shop", Changes: changes}}}
	}
	planFor(t, plan(taken), "apply").expect(t, ExitError, "nothing was done: the specs take over what nobody owns yet: vpc-endpoint vpce-0a", "--adopt")
	planFor(t, plan(taken), "apply", "--adopt").expect(t, ExitOK, "connection/payments/shop created")
	planFor(t, plan(differs), "apply", "--adopt").expect(t, ExitError, "nothing was done", "adopt vpc-endpoint vpce-0a: subnets +subnet-0b (Connection payments/shop)")
	planFor(t, fullPlan(), "apply", "--adopt").expect(t, ExitError, "nothing was done", "change vpc-endpoint-service vpce-svc-0a")
	planFor(t, plan(taken), "apply", "--adopt", "--no-plan").expect(t, ExitError, "no-plan")
}

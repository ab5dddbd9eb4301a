package workflows_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// importer is what is there, by account.
type importer struct {
	mu    sync.Mutex
	there map[string]activities.Discovered
	// known is what the only service is called in an account.
	known map[string]string
	asked []activities.DiscoverRequest
}

func (i *importer) Discover(_ context.Context, req activities.DiscoverRequest) (activities.Discovered, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked = append(i.asked, req)
	there, ok := i.there[req.Account]
	if ok && len(req.Services) > 0 && !slices.Contains(req.Services, i.known[req.Account]) {
		return activities.Discovered{}, nil
	}
	if !ok {
		return there, activities.Blocked(link.Problem{Reason: link.ReasonMissingPermission, Account: req.Account, Message: "not allowed to look", Remedy: "allow it"}, nil)
	}
	return there, nil
}

func imported(t *testing.T, cloud *importer, in workflows.ImportInput) (link.Imported, error) {
	t.Helper()
	env, _, around := newEnvironment(t)
	around.unknown["nobody"] = true
	env.RegisterActivityWithOptions(cloud, activity.RegisterOptions{Name: "aws."})
	env.ExecuteWorkflow(workflows.Import, in)
	var found link.Imported
	if err := env.GetWorkflowError(); err != nil {
		return found, err
	}
	return found, env.GetWorkflowResult(&found)
}

func foundService(id, called string) activities.FoundService {
	return activities.FoundService{ID: id, Name: "com.amazonaws.vpce.eu-central-1." + id, Called: called, Spec: link.EndpointServiceSpec{
		Account: "provider", Region: "eu-central-1", AWS: &link.AWSEndpointService{Service: id, LoadBalancers: link.LoadBalancers{
			ARNs: []string{"arn:aws:elasticloadbalancing:eu-central-1:111111111111:loadbalancer/net/api/0a1b2c3d4e5f6789"},
		}},
	}}
}

func foundEndpoint(id, called, service string) activities.FoundEndpoint {
	return activities.FoundEndpoint{ID: id, Called: called, Service: service, ServiceRegion: "eu-central-1", Spec: link.ConnectionSpec{
		Account: "consumer", Region: "eu-central-1", AWS: &link.AWSConnection{VPC: "vpc-1", Subnets: []string{"subnet-1"}, Endpoint: id},
	}}
}

func TestAnImportPutsTogetherWhatAccountsHave(t *testing.T) {
	const names = "com.amazonaws.vpce.eu-central-1."
	bad := foundService("vpce-svc-0d", "bad")
	bad.Spec.AWS.AllowedPrincipals = []string{"AROA0123456789"}
	cloud := &importer{there: map[string]activities.Discovered{
		"provider": {
			Services: []activities.FoundService{foundService("vpce-svc-0a", "Payments API"), foundService("vpce-svc-0b", "payments--api"), bad},
			LeftOut: []link.LeftOut{{Kind: link.KindService, ID: "vpce-svc-0c", ServiceName: names + "vpce-svc-0c",
				Owner: "default-test-namespace/endpoint-service/ledger", Why: "ours"}},
			More: 3,
		},
		"consumer": {Endpoints: []activities.FoundEndpoint{
			foundEndpoint("vpce-0a", "shop", names+"vpce-svc-0a"), foundEndpoint("vpce-0b", "shop", names+"vpce-svc-0a"),
			foundEndpoint("vpce-0c", "", names+"vpce-svc-0c"), foundEndpoint("vpce-0d", "", names+"vpce-svc-0e"),
		}},
	}}
	found, err := imported(t, cloud, workflows.ImportInput{Cloud: link.AWS, Accounts: []string{"provider", "consumer"}, Region: "eu-central-1", IncludeManaged: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range found.Documents {
		line := link.Document{Service: d.Service, Connection: d.Connection}.ID()
		if d.Connection != nil && d.Connection.Spec.NameFrom != nil {
			line += " from " + d.Connection.Spec.NameFrom.Name + d.Connection.Spec.NameFrom.ServiceRegion
		}
		got = append(got, line)
	}
	want := `EndpointService payments-api
EndpointService payments-api-2
Connection payments-api/shop
Connection payments-api/shop-2
Connection ledger/vpce-0c
Connection vpce-svc-0e/vpce-0d from com.amazonaws.vpce.eu-central-1.vpce-svc-0e`
	if strings.Join(got, "\n") != want {
		t.Errorf("it makes\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	if len(found.LeftOut) != 2 || found.LeftOut[1].ID != "vpce-svc-0d" || !strings.Contains(found.LeftOut[1].Why, "AROA0123456789") || found.More != 3 {
		t.Errorf("it leaves out %+v, and %d more", found.LeftOut, found.More)
	}
	for _, req := range cloud.asked {
		if req.Region != "eu-central-1" || len(req.Services) > 0 || !req.IncludeManaged || req.Room < 400<<10 || req.Room > 500<<10 {
			t.Errorf("it asks %+v", req)
		}
	}
}

func TestAnImportFollowsAServiceToWhereItIsCalledOtherwise(t *testing.T) {
	const name = "com.amazonaws.vpce.eu-central-1.vpce-svc-0a"
	cloud := &importer{known: map[string]string{"provider": "payments", "consumer": name}, there: map[string]activities.Discovered{
		"provider": {Services: []activities.FoundService{foundService("vpce-svc-0a", "payments")}},
		"consumer": {Endpoints: []activities.FoundEndpoint{foundEndpoint("vpce-0a", "shop", name)}},
	}}
	found, err := imported(t, cloud, workflows.ImportInput{Cloud: link.AWS, Accounts: []string{"consumer", "provider"}, Region: "eu-central-1", Service: "payments"})
	if err != nil || len(found.Documents) != 2 || len(cloud.asked) != 3 {
		t.Errorf("it answers %+v (%v), having asked %+v", found, err, cloud.asked)
	}
}

func TestAnImportSaysWhatItCouldNotLookAt(t *testing.T) {
	cloud := &importer{there: map[string]activities.Discovered{"provider": {Services: []activities.FoundService{foundService("vpce-svc-0a", "")}}}}
	found, err := imported(t, cloud, workflows.ImportInput{Cloud: link.AWS, Accounts: []string{"provider", "consumer", "nobody"}, Region: "eu-central-1"})
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Documents) != 1 || len(found.Unseen) != 2 || found.Unseen[0].Reason != link.ReasonMissingPermission ||
		found.Unseen[1].Reason != link.ReasonUnknownAccount || found.Unseen[1].Account != "nobody" {
		t.Errorf("it answers %+v", found)
	}
	found, err = imported(t, cloud, workflows.ImportInput{Cloud: link.Azure, Accounts: []string{"provider"}})
	if err != nil || len(found.Unseen) != 1 || !strings.Contains(found.Unseen[0].Remedy, "linkwright import aws") {
		t.Errorf("of an account of another cloud, it answers %+v, %v", found, err)
	}
}

func TestAnImportThatCannotBe(t *testing.T) {
	for name, in := range map[string]workflows.ImportInput{
		"no account":       {Cloud: link.AWS, Region: "eu-central-1"},
		"an account twice": {Cloud: link.AWS, Region: "eu-central-1", Accounts: []string{"provider", "provider"}},
		"no region":        {Cloud: link.AWS, Accounts: []string{"provider"}},
	} {
		_, err := imported(t, &importer{}, in)
		var refused *temporal.ApplicationError
		if !errors.As(err, &refused) || refused.Type() != "InvalidInput" {
			t.Errorf("%s is answered with %v", name, err)
		}
	}
}

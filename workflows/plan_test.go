package workflows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.temporal.io/sdk/activity"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// planned runs a plan in a cloud, with flows that answer what they remember.
func planned(t *testing.T, cloud *planner, running map[string]any, docs ...workflows.PlanDocument) link.Plan {
	t.Helper()
	env, _, around := newEnvironment(t)
	env.RegisterActivityWithOptions(cloud, activity.RegisterOptions{Name: "aws."})
	env.RegisterActivityWithOptions(surveyor{cloud}.survey, activity.RegisterOptions{Name: "aws.Survey"})
	for id, state := range running {
		around.answers(id, "linkwright.state", func() any { return state })
	}
	env.ExecuteWorkflow(workflows.Plan, workflows.PlanInput{Documents: docs})
	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	var plan link.Plan
	if err := env.GetWorkflowResult(&plan); err != nil {
		t.Fatal(err)
	}
	return plan
}

func serviceDoc() workflows.PlanDocument {
	doc := link.EndpointService{Metadata: link.Metadata{Name: "payments"}, Spec: link.EndpointServiceSpec{
		Account: "provider", Region: "eu-central-1",
		AWS: &link.AWSEndpointService{
			LoadBalancers: link.LoadBalancers{Tags: map[string]string{"for": "payments"}},
			PrivateDNS:    &link.ServicePrivateDNS{Name: "api.example.com", Verification: link.DomainVerification{Route53: &link.Route53Zone{Account: "provider"}}},
		},
		Publish: &link.Publish{SSMParameter: &link.SSMParameter{Account: "provider", Name: "/payments"}},
	}}
	return workflows.PlanDocument{Service: &doc}
}

func connectionDoc(name string, spec link.ConnectionSpec) workflows.PlanDocument {
	return workflows.PlanDocument{Connection: &link.Connection{Metadata: link.Metadata{Name: name}, Spec: spec}}
}

// lines are what is planned for a document, in the accounts: "create vpc-endpoint in consumer".
func lines(d link.DocumentPlan) []string {
	var list []string
	for _, c := range d.Changes {
		list = append(list, fmt.Sprintf("%s %s in %s", c.Action, c.Kind, c.Account))
	}
	return list
}

// needs are all that a person has to do for a document.
func needs(d link.DocumentPlan) string {
	var list []string
	for _, n := range d.Needs {
		list = append(list, n.What+" ("+n.How+")")
	}
	return strings.Join(list, "\n")
}

func wantLines(t *testing.T, d link.DocumentPlan, want ...string) {
	t.Helper()
	if got := lines(d); !slices.Equal(got, want) {
		t.Errorf("%s %s: it plans\n%s\nwant\n%s", d.Kind, d.Name, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestWhenNothingIsThereAPlanMakesEverything(t *testing.T) {
	spec := shopSpec()
	spec.DNS = hubSpec().DNS
	plan := planned(t, &planner{}, nil, serviceDoc(), connectionDoc("shop", spec))
	wantLines(t, plan.Documents[0], "create vpc-endpoint-service in provider", "create txt-record in provider", "create ssm-parameter in provider")
	wantLines(t, plan.Documents[1], "create vpc-endpoint in consumer", "create hosted-zone in consumer", "create zone-association in consumer",
		"create zone-record in consumer", "create target in consumer", "create target in consumer")
	if got := needs(plan.Documents[1]); !strings.Contains(got, "approve the endpoint of account consumer (222222222222) to payments (linkwright approve payments/shop") {
		t.Errorf("it needs %s", got)
	}
	if !plan.Pending() || !plan.Whole() || plan.Summary() != "Plan: 9 to create, 0 to change, 0 to adopt, 0 to delete; 0 left alone." {
		t.Errorf("%s %v %v", plan.Summary(), plan.Pending(), plan.Whole())
	}
}

// all is a cloud in which everything is there.
func all() *planner {
	return &planner{there: map[string]bool{
		link.KindService: true, link.KindTXTRecord: true, link.KindParameter: true, link.KindEndpoint: true, link.KindHostedZone: true,
		link.KindZoneVPC: true, link.KindZoneRecord: true, link.KindTarget: true,
	}}
}

func TestWhenFlowsRunAPlanComparesWhatTheyRemember(t *testing.T) {
	service, shop := serviceDoc(), connectionDoc("shop", shopSpec())
	running := map[string]any{
		"endpoint-service/payments": map[string]any{"spec": service.Service.Spec.WithDefaults()},
		"connection/payments/shop":  map[string]any{"spec": shop.Connection.Spec.WithDefaults(), "service": map[string]any{"approval": map[string]any{}}},
	}
	plan := planned(t, all(), running, service, shop)
	if plan.Pending() || !plan.Whole() || plan.Count(link.ActionKeep) != 5 {
		t.Errorf("when all is as the specs say: %s %+v", plan.Summary(), plan)
	}

	plan = planned(t, all(), nil, service, shop)
	if !plan.Pending() || plan.Count(link.ActionAdopt) != 3 {
		t.Errorf("when no flow looks after what is there: %s", plan.Summary())
	}

	moved := shopSpec()
	moved.Region = "eu-west-1"
	moved.DNS, moved.Ingress = link.ConnectionDNS{}, nil
	plan = planned(t, all(), running, connectionDoc("shop", moved))
	if d := plan.Documents[0]; !strings.Contains(d.Refused, "an endpoint stays in its region") || plan.Whole() || len(d.Changes) > 0 {
		t.Errorf("when the flow would refuse the spec: %+v", d)
	}

	had := shopSpec()
	had.DNS = hubSpec().DNS
	running["connection/payments/shop"] = map[string]any{
		"spec":    had.WithDefaults(),
		"zone":    map[string]any{"account": "consumer", "region": "eu-central-1", "name": "api.k.example.com", "id": "Z1"},
		"targets": map[string]any{"account": "consumer", "region": "eu-central-1", "group": had.Ingress.TargetGroup, "port": 443, "owned": []string{"10.0.0.1"}},
		"status":  map[string]any{"resources": []link.Resource{{Kind: link.KindZoneRecord, ID: "api.k.example.com"}}},
	}
	less := shopSpec()
	less.DNS, less.Ingress = link.ConnectionDNS{Mode: link.DNSNone}, nil
	plan = planned(t, all(), running, connectionDoc("shop", less))
	wantLines(t, plan.Documents[0], "keep vpc-endpoint in consumer", "delete zone-record in consumer", "delete hosted-zone in consumer", "delete target in consumer")
	if d := plan.Documents[0]; !d.Running || !slices.Contains(d.SpecChanges, "spec.dns.mode") {
		t.Errorf("%+v", d)
	}
}

func TestSeveralConnectionsInOnePlanAreNotPromisedTheLastPlace(t *testing.T) {
	hub := link.VPCInventory{Metadata: link.Metadata{Name: "hub-1"}, Spec: link.VPCInventorySpec{
		Account: "consumer", Region: "eu-central-1", AWS: &link.AWSInventory{VPCs: []link.InventoryVPC{
			{VPC: "vpc-0a", Subnets: []link.InventorySubnet{{ZoneID: "euc1-az1", Subnet: "subnet-0a"}}},
		}},
	}}
	seen := activities.Survey{Quota: 50, VPCs: []activities.VPCRoom{
		{VPC: "vpc-0a", Endpoints: 49, Subnets: []activities.SubnetRoom{{Subnet: "subnet-0a", ZoneID: "euc1-az1", Free: 9}}},
	}}
	one, two := hubSpec(), hubSpec()
	one.AWS.Inventories, two.AWS.Inventories = []string{"hub-1"}, []string{"hub-1"}
	docs := []workflows.PlanDocument{serviceDoc(), connectionDoc("one", one), connectionDoc("two", two)}
	check := func(name string, cloud *planner, running map[string]any, docs []workflows.PlanDocument) {
		t.Run(name, func(t *testing.T) {
			plan := planned(t, cloud, running, docs...)
			first, second := plan.Documents[len(docs)-2], plan.Documents[len(docs)-1]
			if len(cloud.asked) != 1 || cloud.asked[0].Spec.AWS.VPC != "vpc-0a" {
				t.Errorf("endpoints were looked for as %+v", cloud.asked)
			}
			if strings.Contains(needs(first), "no VPC has a place") || !strings.Contains(needs(second), "no VPC has a place") {
				t.Errorf("the first needs %s; the second %s", needs(first), needs(second))
			}
		})
	}
	check("when the inventory runs, it is asked", &planner{}, map[string]any{
		"vpc-inventory/hub-1": map[string]any{"spec": hub.Spec, "seen": seen},
	}, docs)
	check("when it is among the documents, its VPCs are looked at", &planner{rooms: seen}, nil,
		append([]workflows.PlanDocument{{Inventory: &hub}}, docs...))
}

func TestAPlanSaysWhatItCouldNotSeeAndGoesOn(t *testing.T) {
	cloud := &planner{
		denied:   map[string]bool{link.KindHostedZone: true},
		problems: map[string]link.Problem{link.KindEndpoint: {Reason: link.ReasonQuotaFull, Message: "50 of 50 endpoints", Remedy: "raise the quota"}},
	}
	spec := shopSpec()
	spec.DNS = hubSpec().DNS
	plan := planned(t, cloud, nil, connectionDoc("shop", spec))
	d := plan.Documents[0]
	wantLines(t, d, "create vpc-endpoint in consumer", "create target in consumer", "create target in consumer")
	if plan.Whole() || len(d.Unseen) != 1 || d.Unseen[0].Account != "consumer" {
		t.Errorf("what it could not see: %+v", d.Unseen)
	}
	for _, want := range []string{"no EndpointService payments is being published", "50 of 50 endpoints (raise the quota)", "not allowed to look at hosted-zone (allow it)"} {
		if !strings.Contains(needs(d), want) {
			t.Errorf("it does not need %q, but %s", want, needs(d))
		}
	}
}

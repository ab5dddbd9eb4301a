package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// The main job in Azure, from nothing to nothing.
func TestLinkInAzure(t *testing.T) {
	t.Parallel()
	s := newAzureScene(t)
	s.publish()
	shop := s.connect("shop", func(spec *link.ConnectionSpec) { spec.Azure.RequestMessage = "The shop needs the API." })
	asked := s.awaitQuestion(shop)
	waiting := strings.Join(s.await(shop, "to wait", func(st link.Status) bool { return st.Waiting != nil }).Waiting.Details, "\n")
	for _, word := range []string{"The shop needs the API.", s.admin(s.consumer()).ID, asked.Endpoint, asked.Link} {
		if word == "" || !strings.Contains(waiting, word) {
			t.Errorf("the approver is not shown %q:\n%s", word, waiting)
		}
	}
	s.decide(shop, link.Approve)
	status := s.awaitArrival(shop)
	for _, c := range []link.ConditionType{link.EndpointAvailable, link.Approved, link.DNSEnabled} {
		if condition, _ := status.Condition(c); !condition.OK {
			t.Errorf("the link is ready without %s: %+v", c, condition)
		}
	}
	s.wantWhole(status)

	// What somebody else does to the endpoint is noticed, and mended.
	s.deleteEndpoint(s.name + "-shop")
	s.decide(shop, link.Approve)
	s.wantWhole(s.awaitArrival(shop))
	s.remove(s.service())
	s.wantAsBefore()
}

// wantWhole makes sure that the whole link of serviceSpec and connectionSpec stands, each of its resources once and marked
// with its flow, and that its name leads to the endpoint.
func (s *azureScene) wantWhole(status link.Status) {
	s.t.Helper()
	built := slices.DeleteFunc(s.before.Added(s.look()), func(i inventory.Item) bool {
		return i.Kind == inventory.Interface && i.Account == s.provider() // the service has one, too
	})
	service, connection := s.owner(s.service()), s.owner(s.connection("shop"))
	for _, want := range []struct{ kind, account, owner string }{
		{inventory.PrivateLinkService, s.provider(), service},
		{inventory.AzureConnection, s.provider(), ""},
		{inventory.PrivateEndpoint, s.consumer(), connection},
		{inventory.Interface, s.consumer(), ""},
		{inventory.PrivateDNSZone, s.names(), connection},
		{inventory.NetworkLink, s.names(), connection},
	} {
		found := built.Of(want.kind)
		if len(found) != 1 || found[0].Account != want.account || found[0].Owner != want.owner {
			s.t.Errorf("of kind %s there are %v, want one in account %s of flow %q", want.kind, found, want.account, want.owner)
		}
	}
	address := built.Of(inventory.Interface)[0].Detail
	shown := false
	for _, r := range status.Resources {
		shown = shown || strings.Contains(r.Detail, address)
	}
	answer, err := shared.Azure.Resolve(s.id(s.consumer(), "virtual-network", "spoke"), "api."+s.zoneName(), "A")
	if err != nil || !shown || !strings.HasSuffix(strings.Join(answer.Records, ""), " A "+address) {
		s.t.Errorf("the endpoint has the address %q, the status shows it: %v, and the name leads to %v (%v)", address, shown, answer.Records, err)
	}
}

// azureBadDay is like a [badDay], in Azure.
type azureBadDay struct {
	name       string
	service    func(*azureScene, *link.EndpointServiceSpec)
	connection func(*azureScene, *link.ConnectionSpec)
	mend       func(*azureScene)
	atService  bool
	reason     link.Reason
	call, says string
}

func azureBadDays() []azureBadDay {
	return []azureBadDay{{
		name: "when the consumer is not among those who may see the service",
		service: func(s *azureScene, spec *link.EndpointServiceSpec) {
			spec.Azure.Visibility = []string{"00000000-0000-0000-0000-000000000009"}
		},
		mend:   func(s *azureScene) { s.publish(openToAll) },
		reason: link.ReasonServiceNotVisible, call: "Microsoft.Network/privateEndpoints/write", says: "visibility",
	}, {
		name: "when there is no such resource group",
		service: func(s *azureScene, spec *link.EndpointServiceSpec) {
			spec.Azure.ResourceGroup = "later"
		},
		mend:      func(s *azureScene) { s.makeGroup(s.provider(), "later", "westeurope") },
		atService: true, reason: link.ReasonInvalidRequest, call: "Microsoft.Network/privateLinkServices/write", says: "resource group",
	}, {
		name: "when the subnet of the endpoint does not exist",
		connection: func(s *azureScene, spec *link.ConnectionSpec) {
			spec.Azure.Subnet += "-to-come"
		},
		mend:   func(s *azureScene) { s.makeSubnet("endpoints-to-come", "10.2.2.0/24") },
		reason: link.ReasonNetworkMismatch, call: "Microsoft.Network/privateEndpoints/write", says: "correct the spec",
	}}
}

func TestBadDaysInAzure(t *testing.T) {
	t.Parallel()
	for _, day := range azureBadDays() {
		t.Run(day.name, func(t *testing.T) {
			t.Parallel()
			s := newAzureScene(t)
			s.publish(openToAll, func(spec *link.EndpointServiceSpec) {
				if day.service != nil {
					day.service(s, spec)
				}
			})
			shop := s.connect("shop", func(spec *link.ConnectionSpec) {
				if day.connection != nil {
					day.connection(s, spec)
				}
			})
			ref := shop
			if day.atService {
				ref = s.service()
			}
			s.survive(ref, func() { day.mend(s) }, day.reason, day.call, day.says)
			s.wantWhole(s.awaitArrival(shop))
			s.remove(s.service())
			s.wantAsBefore()
		})
	}
}

// A fleet has links in both clouds, and one command line for them.
func TestAFleetOfBothClouds(t *testing.T) {
	t.Parallel()
	inAWS, inAzure := newScene(t), newAzureScene(t)
	inAWS.publish(bare, openToAll)
	inAzure.publish(openToAll)
	ready := []string{inAWS.connect("shop", plain).String(), inAzure.connect("shop", nameless).String()}
	inAWS.awaitArrival(inAWS.connection("shop"))
	inAzure.awaitArrival(inAzure.connection("shop"))
	inAzure.publish() // asks from now on
	waiting := inAzure.connect("crm", nameless)
	inAzure.awaitQuestion(waiting)

	for _, c := range []struct {
		args        []string
		has, hasNot []string
	}{
		{nil, append([]string{waiting.String()}, ready...), nil},
		{[]string{"--cloud", "azure"}, []string{ready[1], waiting.String()}, ready[:1]},
		{[]string{"--cloud", "aws"}, ready[:1], []string{ready[1], waiting.String()}},
		{[]string{"--account", inAzure.consumer()}, []string{ready[1], waiting.String()}, ready[:1]},
		{[]string{"--account", inAWS.consumer()}, ready[:1], []string{ready[1]}},
		{[]string{"--phase", string(link.Ready)}, ready, []string{waiting.String()}},
		{[]string{"--cloud", "azure", "--account", inAzure.consumer(), "--phase", string(link.AwaitingApproval)}, []string{waiting.String()}, ready},
	} {
		var listed said
		inAWS.until("the list to be up to date", func() bool {
			listed = inAWS.run(append([]string{"get", "connections", "-o", "json"}, c.args...)...)
			var items []flows.Item
			if err := json.Unmarshal([]byte(listed.out), &items); err != nil || listed.code != cli.ExitOK {
				t.Fatalf("%+v: %v", listed, err)
			}
			there := map[string]bool{}
			for _, item := range items {
				there[item.Ref().String()] = true
			}
			missing := func(ref string) bool { return !there[ref] }
			return !slices.ContainsFunc(c.has, missing) && !slices.ContainsFunc(c.hasNot, func(ref string) bool { return there[ref] })
		}, func() any { return listed })
	}
	inAWS.run("get", "connections", "--cloud", "gcp").expect(t, cli.ExitUsage, "aws, azure")
	inAWS.run("describe", waiting.String()).expect(t, cli.ExitOK, "approve "+inAzure.name+"/crm --endpoint", inAzure.admin(inAzure.consumer()).ID)
	inAWS.run("watch", ready[0], ready[1], "--timeout", "1m").expect(t, cli.ExitOK, string(link.Ready))
	asked := inAzure.awaitQuestion(waiting)
	inAWS.run("approve", waiting.String(), "--as", "carol", "--owner", asked.Owner, "--endpoint", asked.Endpoint, "--yes").expect(t, cli.ExitOK)
	inAzure.awaitArrival(waiting)
	inAWS.takeDown()
	inAzure.remove(inAzure.service())
	inAzure.wantAsBefore()
}

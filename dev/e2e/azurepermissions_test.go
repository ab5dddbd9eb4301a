package e2e

import (
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/linkwright/linkwright/internal/link"
)

// azureLives are links in Azure that between them need every permission there is.
func azureLives() map[string]func(*azureScene) {
	return map[string]func(*azureScene){
		// A service and connections that change on the way; one is turned away, and one is still there in the end.
		"a full life": func(s *azureScene) {
			s.publish()
			alias := s.awaitArrival(s.service()).ServiceName
			s.publish(func(spec *link.EndpointServiceSpec) { spec.Azure.FQDNs = []string{"api.example.com"} })
			s.awaitArrival(s.service())
			shop := s.connect("shop")
			s.decide(shop, link.Approve)
			s.awaitArrival(shop)
			s.connect("shop", func(spec *link.ConnectionSpec) {
				spec.Azure.Tags = map[string]string{"team": "shop"}
				spec.DNS.HostedZone.Records = []link.ZoneRecord{{Name: "new." + s.zoneName()}}
			})
			s.awaitArrival(shop)
			crm := s.connect("crm", nameless)
			s.decide(crm, link.Reject)
			s.awaitPhase(crm, link.Rejected)
			s.openEndpoint("stranger", alias)
			s.remove(s.service())
			s.deleteEndpoint("stranger")
			s.wantAsBefore()
		},
		// A service, an endpoint and a zone that are there already.
		"a life of what is there already": func(s *azureScene) {
			id, alias := s.foreignService("theirs")
			endpoint := s.openEndpoint("mine", alias)
			s.publish(func(spec *link.EndpointServiceSpec) {
				spec.Azure = &link.AzureEndpointService{PrivateLinkService: id}
				spec.Approval = &link.ApprovalPolicy{Mode: link.ApproveAutomatically}
			})
			s.awaitArrival(s.service())
			shop := s.connect("shop", func(spec *link.ConnectionSpec) {
				spec.Azure.ResourceGroup, spec.Azure.PrivateEndpoint = "", endpoint
				spec.DNS.HostedZone = &link.HostedZone{
					Account: s.names(), ZoneID: s.id(s.names(), "private-dns-zone", "inside."+s.name+".example"),
					Records:         []link.ZoneRecord{{Name: "api.inside." + s.name + ".example"}},
					VirtualNetworks: []string{s.id(s.consumer(), "virtual-network", "spoke")},
				}
			})
			s.awaitArrival(shop)
			s.remove(s.service())
			s.deleteForeignService("theirs")
			s.wantAsBefore()
		},
	}
}

// azureSpared are permissions for want of which no flow is blocked, and why they are asked for all the same.
var azureSpared = map[string]string{
	"Microsoft.Network/locations/operationResults/read":  "no document says whether Azure asks for it; the simulated one does not",
	"Microsoft.Network/locations/operations/read":        "no document says whether Azure asks for it; the simulated one does not",
	"Microsoft.Network/privateDnsOperationResults/read":  "no document says whether Azure asks for it; the simulated one does not",
	"Microsoft.Network/privateDnsOperationStatuses/read": "no document says whether Azure asks for it; the simulated one does not",
}

// As [TestEveryPermissionIsNeededAndNoneIsMissing], in Azure.
func TestEveryPermissionInAzureIsNeededAndNoneIsMissing(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	printed, needed := map[permission]string{}, map[permission]string{} // by the name of a life
	t.Run("when nothing is allowed at first", func(t *testing.T) {
		for name, live := range azureLives() {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newAzureScene(t)
				s.roles.onDemand = true
				s.onMissing(s.give)
				live(s)
				s.reviewMissing(s.give)
				mu.Lock()
				defer mu.Unlock()
				for _, p := range s.allowed() {
					needed[s.anywhere(p)] = name
				}
				for p := range s.roles.seen {
					printed[s.anywhere(p)] = name
				}
			})
		}
	})
	if t.Failed() {
		return
	}
	for p, life := range printed {
		_, free := azureSpared[p.action]
		if _, ok := needed[p]; !ok && !free {
			t.Errorf("%s is allowed for %s (%s), for which %s goes without it", p.action, p.account, p.sid, life)
		}
	}
	withheld := slices.Collect(maps.Keys(needed))
	if !*everyPermission {
		withheld = []permission{
			{"provider", "uses NAT subnets", "Microsoft.Network/virtualNetworks/subnets/join/action"},
			{"dns", "keeps records", "Microsoft.Network/privateDnsZones/A/write"},
		}
	}
	for _, p := range withheld {
		life, ok := needed[p]
		if !ok {
			t.Fatalf("%v is needed by no life", p)
		}
		t.Run("when "+p.account+" "+p.sid+" without "+p.action, func(t *testing.T) {
			t.Parallel()
			s := newAzureScene(t)
			p.account = s.name + "-" + p.account
			s.roles.withheld[p] = true
			s.onMissing(s.give)
			azureLives()[life](s)
			s.reviewMissing(s.give)
			if got := s.allowed(); !slices.Equal(got, []permission{p}) {
				t.Errorf("the life was blocked for want of %v, want %v alone", got, p)
			}
		})
	}
}

package e2e

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/activities/azure/permissions"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli"
)

// TestWhatWasMadeByHandInAzureIsImportedAndAdopted makes a private link service and two private endpoints by hand, prints
// them as specs, and has Linkwright take them over, which changes nothing but the tags of the endpoints.
func TestWhatWasMadeByHandInAzureIsImportedAndAdopted(t *testing.T) {
	t.Parallel()
	s := newAzureScene(t)
	service, alias := s.foreignService(s.name)
	shop, crm := s.openEndpoint("shop", alias), s.openEndpoint("crm", alias)
	s.letInByHand(s.name, shop)

	s.grantRole(permissions.Importer, s.provider())
	s.grantRole(permissions.Importer, s.consumer())
	both := []string{"import", "azure", "--account", s.provider(), "--account", s.consumer(), "--service", s.name}
	imported := s.runHeard(both...)
	imported.expect(t, cli.ExitOK, "visibility: *", "connections: 2", "Terraform")
	specs := s.file("imported.yaml", imported.out)
	s.run("validate", specs).expect(t, cli.ExitOK, "endpointservice/"+s.name+" is valid",
		s.connection("shop").String()+" is valid", s.connection("crm").String()+" is valid")
	docs, err := link.Decode(link.File{Name: "imported.yaml", Data: []byte(imported.out)})
	if err != nil {
		t.Fatal(err)
	}
	for _, doc := range docs {
		s.grant(doc)
	}

	before, began := s.state(service, shop, crm), time.Now()
	s.run("plan", "-f", specs).expect(t, cli.ExitOK, "Plan: 0 to create, 0 to change, 3 to adopt, 0 to delete; 0 left alone.", "approve the endpoint")
	s.wantUnchanged(began)
	s.run("apply", "-f", specs).expect(t, cli.ExitError, "nothing was done", "--adopt")
	s.runHeard("apply", "-f", specs, "--adopt").expect(t, cli.ExitOK, "endpointservice/"+s.name+" created")
	s.awaitArrival(s.service())
	ready := s.awaitArrival(s.connection("shop"))
	s.awaitQuestion(s.connection("crm"))
	if slices.ContainsFunc(ready.Phases, func(p link.PhaseTime) bool { return p.Phase == link.AwaitingApproval }) {
		t.Errorf("somebody was asked about an endpoint that was let in: %+v", ready.Phases)
	}
	for _, write := range s.written(began) {
		if !strings.HasSuffix(write, "privateEndpoints/write") {
			t.Errorf("it has called %s", write)
		}
	}
	if after := s.state(service, shop, crm); after != before {
		t.Errorf("it was\n%s\nand is\n%s", before, after)
	}
	s.grantRole(permissions.Importer, s.provider()) // the roles of the specs have taken the place of these
	s.grantRole(permissions.Importer, s.consumer())
	s.runHeard(both...).expect(t, cli.ExitOK, "it belongs to Linkwright's flow "+s.owner(s.connection("shop")))

	s.decide(s.connection("crm"), link.Approve)
	s.awaitArrival(s.connection("crm"))
	s.remove(s.service())
	s.deleteForeignService(s.name)
	s.until("all to be gone", func() bool { return len(s.before.Added(s.look())) == 0 }, func() any { return s.before.Added(s.look()) })
}

// grantRole assigns what is printed for a role of an account.
func (s *azureScene) grantRole(role permissions.Role, account string) {
	s.t.Helper()
	s.roles.mu.Lock()
	defer s.roles.mu.Unlock()
	var grants []permissions.Grant
	s.readPrinted(strings.NewReader(""), &grants, "--role", string(role), "--cloud", "azure", "--account", account)
	for _, g := range grants {
		s.roles.granted[g.Account] = append(s.roles.granted[g.Account], g.CustomRoles)
	}
	s.enforce()
}

// letInByHand has the provider approve the connection of an endpoint.
func (s *azureScene) letInByHand(service, endpoint string) {
	s.t.Helper()
	client := s.networks(s.provider()).NewPrivateLinkServicesClient()
	there, err := client.Get(s.ctx, "services", service, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range there.Properties.PrivateEndpointConnections {
		if !link.SameAzureID(*c.Properties.PrivateEndpoint.ID, endpoint) {
			continue
		}
		c.Properties.PrivateLinkServiceConnectionState = &armnetwork.PrivateLinkServiceConnectionState{Status: new("Approved"), Description: new("by hand")}
		if _, err := client.UpdatePrivateEndpointConnection(s.ctx, "services", service, *c.Name, *c, nil); err != nil {
			s.t.Fatal(err)
		}
	}
	s.until("the endpoint to be approved", func() bool {
		return strings.Contains(s.state(*there.ID, endpoint), `"status": "Approved"`)
	}, func() any { return s.state(*there.ID, endpoint) })
}

// state is all that Azure says of a service and endpoints, but for their tags and their version.
func (s *azureScene) state(service string, endpoints ...string) string {
	s.t.Helper()
	parsed, _ := link.ParseAzureID(service)
	p, err := s.networks(s.provider()).NewPrivateLinkServicesClient().Get(s.ctx, parsed.ResourceGroup, parsed.Name(), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	all := []any{p.PrivateLinkService}
	for _, id := range endpoints {
		parsed, _ := link.ParseAzureID(id)
		e, err := s.networks(s.consumer()).NewPrivateEndpointsClient().Get(s.ctx, parsed.ResourceGroup, parsed.Name(), nil)
		if err != nil {
			s.t.Fatal(err)
		}
		e.Tags = nil
		all = append(all, e.PrivateEndpoint)
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		s.t.Fatal(err)
	}
	return versions.ReplaceAllString(string(text), "")
}

// versions are the lines that change with every write.
var versions = regexp.MustCompile(`(?m)^ *"etag": .*\n`)

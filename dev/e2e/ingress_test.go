package e2e

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
	"github.com/linkwright/linkwright/internal/simaws/sim"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// Central load balancers, which route requests to endpoints by host name.

// centralName is the scene with them.
const centralName = "central"

// edgeRules is how many rules a load balancer of the scene takes.
const edgeRules = 2

// addCentral adds a scene whose provider has two services, and whose consumer has two load balancers that face the
// internet: the first with a rule of somebody else's and no web ACL, the second with the web ACL.
func (w *world) addCentral(name string, n int) {
	provider, consumer, _ := w.addAccounts(name, n, workerUser)
	provider.Regions = map[string]simaws.WorldRegion{region: {
		VPCs:         []simaws.WorldVPC{network("cluster", "10.1")},
		TargetGroups: []simaws.WorldTargetGroup{{Name: "nginx", VPC: "cluster", Protocol: "TCP", Port: 80}},
		NetworkLoadBalancers: []simaws.WorldLoadBalancer{
			{Name: "shop", Subnets: subnets(), Listeners: []simaws.WorldListener{{Protocol: "TCP", Port: 80, TargetGroup: "nginx"}}},
			{Name: "ledger", Subnets: subnets()},
		},
	}}
	edge := func(name, acl string, rules ...simaws.WorldListenerRule) simaws.WorldLoadBalancer {
		return simaws.WorldLoadBalancer{
			Name: name, Scheme: "internet-facing", Subnets: subnets(), SecurityGroups: []string{"internet/endpoints"}, WebACL: acl,
			Listeners: []simaws.WorldListener{{
				Protocol: "HTTPS", Port: 443, Certificate: "edge", FixedResponse: &simaws.WorldFixedResponse{Status: "404"}, Rules: rules,
			}},
		}
	}
	domain := domainOf(name)
	consumer.Regions = map[string]simaws.WorldRegion{region: {
		VPCs:         []simaws.WorldVPC{network("internet", "10.2")},
		Quotas:       []simaws.WorldQuota{{Service: "elasticloadbalancing", Code: sim.QuotaRulesPerALB, Value: edgeRules}},
		Certificates: []simaws.WorldCertificate{{Name: "edge", Domain: "edge." + domain}, {Name: "teams", Domain: "*.teams." + domain}},
		WebACLs:      []simaws.WorldWebACL{{Name: "wall"}},
		ApplicationLoadBalancers: []simaws.WorldLoadBalancer{
			edge("edge-a", "", simaws.WorldListenerRule{
				Priority: 10, Hosts: []string{"edge." + domain}, FixedResponse: &simaws.WorldFixedResponse{Status: "200"},
			}),
			edge("edge-b", "wall"),
		},
	}}
}

// publishTeam applies a team's service, whose name is published in a parameter.
func (s *scene) publishTeam(name, team string) flows.Ref {
	s.t.Helper()
	return s.apply(link.Document{Service: &link.EndpointService{
		APIVersion: link.APIVersion, Kind: link.KindEndpointService, Metadata: link.Metadata{Name: name},
		Spec: link.EndpointServiceSpec{
			Account: s.provider(), Region: region, Approval: &link.ApprovalPolicy{Mode: link.ApproveAutomatically},
			AWS: &link.AWSEndpointService{
				LoadBalancers:     link.LoadBalancers{ARNs: []string{s.id(s.provider(), "load-balancer", team)}},
				AllowedPrincipals: []string{"arn:aws:iam::" + s.consumerID + ":root"},
			},
			Publish: &link.Publish{SSMParameter: &link.SSMParameter{Account: s.provider(), Name: "/central/" + team}},
		},
	}})
}

// host is a team's host name.
func (s *scene) host(team string) string { return team + ".teams." + domainOf(s.name) }

// routeTo applies a connection with a route to a team's service at the first load balancer with room.
func (s *scene) routeTo(service, team string, from *link.NameFrom) flows.Ref {
	s.t.Helper()
	return s.apply(link.Document{Connection: &link.Connection{
		APIVersion: link.APIVersion, Kind: link.KindConnection, Metadata: link.Metadata{Name: "internet"},
		Spec: link.ConnectionSpec{
			Service: service, Account: s.consumer(), Region: region, NameFrom: from,
			AWS: &link.AWSConnection{
				VPC: s.vpc(), Subnets: s.subnets(subnets()...),
				SecurityGroup: &link.EndpointSecurityGroup{From: []string{s.group("endpoints")}, Ports: []int32{80}},
			},
			Ingress: &link.Ingress{Port: 80, Route: &link.Route{
				Listeners: []link.RouteListener{{Listener: s.listener("edge-a")}, {Listener: s.listener("edge-b")}},
				Hosts:     []string{s.host(team)},
				WebACL:    s.id(s.consumer(), "web-acl", "wall"), AssociateWebACL: true,
			}},
		},
	}})
}

func (s *scene) listener(balancer string) string {
	return s.id(s.consumer(), "listener", balancer+":443")
}

// wantRouted makes sure that a load balancer sends a connection's requests to its endpoint in three zones.
func (s *scene) wantRouted(ref flows.Ref, balancer string) {
	s.t.Helper()
	status := s.awaitArrival(ref)
	rule, group := s.resource(status, link.KindListenerRule), s.resource(status, link.KindTargetGroup)
	if !strings.Contains(rule.ID, "/app/"+balancer+"/") {
		s.t.Errorf("%s is routed by %s, want a rule of %s", ref, rule.ID, balancer)
	}
	if certificate := s.resource(status, link.KindCertificate).ID; certificate != s.id(s.consumer(), "certificate", "teams") {
		s.t.Errorf("the certificate of %s is %s, want that of the teams", ref, certificate)
	}
	var healthy []string
	addresses := map[string]bool{}
	for _, r := range status.Resources {
		switch {
		case r.Kind == link.KindTarget && r.Detail == "healthy":
			healthy = append(healthy, r.ID)
		case r.Kind == link.KindNetworkInterface:
			address, _, _ := strings.Cut(r.Detail, " ")
			addresses[address] = true
		}
	}
	slices.Sort(healthy)
	if want := slices.Sorted(maps.Keys(addresses)); len(healthy) != len(subnets()) || !slices.Equal(healthy, want) {
		s.t.Errorf("%s has the healthy targets %v, want %v, in three zones", ref, healthy, want)
	}
	built := s.built()
	for _, want := range []inventory.Item{
		{Account: s.consumer(), Kind: inventory.Rule, ID: rule.ID, Owner: s.owner(ref)},
		{Account: s.consumer(), Kind: inventory.TargetGroup, ID: group.ID, Owner: s.owner(ref)},
		{Account: s.consumer(), Kind: inventory.Certificate, ID: s.id(s.consumer(), "certificate", "teams"), Detail: "at " + s.listener(balancer)},
	} {
		if !slices.Contains(built, want) {
			s.t.Errorf("there is no %s", want)
		}
	}
	if n := len(built.Of(inventory.Target)); n%len(subnets()) != 0 {
		s.t.Errorf("%d targets are registered", n)
	}
}

func TestWhenALoadBalancerIsFullARouteIsMadeAtTheNextOne(t *testing.T) {
	t.Parallel()
	s := openScene(t, centralName, sceneCount()+4, shared.Cloud)
	shop, ledger := s.publishTeam("central-shop", "shop"), s.publishTeam("central-ledger", "ledger")
	first := s.routeTo(shop.Name, "shop", nil)
	s.wantRouted(first, "edge-a") // with the other rule there, it is full
	protected := inventory.Item{
		Account: s.consumer(), Kind: inventory.WebACL, ID: s.id(s.consumer(), "web-acl", "wall"),
		Detail: "before " + s.id(s.consumer(), "load-balancer", "edge-a"),
	}
	if !slices.Contains(s.built(), protected) {
		t.Errorf("there is no %s", protected)
	}

	// The second one knows its service by the parameter alone.
	s.awaitArrival(ledger)
	second := s.routeTo("central-abroad", "ledger", &link.NameFrom{SSMParameter: &link.SSMParameter{Account: s.provider(), Name: "/central/ledger"}})
	s.wantRouted(second, "edge-b")

	s.remove(second)
	s.remove(shop)
	s.remove(ledger)
	if left := s.built(); !slices.Equal(left, inventory.Inventory{protected}) {
		t.Errorf("what is left is %v, want the web ACL alone, which stays", left)
	}
	if _, err := wafv2.NewFromConfig(s.admin(s.consumer())).DisassociateWebACL(s.ctx, &wafv2.DisassociateWebACLInput{
		ResourceArn: aws.String(s.id(s.consumer(), "load-balancer", "edge-a")),
	}); err != nil {
		t.Fatal(err)
	}
	s.wantAsBefore()
}

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
	"github.com/linkwright/linkwright/internal/simaws/sim"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// Hubs: inventories of VPCs, in which many connections find a place.

// The scenes with a hub.
const (
	hubName     = "hub"
	crowdedName = "crowded"
)

// hubQuota is how many endpoints a VPC of a hub holds.
const hubQuota = 2

// colors are the clusters of a hub's scene; each stands in the availability zone of its place in the list.
func colors() []string { return []string{"blue", "green", "red"} }

// addHub adds a scene whose provider has a cluster in each availability zone, and whose consumer is a hub with two VPCs.
// The third account is that of those who work with the clusters, with a VPC of their own.
func (w *world) addHub(name string, n int) {
	provider, hub, operators := w.addAccounts(name, n, workerUser)
	clusters := simaws.WorldRegion{
		VPCs:         []simaws.WorldVPC{network("cluster", "10.1")},
		TargetGroups: []simaws.WorldTargetGroup{{Name: "api", VPC: "cluster", Protocol: "TCP", Port: 6443}},
	}
	for i, color := range colors() {
		balancer := simaws.WorldLoadBalancer{Name: color, Subnets: subnets()[i : i+1]}
		if i == 0 {
			balancer.Listeners = []simaws.WorldListener{{Protocol: "TCP", Port: 6443, TargetGroup: "api"}}
		}
		clusters.NetworkLoadBalancers = append(clusters.NetworkLoadBalancers, balancer)
	}
	provider.Regions = map[string]simaws.WorldRegion{region: clusters}
	hub.Regions = map[string]simaws.WorldRegion{region: {
		VPCs:   []simaws.WorldVPC{networkOf("hub-1", "10.2"), networkOf("hub-2", "10.3")},
		Quotas: []simaws.WorldQuota{{Service: "vpc", Code: sim.QuotaInterfaceEndpoints, Value: hubQuota}},
	}}
	operators.Regions = map[string]simaws.WorldRegion{region: {VPCs: []simaws.WorldVPC{networkOf("operators", "10.9")}}}
}

// networkOf is a network whose subnets go by names of their own.
func networkOf(name, prefix string) simaws.WorldVPC {
	vpc := network(name, prefix)
	for i := range vpc.Subnets {
		vpc.Subnets[i].Name = name + "-" + vpc.Subnets[i].Name
	}
	return vpc
}

// hubVPC is the id of a VPC of the hub.
func (s *scene) hubVPC(name string) string { return s.id(s.consumer(), "vpc", name) }

// offer applies an inventory of VPCs of the hub.
func (s *scene) offer(vpcs ...string) flows.Ref {
	s.t.Helper()
	doc := &link.VPCInventory{APIVersion: link.APIVersion, Kind: link.KindVPCInventory, Metadata: link.Metadata{Name: s.name}, Spec: link.VPCInventorySpec{
		Account: s.consumer(), Region: region, AWS: &link.AWSInventory{},
	}}
	for _, name := range vpcs {
		vpc := link.InventoryVPC{VPC: s.hubVPC(name)}
		for i, subnet := range subnets() {
			vpc.Subnets = append(vpc.Subnets, link.InventorySubnet{
				ZoneID: fmt.Sprintf("euc1-az%d", i+1), Subnet: s.id(s.consumer(), "subnet", name+"/"+name+"-"+subnet),
			})
		}
		doc.Spec.AWS.VPCs = append(doc.Spec.AWS.VPCs, vpc)
	}
	return s.apply(link.Document{Inventory: doc})
}

// publishCluster applies the service of a cluster.
func (s *scene) publishCluster(color string) flows.Ref {
	s.t.Helper()
	return s.apply(link.Document{Service: &link.EndpointService{
		APIVersion: link.APIVersion, Kind: link.KindEndpointService, Metadata: link.Metadata{Name: s.name + "-" + color},
		Spec: link.EndpointServiceSpec{
			Account: s.provider(), Region: region, Approval: &link.ApprovalPolicy{Mode: link.ApproveAutomatically},
			AWS: &link.AWSEndpointService{
				LoadBalancers:     link.LoadBalancers{ARNs: []string{s.id(s.provider(), "load-balancer", color)}},
				AllowedPrincipals: []string{"arn:aws:iam::" + s.consumerID + ":root"},
			},
		},
	}})
}

// reach applies a connection to a cluster from the hub, where its own name leads to the endpoint.
func (s *scene) reach(color string) flows.Ref {
	s.t.Helper()
	zone := link.HostedZone{Name: s.clusterName(color), Records: []link.ZoneRecord{{}}, VPCs: []link.ZoneVPC{
		{VPC: s.hubVPC("hub-1")}, {VPC: s.hubVPC("hub-2")}, {Account: s.dns(), VPC: s.operators()},
	}}
	return s.apply(link.Document{Connection: &link.Connection{APIVersion: link.APIVersion, Kind: link.KindConnection, Metadata: link.Metadata{Name: "hub"}, Spec: link.ConnectionSpec{
		Service: s.name + "-" + color, Account: s.consumer(), Region: region,
		AWS: &link.AWSConnection{
			Inventories: []string{s.name}, SecurityGroup: &link.EndpointSecurityGroup{From: []string{"10.9.0.0/16"}, Ports: []int32{6443}},
		},
		DNS: link.ConnectionDNS{Mode: link.DNSHostedZone, HostedZone: &zone},
	}}})
}

// clusterName is the domain name of a cluster's API.
func (s *scene) clusterName(color string) string { return "api." + color + "." + domainOf(s.name) }

func (s *scene) operators() string { return s.id(s.dns(), "vpc", "operators") }

// wantReachable makes sure that a cluster's name leads to the connection's endpoint in all VPCs, that the endpoint stands in
// the cluster's availability zone, and that its security group is its own.
func (s *scene) wantReachable(color, vpc string) {
	s.t.Helper()
	ref := flows.ConnectionRef(s.name+"-"+color, "hub")
	status := s.awaitArrival(ref)
	if status.Placement == nil || status.Placement.VPC != s.hubVPC(vpc) {
		s.t.Errorf("%s is placed in %+v, want VPC %s", ref, status.Placement, vpc)
	}
	endpoint := s.endpoint(s.resource(status, link.KindEndpoint).ID)
	zone := subnets()[slices.Index(colors(), color)]
	if want := []string{s.id(s.consumer(), "subnet", vpc+"/"+vpc+"-"+zone)}; !slices.Equal(endpoint.SubnetIds, want) {
		s.t.Errorf("the endpoint of %s stands in subnets %v, want %v", color, endpoint.SubnetIds, want)
	}
	group := s.resource(status, link.KindSecurityGroup).ID
	if groups := s.groupsOf(*endpoint.VpcEndpointId); !slices.Equal(groups, []string{group}) {
		s.t.Errorf("the endpoint of %s has the security groups %v, want its own, %s", color, groups, group)
	}
	address, _, _ := strings.Cut(s.resource(status, link.KindNetworkInterface).Detail, " ")
	for _, network := range []string{s.hubVPC("hub-1"), s.hubVPC("hub-2"), s.operators()} {
		if got := s.resolve(network, s.clusterName(color)); !slices.Equal(got, []string{address}) {
			s.t.Errorf("in %s, %s is %v, want %s", network, s.clusterName(color), got, address)
		}
	}
}

// resolve is what the resolver of a VPC answers, the addresses alone.
func (s *scene) resolve(vpc, name string) []string {
	s.t.Helper()
	answer, err := s.cloud.Resolve(vpc, name, "A")
	if err != nil {
		s.t.Fatal(err)
	}
	var addresses []string
	for _, record := range answer.Records {
		fields := strings.Fields(record)
		addresses = append(addresses, fields[len(fields)-1])
	}
	return addresses
}

func TestWhenAHubIsFullAConnectionWaitsForOneMoreVPC(t *testing.T) {
	t.Parallel()
	s := openScene(t, hubName, sceneCount()+2, shared.Cloud)
	hub := s.offer("hub-1")
	var services []flows.Ref
	for _, color := range colors() {
		services = append(services, s.publishCluster(color))
	}
	for _, color := range colors()[:hubQuota] {
		s.reach(color)
	}
	for _, color := range colors()[:hubQuota] {
		s.wantReachable(color, "hub-1")
	}
	late := s.reach("red")
	blocked := s.await(late, "to be blocked for want of room", func(st link.Status) bool { return st.Blocked != nil }).Blocked
	if why := s.hubVPC("hub-1") + ": 2 of 2 endpoints"; blocked.Reason != link.ReasonInventoryFull || !strings.Contains(blocked.Message, why) {
		t.Errorf("it is blocked by %s, %s; want %s, %s", blocked.Reason, blocked.Message, link.ReasonInventoryFull, why)
	}
	s.await(hub, "to know who seeks room", func(st link.Status) bool { return slices.Contains(st.Seeking, late.WorkflowID()) })

	s.offer("hub-1", "hub-2")
	s.wantReachable("red", "hub-2")

	for _, service := range services {
		s.remove(service)
	}
	s.remove(hub)
	s.wantAsBefore()
}

func TestWhenAPlaceTurnsOutToBeTakenTheEndpointIsMadeElsewhere(t *testing.T) {
	t.Parallel()
	s := openScene(t, crowdedName, sceneCount()+3, shared.Cloud)
	hub := s.offer("hub-1", "hub-2")
	service := s.publishCluster("blue")
	name := s.awaitArrival(service).ServiceName
	s.awaitArrival(hub)
	// Somebody else is quicker, and the inventory has not seen it.
	var foreign []string
	for range hubQuota {
		foreign = append(foreign, s.openEndpointIn(s.hubVPC("hub-1"), s.id(s.consumer(), "subnet", "hub-1/hub-1-a"), name))
	}
	s.reach("blue")
	s.wantReachable("blue", "hub-2")

	s.remove(flows.ConnectionRef(service.Name, "hub"))
	s.deleteEndpoints(foreign...)
	s.remove(service)
	s.remove(hub)
	s.wantAsBefore()
}

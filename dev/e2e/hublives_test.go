package e2e

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"

	"github.com/linkwright/linkwright/activities/aws/permissions"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// Links of a hub, and behind a load balancer that others use, too.

// hub is an endpoint in a VPC that an inventory chooses, with a security group of its own, and a private zone that a VPC
// of another account sees.
func (s *scene) hub(source string) func(*link.ConnectionSpec) {
	return func(spec *link.ConnectionSpec) {
		spec.AWS = &link.AWSConnection{Inventories: []string{s.inventory().Name}, SecurityGroup: &link.EndpointSecurityGroup{From: []string{source}}}
		spec.DNS = link.ConnectionDNS{Mode: link.DNSHostedZone, HostedZone: &link.HostedZone{
			Name: "hub." + domainOf(s.name), Records: []link.ZoneRecord{{}, {Name: "a.hub." + domainOf(s.name), Type: link.RecordA}},
			VPCs: []link.ZoneVPC{{VPC: s.vpc()}, {Account: s.dns(), VPC: s.resolvers()}},
		}}
		spec.Ingress = nil
	}
}

// unseenElsewhere lets no VPC of another account see the zone.
func unseenElsewhere(spec *link.ConnectionSpec) {
	spec.DNS.HostedZone.VPCs = spec.DNS.HostedZone.VPCs[:1]
}

// thereAlready leads names of a zone of the domain's owner to the endpoint.
func (s *scene) thereAlready(zone string) func(*link.ConnectionSpec) {
	return func(spec *link.ConnectionSpec) {
		spec.DNS = link.ConnectionDNS{Mode: link.DNSHostedZone, HostedZone: &link.HostedZone{
			Account: s.dns(), ZoneID: zone, Records: []link.ZoneRecord{{Name: "shop.inside." + domainOf(s.name)}},
			VPCs: []link.ZoneVPC{{VPC: s.vpc()}},
		}}
	}
}

// routed is a route at the load balancer that stands before everything, with a web ACL, and a certificate that is found.
func (s *scene) routed(host string, targets link.RouteTargets) func(*link.ConnectionSpec) {
	return func(spec *link.ConnectionSpec) {
		spec.DNS = link.ConnectionDNS{}
		spec.Ingress = &link.Ingress{Port: 443, Route: &link.Route{
			Listeners: []link.RouteListener{{Listener: s.id(s.consumer(), "listener", "front:443")}},
			Hosts:     []string{host + "." + domainOf(s.name)}, Targets: targets,
			WebACL: s.id(s.consumer(), "web-acl", "wall"), AssociateWebACL: true,
		}}
	}
}

// elsewhere reads the service's name from a parameter of the provider's.
func (s *scene) elsewhere(parameter string) func(*link.ConnectionSpec) {
	return func(spec *link.ConnectionSpec) {
		spec.NameFrom = &link.NameFrom{SSMParameter: &link.SSMParameter{Account: s.provider(), Name: parameter}}
	}
}

// inventory is that of the consumer's VPCs.
func (s *scene) inventory() flows.Ref { return flows.InventoryRef(s.name) }

// resolvers is the VPC of the domain's owner.
func (s *scene) resolvers() string { return s.id(s.dns(), "vpc", "resolvers") }

// offerOwn applies an inventory of the consumer's VPC.
func (s *scene) offerOwn() {
	s.t.Helper()
	doc := link.VPCInventory{APIVersion: link.APIVersion, Kind: link.KindVPCInventory, Metadata: link.Metadata{Name: s.inventory().Name}, Spec: link.VPCInventorySpec{
		Account: s.consumer(), Region: region,
		AWS: &link.AWSInventory{VPCs: []link.InventoryVPC{{
			VPC: s.vpc(), SecurityGroups: []string{s.group("endpoints")}, RouteTables: []string{s.id(s.consumer(), "route-table", "internet/private")},
		}}},
	}}
	for i, subnet := range s.subnets(subnets()...) {
		vpc := &doc.Spec.AWS.VPCs[0]
		vpc.Subnets = append(vpc.Subnets, link.InventorySubnet{ZoneID: []string{"euc1-az1", "euc1-az2", "euc1-az3"}[i], Subnet: subnet})
	}
	s.grant(link.Document{Inventory: &doc})
	s.insist(func() error {
		_, err := s.flows.ApplyInventory(s.ctx, doc, "tester")
		return err
	})
}

// peering is that of the consumer's VPC, which must be in the inventory, with the domain's owner's.
func (s *scene) peering() flows.Ref { return flows.PeeringRef(s.name) }

// letPeer lets both ends peer VPCs.
func (s *scene) letPeer() {
	s.t.Helper()
	for _, account := range []string{s.consumer(), s.dns()} {
		s.grantRole(permissions.Peering, account)
	}
}

// peer applies the peering, on some ports.
func (s *scene) peer(ports ...int32) {
	s.t.Helper()
	s.insist(func() error {
		_, err := s.flows.ApplyPeering(s.ctx, s.peering().Name, link.PeeringSpec{
			Hub: link.PeeringHub{
				Account: s.dns(), Region: region, VPC: s.resolvers(), RouteTables: []string{s.id(s.dns(), "route-table", "resolvers/private")},
			},
			Inventory: s.inventory().Name, Ports: ports,
		}, "tester")
		return err
	})
}

// zoneInside has the domain's owner make a private zone in its VPC.
func (s *scene) zoneInside() (id string) {
	s.t.Helper()
	made, err := route53.NewFromConfig(s.admin(s.dns())).CreateHostedZone(s.ctx, &route53.CreateHostedZoneInput{
		Name: aws.String("inside." + domainOf(s.name)), CallerReference: aws.String(s.name),
		HostedZoneConfig: &r53types.HostedZoneConfig{PrivateZone: true},
		VPC:              &r53types.VPC{VPCId: aws.String(s.resolvers()), VPCRegion: region},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return aws.ToString(made.HostedZone.Id)[len("/hostedzone/"):]
}

// tell has the provider write a service's name down.
func (s *scene) tell(parameter, name string) {
	s.t.Helper()
	if _, err := ssm.NewFromConfig(s.admin(s.provider())).PutParameter(s.ctx, &ssm.PutParameterInput{
		Name: &parameter, Value: &name, Type: ssmtypes.ParameterTypeString,
	}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) forget(parameter string) {
	s.t.Helper()
	if _, err := ssm.NewFromConfig(s.admin(s.provider())).DeleteParameter(s.ctx, &ssm.DeleteParameterInput{Name: &parameter}); err != nil {
		s.t.Fatal(err)
	}
}

// clear has the consumer take away what stays when the route goes: the web ACL, and the certificate that serves somebody
// else's rule, too.
func (s *scene) clear() {
	s.t.Helper()
	if _, err := wafv2.NewFromConfig(s.admin(s.consumer())).DisassociateWebACL(s.ctx, &wafv2.DisassociateWebACLInput{
		ResourceArn: aws.String(s.id(s.consumer(), "load-balancer", "front")),
	}); err != nil {
		s.t.Fatal(err)
	}
	if _, err := elasticloadbalancingv2.NewFromConfig(s.admin(s.consumer())).RemoveListenerCertificates(s.ctx, &elasticloadbalancingv2.RemoveListenerCertificatesInput{
		ListenerArn:  aws.String(s.id(s.consumer(), "listener", "front:443")),
		Certificates: []elbtypes.Certificate{{CertificateArn: aws.String(s.id(s.consumer(), "certificate", "pages"))}},
	}); err != nil {
		s.t.Fatal(err)
	}
}

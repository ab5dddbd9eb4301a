package link_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/linkwright/linkwright/internal/link"
)

func service() link.EndpointServiceSpec {
	return link.EndpointServiceSpec{
		Account: "provider",
		Region:  "eu-central-1",
		AWS: &link.AWSEndpointService{
			LoadBalancers:     link.LoadBalancers{Tags: map[string]string{"app": "payments", "team": "pay"}},
			AllowedPrincipals: []string{"arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root"},
		},
	}
}

func TestServiceChanges(t *testing.T) {
	for name, c := range map[string]struct {
		change           func(*link.EndpointServiceSpec)
		changed, refused []string
	}{
		"when nothing differs, it finds nothing": {
			change: func(*link.EndpointServiceSpec) {},
		},
		"when a default is written out, it finds nothing": {
			change: func(s *link.EndpointServiceSpec) {
				yes := true
				s.AWS.AcceptanceRequired = &yes
				s.AWS.IPAddressTypes = []link.IPAddressType{link.IPv4}
				s.Approval = &link.ApprovalPolicy{Mode: link.ApproveManually}
				s.Drift = &link.DriftPolicy{Default: link.DriftRepair}
			},
		},
		"when another thing is done about drift, it names that": {
			change: func(s *link.EndpointServiceSpec) {
				s.Drift = &link.DriftPolicy{Default: link.DriftReport, Ask: []link.DriftKind{link.DriftTags}}
			},
			changed: []string{"spec.drift.default", "spec.drift.ask"},
		},
		"when a list has another order, it finds nothing": {
			change: func(s *link.EndpointServiceSpec) {
				s.AWS.AllowedPrincipals = []string{"arn:aws:iam::444455556666:root", "arn:aws:iam::111122223333:root"}
			},
		},
		"when a list has another entry, it names the list": {
			change:  func(s *link.EndpointServiceSpec) { s.AWS.AllowedPrincipals = []string{"*"} },
			changed: []string{"spec.aws.allowedPrincipals"},
		},
		"when a tag differs, it names the tags": {
			change: func(s *link.EndpointServiceSpec) {
				s.AWS.LoadBalancers.Tags = map[string]string{"app": "ledger", "team": "pay"}
			},
			changed: []string{"spec.aws.loadBalancers.tags"},
		},
		"when a mapping is new, it names the mapping": {
			change: func(s *link.EndpointServiceSpec) {
				s.AWS.PrivateDNS = &link.ServicePrivateDNS{Name: "api.example.com"}
			},
			changed: []string{"spec.aws.privateDNS"},
		},
		"when acceptance is given up, so is the approval": {
			change: func(s *link.EndpointServiceSpec) {
				no := false
				s.AWS.AcceptanceRequired = &no
			},
			changed: []string{"spec.aws.acceptanceRequired", "spec.approval"},
		},
		"when it moves, it is refused": {
			change: func(s *link.EndpointServiceSpec) {
				s.Account, s.Region = "other", "eu-west-1"
			},
			changed: []string{"spec.account", "spec.region"},
			refused: []string{"spec.account", "spec.region"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			changedSpec := service()
			c.change(&changedSpec)
			changed, refused := link.ServiceChanges(service(), changedSpec)
			compareChanges(t, changed, refused, c.changed, c.refused)
		})
	}
}

func compareChanges(t *testing.T, changed []string, refused link.Errors, wantChanged, wantRefused []string) {
	t.Helper()
	if diff := cmp.Diff(wantChanged, changed); diff != "" {
		t.Errorf("changed:\n%s", diff)
	}
	var paths []string
	for _, e := range refused {
		paths = append(paths, e.Path)
	}
	if diff := cmp.Diff(wantRefused, paths); diff != "" {
		t.Errorf("refused:\n%s", diff)
	}
}

func TestConnectionChanges(t *testing.T) {
	old := link.ConnectionSpec{
		Service: "payments", Account: "shop", Region: "eu-central-1",
		AWS: &link.AWSConnection{VPC: "vpc-1", Subnets: []string{"subnet-1"}},
	}
	moved := link.ConnectionSpec{
		Service: "ledger", Account: "other", Region: "eu-west-1",
		AWS:     &link.AWSConnection{VPC: "vpc-2", Subnets: []string{"subnet-2"}, Endpoint: "vpce-2"},
		DNS:     link.ConnectionDNS{Mode: link.DNSPrivate},
		Ingress: &link.Ingress{TargetGroup: "arn", Port: 443},
	}
	changed, refused := link.ConnectionChanges(old, moved)
	compareChanges(t, changed, refused,
		[]string{"spec.service", "spec.account", "spec.region", "spec.aws.vpc", "spec.aws.subnets", "spec.aws.endpoint", "spec.dns.mode", "spec.ingress"},
		[]string{"spec.service", "spec.account", "spec.region", "spec.aws.vpc", "spec.aws.endpoint"})
	const want = `spec.aws.vpc: cannot be changed from "vpc-1" to "vpc-2": an endpoint stays in its VPC; delete the connection, and apply it anew`
	if got := refused[3].Error(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func connection() link.ConnectionSpec {
	return link.ConnectionSpec{
		Service: "payments", Account: "shop", Region: "eu-central-1",
		AWS: &link.AWSConnection{
			Inventories:   []string{"near", "far"},
			SecurityGroup: &link.EndpointSecurityGroup{From: []string{"10.0.0.0/8"}, Ports: []int32{443, 8443}},
		},
		DNS: link.ConnectionDNS{Mode: link.DNSHostedZone, HostedZone: &link.HostedZone{
			Name:    "example.com",
			Records: []link.ZoneRecord{{Name: "a.example.com"}, {Name: "b.example.com"}},
			VPCs:    []link.ZoneVPC{{VPC: "vpc-1"}, {VPC: "vpc-2"}},
		}},
		Ingress: &link.Ingress{Port: 443, Route: &link.Route{
			Listeners: []link.RouteListener{{Listener: "a"}, {Listener: "b"}},
			Hosts:     []string{"a.example.com", "b.example.com"},
		}},
	}
}

func TestConnectionChangesWithAZoneAndARoute(t *testing.T) {
	from := func(name string) *link.NameFrom {
		return &link.NameFrom{SSMParameter: &link.SSMParameter{Account: "a", Name: name}}
	}
	for name, c := range map[string]struct {
		before, after    func(*link.ConnectionSpec)
		changed, refused []string
	}{
		"when defaults are written out, it finds nothing": {
			after: func(s *link.ConnectionSpec) { *s = s.WithDefaults() },
		},
		"when lists whose order says nothing have another one, it finds nothing": {
			after: func(s *link.ConnectionSpec) {
				slices.Reverse(s.AWS.SecurityGroup.Ports)
				slices.Reverse(s.DNS.HostedZone.Records)
				slices.Reverse(s.DNS.HostedZone.VPCs)
				slices.Reverse(s.Ingress.Route.Hosts)
			},
		},
		"when lists whose order says what comes first have another one, it names them": {
			after: func(s *link.ConnectionSpec) {
				slices.Reverse(s.AWS.Inventories)
				slices.Reverse(s.Ingress.Route.Listeners)
			},
			changed: []string{"spec.aws.inventories", "spec.ingress.route.listeners"},
		},
		"when entries of lists differ, it names the lists": {
			after: func(s *link.ConnectionSpec) {
				s.AWS.SecurityGroup.Ports[1] = 9443
				s.DNS.HostedZone.Records[1].TTL = 10
				s.DNS.HostedZone.VPCs[1].Account = "other"
			},
			changed: []string{"spec.aws.securityGroup.ports", "spec.dns.hostedZone.records", "spec.dns.hostedZone.vpcs"},
		},
		"when it gets another zone, that is a change like any other": {
			after: func(s *link.ConnectionSpec) {
				s.DNS.HostedZone.Account, s.DNS.HostedZone.Name, s.DNS.HostedZone.ZoneID = "other", "", "Z1"
			},
			changed: []string{"spec.dns.hostedZone.account", "spec.dns.hostedZone.name", "spec.dns.hostedZone.zoneID"},
		},
		"when it gives up its zone and its route, that is a change like any other": {
			after: func(s *link.ConnectionSpec) {
				s.DNS = link.ConnectionDNS{}
				s.Ingress.Route, s.Ingress.TargetGroup = nil, "arn"
			},
			changed: []string{"spec.dns.mode", "spec.dns.hostedZone", "spec.ingress.targetGroup", "spec.ingress.route"},
		},
		"when it goes from inventories to a VPC, it is refused": {
			after: func(s *link.ConnectionSpec) {
				s.AWS.Inventories, s.AWS.VPC, s.AWS.Subnets = nil, "vpc-1", []string{"subnet-1"}
			},
			changed: []string{"spec.aws.vpc", "spec.aws.subnets", "spec.aws.inventories"},
			refused: []string{"spec.aws.vpc"},
		},
		"when it goes from a VPC to inventories, it is refused": {
			before:  func(s *link.ConnectionSpec) { s.AWS.VPC, s.AWS.Inventories = "vpc-1", nil },
			after:   func(*link.ConnectionSpec) {},
			changed: []string{"spec.aws.vpc", "spec.aws.inventories"},
			refused: []string{"spec.aws.vpc"},
		},
		"when its name comes from somewhere, it is refused": {
			after:   func(s *link.ConnectionSpec) { s.NameFrom = from("/a") },
			changed: []string{"spec.nameFrom"},
			refused: []string{"spec.nameFrom"},
		},
		"when its name comes from somewhere else, it is refused": {
			before:  func(s *link.ConnectionSpec) { s.NameFrom = from("/a") },
			after:   func(s *link.ConnectionSpec) { s.NameFrom = from("/b") },
			changed: []string{"spec.nameFrom.ssmParameter.name"},
			refused: []string{"spec.nameFrom.ssmParameter.name"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			old, new := connection(), connection()
			if c.before != nil {
				c.before(&old)
			}
			c.after(&new)
			changed, refused := link.ConnectionChanges(old, new)
			compareChanges(t, changed, refused, c.changed, c.refused)
		})
	}
}

func TestARefusalSaysWhatWouldHappen(t *testing.T) {
	inVPC := connection()
	inVPC.AWS.VPC = "vpc-1"
	for want, c := range map[string]struct{ old, new link.ConnectionSpec }{
		"spec.aws.vpc: cannot be added: an endpoint stays in its VPC; delete the connection, and apply it anew":      {connection(), inVPC},
		"spec.aws.vpc: cannot be taken away: an endpoint stays in its VPC; delete the connection, and apply it anew": {inVPC, connection()},
	} {
		if _, refused := link.ConnectionChanges(c.old, c.new); refused.Error() != want {
			t.Errorf("got %s\nwant %s", refused, want)
		}
	}
}

func TestInventoryChanges(t *testing.T) {
	inventory := func() link.VPCInventorySpec {
		return link.VPCInventorySpec{Account: "hub", Region: "eu-central-1", AWS: &link.AWSInventory{VPCs: []link.InventoryVPC{
			{VPC: "vpc-1", Subnets: []link.InventorySubnet{{ZoneID: "euc1-az1", Subnet: "subnet-1"}, {ZoneID: "euc1-az2", Subnet: "subnet-2"}}},
			{VPC: "vpc-2", SecurityGroups: []string{"sg-1", "sg-2"}},
		}}}
	}
	for name, c := range map[string]struct {
		change           func(*link.VPCInventorySpec)
		changed, refused []string
	}{
		"when lists have another order, it finds nothing": {
			change: func(s *link.VPCInventorySpec) {
				slices.Reverse(s.AWS.VPCs[0].Subnets)
				slices.Reverse(s.AWS.VPCs[1].SecurityGroups)
				slices.Reverse(s.AWS.VPCs)
			},
		},
		"when a list in a list has another entry, it names the outer list": {
			change:  func(s *link.VPCInventorySpec) { s.AWS.VPCs[0].Subnets[1].ZoneID = "euc1-az3" },
			changed: []string{"spec.aws.vpcs"},
		},
		"when an entry moves between two lists, it names the outer list": {
			change: func(s *link.VPCInventorySpec) {
				s.AWS.VPCs[1].SecurityGroups, s.AWS.VPCs[1].RouteTables = nil, []string{"sg-1", "sg-2"}
			},
			changed: []string{"spec.aws.vpcs"},
		},
		"when more is to be kept free, it says so": {
			change:  func(s *link.VPCInventorySpec) { s.AWS.KeepFree.Endpoints = 1 },
			changed: []string{"spec.aws.keepFree.endpoints"},
		},
		"when it moves, it is refused": {
			change:  func(s *link.VPCInventorySpec) { s.Account, s.Region = "other", "eu-west-1" },
			changed: []string{"spec.account", "spec.region"},
			refused: []string{"spec.account", "spec.region"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			after := inventory()
			c.change(&after)
			changed, refused := link.InventoryChanges(inventory(), after)
			compareChanges(t, changed, refused, c.changed, c.refused)
		})
	}
}

// Whatever field the types get, a change of it is seen.
func TestEveryFieldCanChange(t *testing.T) {
	var full link.EndpointServiceSpec
	set(reflect.ValueOf(&full).Elem(), "a")
	var other link.EndpointServiceSpec
	set(reflect.ValueOf(&other).Elem(), "b")
	changed, _ := link.ServiceChanges(full, other)
	if missing := unseen(reflect.TypeOf(full), "spec", changed); len(missing) > 0 {
		t.Errorf("a change of these is not seen: %s", strings.Join(missing, ", "))
	}
	var connection, another link.ConnectionSpec
	set(reflect.ValueOf(&connection).Elem(), "a")
	set(reflect.ValueOf(&another).Elem(), "b")
	changed, _ = link.ConnectionChanges(connection, another)
	if missing := unseen(reflect.TypeOf(connection), "spec", changed); len(missing) > 0 {
		t.Errorf("a change of these is not seen: %s", strings.Join(missing, ", "))
	}
	var inventory, second link.VPCInventorySpec
	set(reflect.ValueOf(&inventory).Elem(), "a")
	set(reflect.ValueOf(&second).Elem(), "b")
	changed, _ = link.InventoryChanges(inventory, second)
	if missing := unseen(reflect.TypeOf(inventory), "spec", changed); len(missing) > 0 {
		t.Errorf("a change of these is not seen: %s", strings.Join(missing, ", "))
	}
}

// set fills everything in a value with something made of the text.
func set(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		set(v.Elem(), text)
	case reflect.Struct:
		for i := range v.NumField() {
			set(v.Field(i), text)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		set(v.Index(0), text)
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{text: text}))
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(text == "a")
	default:
		v.SetInt(int64(text[0]))
	}
}

// unseen returns the paths of the innermost fields of a type that are not among those seen.
func unseen(t reflect.Type, path string, seen []string) []string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var missing []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		field, inner := path+"."+name, t.Field(i).Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			missing = append(missing, unseen(inner, field, seen)...)
		} else if !strings.Contains(" "+strings.Join(seen, " ")+" ", " "+field+" ") {
			missing = append(missing, field)
		}
	}
	return missing
}

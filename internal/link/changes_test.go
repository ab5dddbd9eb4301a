package link_test

import (
	"reflect"
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
			},
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

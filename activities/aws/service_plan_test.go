package aws

import (
	"reflect"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities/sets"
	"github.com/linkwright/linkwright/internal/link"
)

func TestPlanService(t *testing.T) {
	const home = "eu-west-1"
	have := ec2types.ServiceConfiguration{
		AcceptanceRequired:      sdk.Bool(true),
		NetworkLoadBalancerArns: []string{"lb-1"},
		SupportedIpAddressTypes: []ec2types.ServiceConnectivityType{ec2types.ServiceConnectivityTypeIpv4},
		SupportedRegions: []ec2types.SupportedRegionDetail{
			{Region: sdk.String(home), ServiceState: sdk.String("Available")},
			{Region: sdk.String("us-east-1"), ServiceState: sdk.String("Available")},
			{Region: sdk.String("us-west-2"), ServiceState: sdk.String("Closed")},
		},
		PrivateDnsName: sdk.String("api.example.com"),
	}
	principals := []string{"arn:aws:iam::222222222222:root"}
	want := wantedService{
		LoadBalancers:      []string{"lb-1"},
		AcceptanceRequired: true,
		Principals:         []string{"arn:aws:iam::222222222222:root"},
		Regions:            []string{"us-east-1"},
		AddressTypes:       []string{"ipv4"},
		PrivateDNSName:     "api.example.com",
	}
	for _, c := range []struct {
		name   string
		change func(*wantedService)
		plan   []serviceChange
	}{
		{"when everything is as wanted, it changes nothing", func(*wantedService) {}, nil},
		{"when acceptance was switched off, it is required again",
			func(w *wantedService) { w.AcceptanceRequired = false }, []serviceChange{setAcceptance{false}}},
		{"when a load balancer is exchanged, it adds and removes in one change",
			func(w *wantedService) { w.LoadBalancers = []string{"lb-2"} },
			[]serviceChange{editLoadBalancers{sets.Edit{Add: []string{"lb-2"}, Remove: []string{"lb-1"}}}}},
		{"when another address type is wanted, it adds it",
			func(w *wantedService) { w.AddressTypes = []string{"ipv4", "ipv6"} },
			[]serviceChange{editAddressTypes{sets.Edit{Add: []string{"ipv6"}}}}},
		{"when a closed region is wanted, it opens it",
			func(w *wantedService) { w.Regions = []string{"us-east-1", "us-west-2"} },
			[]serviceChange{editRegions{sets.Edit{Add: []string{"us-west-2"}}}}},
		{"when no further region is wanted, it leaves the service's own open",
			func(w *wantedService) { w.Regions = nil },
			[]serviceChange{editRegions{sets.Edit{Remove: []string{"us-east-1"}}}}},
		{"when no private DNS name is wanted, it takes the name away",
			func(w *wantedService) { w.PrivateDNSName = "" }, []serviceChange{setPrivateDNSName{}}},
		{"when principals differ, it puts them right",
			func(w *wantedService) { w.Principals = []string{"*"} },
			[]serviceChange{editPrincipals{sets.Edit{Add: []string{"*"}, Remove: principals}}}},
		{"when much differs, acceptance comes first and principals last",
			func(w *wantedService) { w.AcceptanceRequired, w.PrivateDNSName, w.Principals = false, "", nil },
			[]serviceChange{setAcceptance{false}, setPrivateDNSName{}, editPrincipals{sets.Edit{Remove: principals}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := want
			c.change(&w)
			if got := planService(home, have, principals, w); !reflect.DeepEqual(got, c.plan) {
				t.Errorf("plan = %v, want %v", got, c.plan)
			}
		})
	}
}

func TestWantServiceFillsInTheDefaults(t *testing.T) {
	got := wantService(&link.AWSEndpointService{SupportedRegions: []string{"eu-west-1", "us-east-1"}}, []string{"lb"}, "eu-west-1")
	want := wantedService{
		LoadBalancers: []string{"lb"}, AcceptanceRequired: true, Regions: []string{"us-east-1"}, AddressTypes: []string{"ipv4"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("wantService = %+v, want %+v", got, want)
	}
}

func TestEditShowsItself(t *testing.T) {
	if got := (sets.Edit{Add: []string{"b", "c"}, Remove: []string{"a"}}).String(); got != "+b +c -a" {
		t.Errorf("edit = %q", got)
	}
}

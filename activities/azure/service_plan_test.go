package azure

import (
	"cmp"
	"slices"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/internal/link"
)

const (
	network   = "/subscriptions/11111111-0000-4000-8000-000000000001/resourceGroups/services/providers/Microsoft.Network/"
	frontend  = network + "loadBalancers/internal/frontendIPConfigurations/api"
	natSubnet = network + "virtualNetworks/main/subnets/nat"
)

func TestPlanService(t *testing.T) {
	want := wantedService{
		Location: "westeurope", Frontends: []string{frontend}, Subnet: natSubnet, Count: 1,
		Visibility: []string{consumerSubscription}, AccessMode: "Default", Owner: serviceFlow, Tags: map[string]string{"team": "payments"},
	}
	standing := planService(nil, want).Service
	for _, c := range []struct {
		name    string
		observe func(*armnetwork.PrivateLinkService)
		want    func(*wantedService)
		changes []string
		cannot  []string
	}{
		{name: "when it is as wanted, nothing is done"},
		{name: "when Azure writes ids and regions in another way, nothing is done", observe: func(p *armnetwork.PrivateLinkService) {
			p.Location = new("West Europe")
			p.Properties.LoadBalancerFrontendIPConfigurations[0].ID = new("/subscriptions/11111111-0000-4000-8000-000000000001/resourcegroups/SERVICES/providers/microsoft.network/loadbalancers/Internal/frontendipconfigurations/API")
		}},
		{name: "when somebody has put a tag on it, that stays", observe: func(p *armnetwork.PrivateLinkService) { p.Tags["theirs"] = new("x") }},
		{name: "when another subscription is to see it, it does", want: func(w *wantedService) { w.Visibility = append(w.Visibility, providerSubscription) },
			changes: []string{"visibility +" + providerSubscription}},
		{name: "when everything that can be is another, all is changed at once", want: func(w *wantedService) {
			w.Visibility, w.AutoApproval, w.FQDNs, w.ProxyProtocol, w.AccessMode = []string{"*"}, []string{"*"}, []string{"k.example.com"}, true, "Restricted"
			w.Count, w.Tags = 2, map[string]string{"team": "other"}
		}, changes: []string{"NAT addresses +nat-2", "visibility +* -" + consumerSubscription, "automatic approval +*", "domain names +k.example.com", "proxy protocol on", "access mode Restricted", "tags"}},
		{name: "when its last change has failed, it is made again", observe: func(p *armnetwork.PrivateLinkService) {
			p.Properties.ProvisioningState = new(armnetwork.ProvisioningStateFailed)
		}, changes: []string{"its last change has failed, and is made again"}},
		{name: "when other frontends are wanted, that cannot be", want: func(w *wantedService) { w.Frontends = []string{frontend + "2"} },
			cannot: []string{"frontends +" + frontend + "2 -" + frontend}},
		{name: "when it is elsewhere, that cannot be", want: func(w *wantedService) { w.Location = "northeurope" }, cannot: []string{"it is in westeurope, not in northeurope"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			have := copyOf(standing)
			if c.observe != nil {
				c.observe(&have)
			}
			want := want
			if c.want != nil {
				c.want(&want)
			}
			plan := planService(&have, want)
			if !slices.Equal(texts(plan.Changes), c.changes) || !slices.Equal(texts(plan.Cannot), c.cannot) {
				t.Errorf("it changes %q, and cannot %q", texts(plan.Changes), texts(plan.Cannot))
			}
			if len(plan.Cannot) > 0 {
				return
			}
			if again := planService(&plan.Service, want); len(again.Changes) > 0 {
				t.Errorf("once that is done, it changes %q", texts(again.Changes))
			}
		})
	}
}

// TestDifferencesOfServices is about what kind they are of, and whether to set them right lets somebody in; and what is
// left of them for a narrow request.
func TestDifferencesOfServices(t *testing.T) {
	const a, b = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000001"
	for _, c := range []struct {
		name       string
		have, want wantedService
		all        []link.Difference
		narrow     []link.Difference
	}{
		{name: "when somebody sees it who is not to, and somebody does not who is, these are two things",
			have: wantedService{Visibility: []string{a}}, want: wantedService{Visibility: []string{b}},
			all:    []link.Difference{{Kind: link.DriftPrincipals, Text: "visibility +" + b, Widens: true}, {Kind: link.DriftPrincipals, Text: "visibility -" + a}},
			narrow: []link.Difference{{Kind: link.DriftPrincipals, Text: "visibility -" + a}}},
		{name: "when everyone sees it, to let some alone see it lets nobody in",
			have: wantedService{Visibility: []string{"*"}}, want: wantedService{Visibility: []string{b}},
			all:    []link.Difference{{Kind: link.DriftPrincipals, Text: "visibility +" + b + " -*"}},
			narrow: []link.Difference{{Kind: link.DriftPrincipals, Text: "visibility +" + b + " -*"}}},
		{name: "when some alone see it, to let everyone see it shuts nobody out",
			have: wantedService{Visibility: []string{a}}, want: wantedService{Visibility: []string{"*"}},
			all: []link.Difference{{Kind: link.DriftPrincipals, Text: "visibility +* -" + a, Widens: true}}},
		{name: "when somebody is let in without being asked, that is taken back",
			have: wantedService{Visibility: []string{a, b}, AutoApproval: []string{a}}, want: wantedService{Visibility: []string{a, b}, AutoApproval: []string{b}},
			all:    []link.Difference{{Kind: link.DriftAutoApproval, Text: "automatic approval +" + b, Widens: true}, {Kind: link.DriftAutoApproval, Text: "automatic approval -" + a}},
			narrow: []link.Difference{{Kind: link.DriftAutoApproval, Text: "automatic approval -" + a}}},
		{name: "when it is restricted to those who see it, to lift that lets others in",
			have: wantedService{AccessMode: "Restricted"}, want: wantedService{AccessMode: "Default"},
			all: []link.Difference{{Kind: link.DriftSettings, Text: "access mode Default", Widens: true}}},
		{name: "when it is to be restricted, that shuts others out",
			have: wantedService{AccessMode: "Default"}, want: wantedService{AccessMode: "Restricted"},
			all:    []link.Difference{{Kind: link.DriftSettings, Text: "access mode Restricted"}},
			narrow: []link.Difference{{Kind: link.DriftSettings, Text: "access mode Restricted"}}},
		{name: "when it is offered under other names, in another way or without a tag, that concerns nobody's access",
			have: wantedService{}, want: wantedService{FQDNs: []string{"k.example.com"}, ProxyProtocol: true, Tags: map[string]string{"team": "x"}},
			all: []link.Difference{
				{Kind: link.DriftPrivateDNSName, Text: "domain names +k.example.com"}, {Kind: link.DriftSettings, Text: "proxy protocol on"}, {Kind: link.DriftTags, Text: "tags"},
			},
			narrow: []link.Difference{
				{Kind: link.DriftPrivateDNSName, Text: "domain names +k.example.com"}, {Kind: link.DriftSettings, Text: "proxy protocol on"}, {Kind: link.DriftTags, Text: "tags"},
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.have.AccessMode, c.want.AccessMode = cmp.Or(c.have.AccessMode, "Default"), cmp.Or(c.want.AccessMode, "Default")
			have := planService(nil, c.have).Service
			if got := planService(&have, c.want).Changes; !slices.Equal(got, c.all) {
				t.Errorf("they are %+v", got)
			}
			c.want.Narrow = true
			plan := planService(&have, c.want)
			if !slices.Equal(plan.Changes, c.narrow) {
				t.Errorf("for a narrow request, they are %+v", plan.Changes)
			}
			if again := planService(&plan.Service, c.want); len(again.Changes) > 0 {
				t.Errorf("once the narrow request is carried out, it changes %q", texts(again.Changes))
			}
		})
	}
	if made := planService(nil, wantedService{Visibility: []string{a}, Narrow: true}).Service; !slices.Equal(subscriptions(made.Properties.Visibility), []string{a}) {
		t.Errorf("one that is missing altogether is made for %v", subscriptions(made.Properties.Visibility))
	}
}

// copyOf is a service that can be changed without the other.
func copyOf(p armnetwork.PrivateLinkService) armnetwork.PrivateLinkService {
	var c armnetwork.PrivateLinkService
	data, err := p.MarshalJSON()
	if err == nil {
		err = c.UnmarshalJSON(data)
	}
	if err != nil {
		panic(err)
	}
	return c
}

func TestChooseFrontends(t *testing.T) {
	internal := func(name, address string) *armnetwork.FrontendIPConfiguration {
		return &armnetwork.FrontendIPConfiguration{
			ID: new(network + "loadBalancers/internal/frontendIPConfigurations/" + name), Name: &name,
			Properties: &armnetwork.FrontendIPConfigurationPropertiesFormat{PrivateIPAddress: &address, Subnet: &armnetwork.Subnet{ID: new(natSubnet)}},
		}
	}
	public := internal("public", "")
	public.Properties.Subnet, public.Properties.PublicIPAddress = nil, &armnetwork.PublicIPAddress{}
	balancer := armnetwork.LoadBalancer{
		Name: new("internal"), Location: new("westeurope"), SKU: &armnetwork.LoadBalancerSKU{Name: new(armnetwork.LoadBalancerSKUNameStandard)},
		Properties: &armnetwork.LoadBalancerPropertiesFormat{FrontendIPConfigurations: []*armnetwork.FrontendIPConfiguration{
			internal("api", "10.1.0.10"), internal("a0a1b2c3d4e5f67890a1b2c3d4e5f678-nodes", "10.1.0.11"), public,
		}},
	}
	ids := func(names ...string) link.AzureFrontends {
		var f link.AzureFrontends
		for _, name := range names {
			f.IDs = append(f.IDs, network+"loadBalancers/internal/frontendIPConfigurations/"+name)
		}
		return f
	}
	for _, c := range []struct {
		name   string
		change func(*armnetwork.LoadBalancer)
		want   link.AzureFrontends
		region string
		found  string // the name of the first
		reason link.Reason
	}{
		{name: "when it is named, it is found, in whatever case", want: ids("API"), found: "api"},
		{name: "when a Service is known by its address, its frontend is found", want: link.AzureFrontends{Kubernetes: &link.AzureKubernetesFrontend{Address: "10.1.0.11"}}, found: "a0a1b2c3d4e5f67890a1b2c3d4e5f678-nodes"},
		{name: "when a Service is known by its UID, its frontend is found, its subnet behind it", want: link.AzureFrontends{Kubernetes: &link.AzureKubernetesFrontend{UID: serviceUID}}, found: "a0a1b2c3d4e5f67890a1b2c3d4e5f678-nodes"},
		{name: "when one of those named is missing, it says so", want: ids("api", "none"), reason: link.ReasonLoadBalancerNotReady},
		{name: "when the Service has none yet, it says so", want: link.AzureFrontends{Kubernetes: &link.AzureKubernetesFrontend{Address: "10.1.0.99"}}, reason: link.ReasonLoadBalancerNotReady},
		{name: "when it is public, it says so", want: ids("public"), reason: link.ReasonLoadBalancerNotReady},
		{name: "when the load balancer is of the Basic SKU, it says so", want: ids("api"), reason: link.ReasonLoadBalancerNotReady,
			change: func(b *armnetwork.LoadBalancer) {
				b.SKU = &armnetwork.LoadBalancerSKU{Name: new(armnetwork.LoadBalancerSKUNameBasic)}
			}},
		{name: "when the load balancer is elsewhere, it says so", want: ids("api"), region: "northeurope", reason: link.ReasonLoadBalancerNotReady},
	} {
		t.Run(c.name, func(t *testing.T) {
			balancer := balancer
			if c.change != nil {
				c.change(&balancer)
			}
			region := c.region
			if region == "" {
				region = "westeurope"
			}
			found, p := chooseFrontends(balancer, c.want, region)
			switch {
			case c.reason != "" && (p == nil || p.Reason != c.reason):
				t.Errorf("it finds %q, and the problem is %+v", found, p)
			case c.reason == "" && (p != nil || len(found) != 1 || nameOf(found[0]) != c.found):
				t.Errorf("it finds %q, and the problem is %+v", found, p)
			}
		})
	}
}

func TestKubernetesNameIsNoLongerThanTheCloudControllersAre(t *testing.T) {
	if got := kubernetesName(serviceUID); got != "a0a1b2c3d4e5f67890a1b2c3d4e5f678" {
		t.Errorf("it is %q", got)
	}
}

package azure

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/sets"
	"github.com/linkwright/linkwright/internal/link"
)

// wantedService is what a spec comes to, once its frontends are found and its defaults filled in.
type wantedService struct {
	Location      string
	Frontends     []string // resource ids
	Subnet        string
	Addresses     []string // static ones, the primary first
	Count         int      // of those that Azure picks, besides
	Visibility    []string
	AutoApproval  []string
	FQDNs         []string
	ProxyProtocol bool
	AccessMode    string
	Owner         activities.Owner
	Tags          map[string]string
	// Narrow leaves whoever is kept out of a service that is there where they are.
	Narrow bool
}

func wantService(req activities.EnsureServiceRequest, frontends []string) wantedService {
	spec := req.Spec.Azure
	w := wantedService{
		Location: req.Region, Frontends: sets.Sorted(normals(frontends)), Subnet: normal(spec.NAT.Subnet), Addresses: spec.NAT.Addresses,
		Visibility: spec.Visibility, AutoApproval: spec.AutoApproval, FQDNs: spec.FQDNs, ProxyProtocol: spec.ProxyProtocol,
		AccessMode: string(cmp.Or(spec.AccessMode, link.AccessDefault)), Owner: req.Owner, Tags: spec.Tags, Narrow: req.Narrow,
	}
	total := max(len(w.Addresses), 1)
	if spec.NAT.Count != nil {
		total = int(*spec.NAT.Count)
	}
	w.Count = max(total-len(w.Addresses), 0)
	return w
}

// servicePlan is what makes a service as wanted: one write of the whole, or, where Azure cannot change what is there,
// another service in its place.
type servicePlan struct {
	// Changes are what the write changes; none when nothing is to be written.
	Changes []link.Difference
	// Cannot is what Azure cannot change in place; none when it can change all.
	Cannot []link.Difference
	// Withheld says that a narrow request leaves somebody kept out whom the spec lets in.
	Withheld bool
	// Service is the whole, as it is to be written.
	Service armnetwork.PrivateLinkService
}

// planService compares a service with what is wanted; nil stands for one that is not there:
//
//	observed                              what is done
//	---------------------------------------------------------------------
//	nothing                               made
//	its last change has failed            written again
//	other visibility, auto-approval,
//	  domain names, proxy protocol,
//	  access mode, tags                   changed
//	fewer NAT addresses than wanted       the missing ones added
//	one NAT address, and another wanted   another one in its place
//	several, and some not wanted          cannot: none of several can be taken away
//	other frontends                       cannot
//	another location                      cannot
//
// (Azure Private Link, "What is Azure Private Link service?", Properties and Limitations; Private Link Services REST API
// reference, Create Or Update, which replaces the whole.) What a person has put beside what is wanted, such as other
// tags, stays.
func planService(have *armnetwork.PrivateLinkService, want wantedService) servicePlan {
	if have == nil || have.Properties == nil {
		nat, _ := planNAT(nil, want)
		return servicePlan{Changes: []link.Difference{{Kind: link.DriftServiceGone, Text: "service made"}}, Service: want.service(nil, nat)}
	}
	var p servicePlan
	if want.Narrow {
		want, p.Withheld = want.narrowed(*have.Properties)
	}
	there := have.Properties
	if l := regionOf(value(have.Location)); l != want.Location {
		p.cannot(link.DriftSettings, fmt.Sprintf("it is in %s, not in %s", l, want.Location))
	}
	if e := sets.Diff(frontendsOf(*have), want.Frontends); !e.Empty() {
		p.cannot(link.DriftLoadBalancers, "frontends "+e.String())
	}
	nat, cannot := planNAT(natOf(*have), want)
	if cannot != "" {
		p.cannot(link.DriftSettings, cannot)
	} else if e := sets.Diff(shownNAT(natOf(*have)), shownNAT(nat)); !e.Empty() {
		p.change(link.DriftSettings, "NAT addresses "+e.String())
	}
	p.Changes = append(p.Changes, planAdmission(link.DriftPrincipals, "visibility ", subscriptions(there.Visibility), want.Visibility)...)
	p.Changes = append(p.Changes, planAdmission(link.DriftAutoApproval, "automatic approval ", approved(there.AutoApproval), want.AutoApproval)...)
	if e := sets.Diff(values(there.Fqdns), want.FQDNs); !e.Empty() {
		p.change(link.DriftPrivateDNSName, "domain names "+e.String())
	}
	if value(there.EnableProxyProtocol) != want.ProxyProtocol {
		p.change(link.DriftSettings, map[bool]string{true: "proxy protocol on", false: "proxy protocol off"}[want.ProxyProtocol])
	}
	if mode := accessMode(*there); !is(mode, want.AccessMode) {
		p.Changes = append(p.Changes, link.Difference{
			Kind: link.DriftSettings, Text: "access mode " + want.AccessMode, Widens: is(want.AccessMode, string(link.AccessDefault)),
		})
	}
	if !sameTags(have.Tags, tagged(have.Tags, want.Owner, want.Tags)) {
		p.change(link.DriftTags, map[bool]string{true: "tags", false: "ownership tag"}[ownerOf(have.Tags) == want.Owner])
	}
	if failed(there.ProvisioningState) {
		p.change(link.DriftSettings, "its last change has failed, and is made again")
	}
	p.Service = want.service(have, nat)
	return p
}

func (p *servicePlan) change(kind link.DriftKind, text string) {
	p.Changes = append(p.Changes, link.Difference{Kind: kind, Text: text})
}

func (p *servicePlan) cannot(kind link.DriftKind, text string) {
	p.Cannot = append(p.Cannot, link.Difference{Kind: kind, Text: text})
}

// texts are differences as people read them.
func texts(differences []link.Difference) []string {
	var all []string
	for _, d := range differences {
		all = append(all, d.Text)
	}
	return all
}

// service is the whole of a service as it is to be written.
func (w wantedService) service(have *armnetwork.PrivateLinkService, nat []natAddress) armnetwork.PrivateLinkService {
	next := armnetwork.PrivateLinkService{Location: &w.Location, Properties: &armnetwork.PrivateLinkServiceProperties{}}
	if have != nil {
		there := *have.Properties
		there.Alias, there.NetworkInterfaces, there.PrivateEndpointConnections, there.ProvisioningState = nil, nil, nil, nil // Azure's
		next.Location, next.ExtendedLocation, next.Tags, next.Properties = have.Location, have.ExtendedLocation, have.Tags, &there
	}
	next.Tags = tagged(next.Tags, w.Owner, w.Tags)
	p := next.Properties
	p.LoadBalancerFrontendIPConfigurations = nil
	for _, id := range w.Frontends {
		p.LoadBalancerFrontendIPConfigurations = append(p.LoadBalancerFrontendIPConfigurations, &armnetwork.FrontendIPConfiguration{ID: &id})
	}
	p.IPConfigurations = nil
	for _, a := range nat {
		p.IPConfigurations = append(p.IPConfigurations, a.configuration())
	}
	p.Visibility = &armnetwork.PrivateLinkServicePropertiesVisibility{Subscriptions: pointers(slices.Clone(w.Visibility))}
	p.AutoApproval = &armnetwork.PrivateLinkServicePropertiesAutoApproval{Subscriptions: pointers(slices.Clone(w.AutoApproval))}
	p.Fqdns = pointers(slices.Clone(w.FQDNs))
	p.EnableProxyProtocol = &w.ProxyProtocol
	p.AccessMode = new(armnetwork.AccessMode(w.AccessMode))
	return next
}

// shown says what a service that is made will be like.
func (w wantedService) shown() []string {
	nat := fmt.Sprintf("NAT addresses in %s: %d", w.Subnet, w.Count)
	if len(w.Addresses) > 0 {
		nat = "NAT addresses " + strings.Join(w.Addresses, ", ") + " in " + w.Subnet
		if w.Count > 0 {
			nat += fmt.Sprintf(", and %d more", w.Count)
		}
	}
	lines := []string{"behind " + strings.Join(w.Frontends, ", "), nat}
	for _, list := range []struct {
		what  string
		items []string
	}{{"visible to ", w.Visibility}, {"let in without being asked: ", w.AutoApproval}, {"domain names ", w.FQDNs}} {
		if len(list.items) > 0 {
			lines = append(lines, list.what+strings.Join(list.items, ", "))
		}
	}
	if w.ProxyProtocol {
		lines = append(lines, "a PROXY protocol header before each connection, also of health probes")
	}
	return lines
}

// accessMode is whether a service can be seen by those that it is visible to alone.
func accessMode(p armnetwork.PrivateLinkServiceProperties) string {
	return cmp.Or(string(value(p.AccessMode)), string(link.AccessDefault))
}

func frontendsOf(p armnetwork.PrivateLinkService) []string {
	var ids []string
	for _, f := range values(p.Properties.LoadBalancerFrontendIPConfigurations) {
		ids = append(ids, normal(value(f.ID)))
	}
	return ids
}

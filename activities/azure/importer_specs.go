package azure

import (
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// finding turns what Azure says into specs. A private link service is named as one that is there, which Linkwright never
// changes; a private endpoint is taken over. What carries an ownership tag, or is over, is left out, and so is, unless it
// was asked for, what another tool manages.
type finding struct {
	activities.DiscoverRequest
	found activities.Discovered
}

func (f *finding) service(p armnetwork.PrivateLinkService) {
	view, region := serviceView(p), regionOf(value(p.Location))
	if f.Region != "" && f.Region != region {
		return
	}
	tool := activities.ManagedBy(plainTags(p.Tags))
	if why := f.why(ownerOf(p.Tags), view.State.Over(), string(view.State), tool); why != "" {
		f.leaveOut(link.KindPrivateLinkService, view.ID, view.Name, region, ownerOf(p.Tags), why)
		return
	}
	found := activities.FoundService{
		ID: view.ID, Name: view.Name, Called: value(p.Name), Remarks: described(p),
		Spec: link.EndpointServiceSpec{Account: f.Account, Region: region, Azure: &link.AzureEndpointService{PrivateLinkService: value(p.ID)}},
	}
	if tool != "" {
		found.Remarks = append(found.Remarks, "managed by "+tool+", which goes on with that: Linkwright lets connections in and turns them away")
	}
	f.found.Services = append(f.found.Services, found)
}

func (f *finding) endpoint(e armnetwork.PrivateEndpoint) {
	view, region, asked := endpointView(e), regionOf(value(e.Location)), requestOf(e).service
	if f.Region != "" && f.Region != region {
		return
	}
	tool := activities.ManagedBy(plainTags(e.Tags))
	if why := f.why(ownerOf(e.Tags), view.State.Over(), string(view.State), tool); why != "" {
		f.leaveOut(link.KindPrivateEndpoint, view.ID, asked, region, ownerOf(e.Tags), why)
		return
	}
	spec := &link.AzureConnection{PrivateEndpoint: value(e.ID), AllowManaged: tool != ""}
	if e.Properties != nil && e.Properties.Subnet != nil {
		spec.Subnet = value(e.Properties.Subnet.ID)
	}
	found := activities.FoundEndpoint{
		ID: view.ID, Called: value(e.Name), Service: asked,
		Spec: link.ConnectionSpec{Account: f.Account, Region: region, Azure: spec},
	}
	if tool != "" {
		found.Remarks = append(found.Remarks, activities.TakenFromTool(tool))
	}
	f.found.Endpoints = append(f.found.Endpoints, found)
}

// why is why something has no spec; empty when it has one.
func (f *finding) why(owner activities.Owner, over bool, state, tool string) string {
	switch {
	case owner != "":
		return activities.LeftToOwner(owner)
	case over:
		return "it is " + state
	case tool != "" && !f.IncludeManaged:
		return activities.LeftToTool(tool)
	}
	return ""
}

func (f *finding) leaveOut(kind, id, serviceName, region string, owner activities.Owner, why string) {
	f.found.LeftOut = append(f.found.LeftOut, link.LeftOut{
		Kind: kind, ID: id, ServiceName: serviceName, Account: f.Account, Region: region, Owner: string(owner), Why: why,
	})
}

// described says how a private link service is made, which a spec that names one does not.
func described(p armnetwork.PrivateLinkService) []string {
	if p.Properties == nil {
		return nil
	}
	var frontends, addresses, lines []string
	for _, f := range values(p.Properties.LoadBalancerFrontendIPConfigurations) {
		frontends = append(frontends, value(f.ID))
	}
	for _, c := range values(p.Properties.IPConfigurations) {
		if c.Properties != nil && c.Properties.Subnet != nil {
			addresses = append(addresses, strings.TrimSpace(value(c.Properties.PrivateIPAddress)+" in "+value(c.Properties.Subnet.ID)))
		}
	}
	for _, part := range []struct {
		what  string
		items []string
	}{
		{"alias", []string{value(p.Properties.Alias)}}, {"frontends", frontends}, {"addresses", addresses},
		{"visibility", subscriptions(p.Properties.Visibility)}, {"let in by Azure itself", approved(p.Properties.AutoApproval)},
		{"FQDNs", values(p.Properties.Fqdns)}, {"access mode", []string{string(value(p.Properties.AccessMode))}},
	} {
		if text := strings.Join(part.items, ", "); text != "" {
			lines = append(lines, part.what+": "+text)
		}
	}
	if value(p.Properties.EnableProxyProtocol) {
		lines = append(lines, "PROXY protocol: on")
	}
	return append(lines, fmt.Sprintf("connections: %d", len(p.Properties.PrivateEndpointConnections)))
}

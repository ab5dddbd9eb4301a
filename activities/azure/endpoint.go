package azure

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// endpointFound is what there is of the endpoint of a spec, and what becomes of it.
type endpointFound struct {
	id   link.AzureID
	have *armnetwork.PrivateEndpoint // nil when there is none
	fate endpointFate
	why  string
	// blockedOn is what kind of drift it would be, should an error be in the way of an endpoint that was made once.
	blockedOn link.DriftKind
}

// lookForEndpoint finds the endpoint of a spec: by the id that it names, or else by its own name. The one that the flow
// knows is its own also without a tag, but only to be kept.
func (s *site) lookForEndpoint(ctx context.Context, req activities.EnsureEndpointRequest) (endpointFound, error) {
	want := req.Spec.Azure
	found := endpointFound{id: s.idOf(typeEndpoint, want.ResourceGroup, endpointName(req)), blockedOn: link.DriftEndpointGone}
	var err error
	if want.PrivateEndpoint != "" {
		if found.id, err = s.own(want.PrivateEndpoint, typeEndpoint); err != nil {
			return found, err
		}
	}
	there, err := s.readEndpoint(ctx, found.id)
	switch {
	case notThere(err):
		return found, nil
	case err != nil:
		return found, s.failed(err)
	}
	found.have = &there
	owner := ownerOf(there.Tags)
	known := want.PrivateEndpoint != "" || link.SameAzureID(found.id.String(), req.Known)
	if owner != req.Owner && (owner != "" || !known) {
		return found, s.blocked(notOurs("private endpoint "+found.id.String(), req.Owner, owner), nil)
	}
	if err := s.checkNetwork(there, req); err != nil {
		found.blockedOn = link.DriftSubnets
		return found, err
	}
	found.blockedOn = link.DriftConnection
	if want.PrivateEndpoint != "" {
		if tool := activities.ManagedBy(plainTags(there.Tags)); tool != "" && owner == "" && !want.AllowManaged {
			return found, s.blocked(activities.ManagedElsewhere("private endpoint "+found.id.String(), tool, "azure"), nil)
		}
		return found, s.checkNamed(found, req)
	}
	found.fate, found.why = judgeEndpoint(there, namesOf(req), want.OnDisconnected)
	if owner != req.Owner && found.fate == replaceEndpoint {
		return found, s.blocked(notOurs("private endpoint "+found.id.String(), req.Owner, ""), nil)
	}
	return found, nil
}

// checkNetwork blocks when an endpoint is not in the subnet of the spec, or in another region: it cannot be moved.
func (s *site) checkNetwork(e armnetwork.PrivateEndpoint, req activities.EnsureEndpointRequest) error {
	var subnet string
	if e.Properties != nil && e.Properties.Subnet != nil {
		subnet = value(e.Properties.Subnet.ID)
	}
	at := regionOf(value(e.Location))
	if link.SameAzureID(subnet, req.Spec.Azure.Subnet) && at == req.Region {
		return nil
	}
	return s.blocked(link.Problem{
		Reason:  link.ReasonNetworkMismatch,
		Message: fmt.Sprintf("private endpoint %s is in %s, subnet %s; not in %s, subnet %s", value(e.Name), at, subnet, req.Region, req.Spec.Azure.Subnet),
		Remedy:  "correct the spec's subnet or region, or disconnect and connect anew",
	}, nil)
}

// checkNamed makes sure that an endpoint which the spec names is one to the service, and alive. It is not replaced: how
// it was made is its owner's to say.
func (s *site) checkNamed(found endpointFound, req activities.EnsureEndpointRequest) error {
	state := endpointView(*found.have).State
	p := link.Problem{Reason: link.ReasonEndpointFailed, Remedy: nameAnotherEndpoint}
	switch {
	case state == activities.EndpointDisconnected:
		p.Reason = link.ReasonEndpointDisconnected
		p.Message = fmt.Sprintf("private endpoint %s, which the spec names, is disconnected: the private link service, or the connection there, is gone", found.id)
	case state.Over():
		p.Message = fmt.Sprintf("private endpoint %s, which the spec names, is %s", found.id, state)
	case !leadsTo(*found.have, namesOf(req)):
		p.Reason = link.ReasonNetworkMismatch
		p.Message = fmt.Sprintf("private endpoint %s leads to %s, not to %s", found.id, requestOf(*found.have).service, req.ServiceName)
	default:
		return nil
	}
	return s.blocked(p, nil)
}

const nameAnotherEndpoint = "apply a spec that names another private endpoint, or a resourceGroup so that one is made"

func endpointMissing(id string) link.Problem {
	return link.Problem{
		Reason:  link.ReasonEndpointFailed,
		Message: "private endpoint " + id + ", which the spec names, does not exist",
		Remedy:  nameAnotherEndpoint,
	}
}

// endpointDisconnected is the problem of an endpoint that has lost its service, and that is not to be replaced.
func endpointDisconnected(id link.AzureID, why string) link.Problem {
	return link.Problem{
		Reason:  link.ReasonEndpointDisconnected,
		Message: "private endpoint " + id.String() + " is of no use any more: " + why,
		Remedy:  "set azure.onDisconnected to replace, and it is made anew and asks for approval again; or disconnect the connection",
	}
}

// endpoint looks at one endpoint; gone when it does not exist.
func (s *site) endpoint(ctx context.Context, id string) (armnetwork.PrivateEndpoint, error) {
	parsed, err := s.own(id, typeEndpoint)
	if err != nil {
		return armnetwork.PrivateEndpoint{}, err
	}
	there, err := s.readEndpoint(ctx, parsed)
	switch {
	case notThere(err):
		return armnetwork.PrivateEndpoint{}, s.gone(ctx, "private endpoint "+id, err)
	case err != nil:
		return armnetwork.PrivateEndpoint{}, s.failed(err)
	}
	return there, nil
}

// endpoints lists the subscription's endpoints to the last page.
func (s *site) endpoints(ctx context.Context) ([]armnetwork.PrivateEndpoint, error) {
	var all []armnetwork.PrivateEndpoint
	for pages := s.Endpoints.NewListBySubscriptionPager(nil); pages.More(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, values(page.Value)...)
	}
	return all, nil
}

// interfaces lists the network interfaces of a resource group to the last page.
func (s *site) interfaces(ctx context.Context, group string) ([]armnetwork.Interface, error) {
	var all []armnetwork.Interface
	for pages := s.Interfaces.NewListPager(group, nil); pages.More(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, values(page.Value)...)
	}
	return all, nil
}

// deleteEndpoint asks for an endpoint's deletion; nothing happens when it is gone.
func (s *site) deleteEndpoint(ctx context.Context, e armnetwork.PrivateEndpoint, what string) error {
	id, err := s.own(value(e.ID), typeEndpoint)
	if err != nil {
		return err
	}
	if e.Properties != nil && leaving(e.Properties.ProvisioningState) {
		return s.removing(ctx, "private endpoint "+id.Name()+" is being deleted")
	}
	poller, err := s.Endpoints.BeginDelete(ctx, id.ResourceGroup, id.Name(), nil)
	if notThere(err) {
		return s.removing(ctx, "private endpoint "+id.Name()+" is deleted")
	}
	if err := begun(ctx, s, deleteEndpoint, what, poller, err); err != nil {
		return err
	}
	return s.removing(ctx, "private endpoint "+id.Name()+" is deleted")
}

// addresses are the private addresses of an endpoint's network interfaces, in the order of their texts. Where Azure
// shows no interface, those that it gives for DNS are the same.
func (s *site) addresses(ctx context.Context, e armnetwork.PrivateEndpoint) ([]activities.Address, error) {
	var all []activities.Address
	for _, id := range endpointView(e).Interfaces {
		parsed, ok := link.ParseAzureID(id)
		if !ok {
			continue
		}
		there, err := s.readInterface(ctx, parsed)
		switch {
		case notThere(err):
			continue // seen again when it is there
		case err != nil:
			return nil, err
		}
		all = append(all, interfaceAddresses(id, there)...)
	}
	if len(all) == 0 && e.Properties != nil {
		for _, d := range values(e.Properties.CustomDNSConfigs) {
			for _, ip := range values(d.IPAddresses) {
				all = append(all, activities.Address{IP: ip})
			}
		}
	}
	slices.SortFunc(all, func(a, b activities.Address) int { return strings.Compare(a.IP, b.IP) })
	return slices.CompactFunc(all, func(a, b activities.Address) bool { return a.IP == b.IP }), nil
}

func interfaceAddresses(id string, i armnetwork.Interface) []activities.Address {
	if i.Properties == nil {
		return nil
	}
	var all []activities.Address
	for _, c := range values(i.Properties.IPConfigurations) {
		if c.Properties == nil || value(c.Properties.PrivateIPAddress) == "" {
			continue
		}
		a := activities.Address{IP: *c.Properties.PrivateIPAddress, Interface: id}
		if c.Properties.Subnet != nil {
			a.Subnet = normal(value(c.Properties.Subnet.ID))
		}
		all = append(all, a)
	}
	return all
}

package azure

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/internal/link"
)

// natSubnet looks at the subnet of the spec.
func (s *site) natSubnet(ctx context.Context, id string) (*armnetwork.Subnet, error) {
	subnet, err := s.own(id, typeSubnet)
	if err != nil {
		return nil, err
	}
	there, err := s.Subnets.Get(ctx, subnet.ResourceGroup, subnet.Names[0], subnet.Name(), nil)
	switch {
	case notThere(err):
		return nil, s.blocked(link.Problem{
			Reason: link.ReasonNetworkMismatch, Call: callOf(err),
			Message: "there is no subnet " + id,
			Remedy:  "name a subnet that exists, in the virtual network of the load balancer",
		}, err)
	case err != nil:
		return nil, s.failed(err)
	}
	return &there.Subnet, nil
}

// policiesOff reports whether a private link service can have addresses in a subnet (Azure Private Link, "Manage network
// policies for private link services").
func policiesOff(subnet armnetwork.Subnet) bool {
	return subnet.Properties != nil && is(string(value(subnet.Properties.PrivateLinkServiceNetworkPolicies)),
		string(armnetwork.VirtualNetworkPrivateLinkServiceNetworkPoliciesDisabled))
}

// switchPoliciesOff writes a subnet as it was read, but for its network policies for private link services: a write
// replaces the whole (Subnets REST API reference, Create Or Update), so it passes only while nobody else has changed the
// subnet.
func (s *site) switchPoliciesOff(ctx context.Context, id string, have armnetwork.Subnet) error {
	subnet, err := s.own(id, typeSubnet)
	if err != nil {
		return err
	}
	if have.Properties == nil || under(have.Properties.ProvisioningState) {
		return s.pending("subnet " + subnet.Name() + " is being changed")
	}
	p, err := s.Subnets.BeginCreateOrUpdate(ifUnchanged(ctx, have.Etag), subnet.ResourceGroup, subnet.Names[0], subnet.Name(), withoutPolicies(have), nil)
	if err := begun(ctx, s, putSubnet, "switching off network policies for private link services on subnet "+subnet.Name(), p, err); err != nil {
		return err
	}
	return s.soon("network policies are off on subnet " + subnet.Name())
}

// withoutPolicies is a subnet as it is to be written, without what Azure alone says of it.
func withoutPolicies(have armnetwork.Subnet) armnetwork.Subnet {
	p := *have.Properties
	p.IPConfigurationProfiles, p.IPConfigurations, p.PrivateEndpoints, p.ResourceNavigationLinks, p.ServiceAssociationLinks = nil, nil, nil, nil, nil
	p.ProvisioningState, p.Purpose = nil, nil
	p.PrivateLinkServiceNetworkPolicies = new(armnetwork.VirtualNetworkPrivateLinkServiceNetworkPoliciesDisabled)
	return armnetwork.Subnet{ID: have.ID, Name: have.Name, Properties: &p}
}

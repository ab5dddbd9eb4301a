package aws

import (
	"cmp"
	"context"
	"net/netip"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
)

// endpoints lists endpoints to the last page: a page may be empty although another one follows.
func (s *site) endpoints(ctx context.Context, filters ...ec2types.Filter) ([]ec2types.VpcEndpoint, error) {
	if s.seen != nil {
		return s.seen.endpoints.search(func(all ...ec2types.Filter) ([]ec2types.VpcEndpoint, error) { return s.listEndpoints(ctx, all...) }, filters)
	}
	return s.listEndpoints(ctx, filters...)
}

func (s *site) listEndpoints(ctx context.Context, filters ...ec2types.Filter) ([]ec2types.VpcEndpoint, error) {
	var all []ec2types.VpcEndpoint
	pages := ec2.NewDescribeVpcEndpointsPaginator(s.EC2, &ec2.DescribeVpcEndpointsInput{Filters: filters, MaxResults: fullPage})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, page.VpcEndpoints...)
	}
	return all, nil
}

// endpointsOf finds the endpoints that carry the owner's tag.
func (s *site) endpointsOf(ctx context.Context, owner activities.Owner) ([]ec2types.VpcEndpoint, error) {
	found, err := s.endpoints(ctx, ownedBy(owner))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(e ec2types.VpcEndpoint) bool {
		return ownerOf(e.Tags) != owner || endpointState(e.State) == activities.EndpointDeleted
	}), nil
}

// endpoint looks at one endpoint; gone when it does not exist.
func (s *site) endpoint(ctx context.Context, id string) (ec2types.VpcEndpoint, error) {
	e, err := s.listedEndpoint(ctx, id)
	if err != nil {
		return ec2types.VpcEndpoint{}, s.failed(err)
	}
	switch {
	case e == nil:
		return ec2types.VpcEndpoint{}, s.gone(ctx, "endpoint "+id, nil)
	case endpointState(e.State) == activities.EndpointDeleted:
		return ec2types.VpcEndpoint{}, activities.Gone("endpoint "+id+" is deleted", nil)
	}
	return *e, nil
}

// listedEndpoint finds an endpoint in any state; nil when EC2 does not list it.
func (s *site) listedEndpoint(ctx context.Context, id string) (*ec2types.VpcEndpoint, error) {
	found, err := s.endpoints(ctx, filter("vpc-endpoint-id", id))
	if err != nil && !hasCode(err, endpointGone...) {
		return nil, err
	}
	for _, e := range found {
		if sdk.ToString(e.VpcEndpointId) == id {
			return &e, nil
		}
	}
	return nil, nil
}

// onItsWayOut reports whether an endpoint's deletion is under way or done.
func onItsWayOut(e ec2types.VpcEndpoint) bool {
	state := endpointState(e.State)
	return state == activities.EndpointDeleting || state == activities.EndpointDeleted
}

// deleteEndpoint asks for an endpoint's deletion; nothing happens when it is gone.
func (s *site) deleteEndpoint(ctx context.Context, id string) error {
	out, err := s.EC2.DeleteVpcEndpoints(ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{id}})
	if err == nil {
		err = unsuccessful("DeleteVpcEndpoints", out.Unsuccessful, endpointGone...)
	}
	if hasCode(err, endpointGone...) {
		return nil
	}
	if hasCode(err, unauthorized...) {
		// Policies go by the tag, and what is gone has none: a deletion whose answer was lost is refused the next time.
		e, looked := s.listedEndpoint(ctx, id)
		if looked == nil && (e == nil || onItsWayOut(*e)) {
			return nil
		}
	}
	return err
}

// addresses are the private addresses of an endpoint's network interfaces, in the order of their numbers. The
// interfaces are selected by a filter: one that is on its way out is then missing instead of an error.
func (s *site) addresses(ctx context.Context, e ec2types.VpcEndpoint) ([]activities.Address, error) {
	if len(e.NetworkInterfaceIds) == 0 {
		return nil, nil
	}
	found, err := s.interfaces(ctx, filter("network-interface-id", e.NetworkInterfaceIds...))
	if err != nil {
		return nil, err
	}
	var all []activities.Address
	for _, i := range found {
		all = append(all, activities.Address{
			IP:        addressOf(i),
			Zone:      sdk.ToString(i.AvailabilityZone),
			Subnet:    sdk.ToString(i.SubnetId),
			Interface: sdk.ToString(i.NetworkInterfaceId),
		})
	}
	slices.SortFunc(all, func(a, b activities.Address) int { return compareIPs(a.IP, b.IP) })
	return all, nil
}

// interfaces lists network interfaces to the last page.
func (s *site) interfaces(ctx context.Context, filters ...ec2types.Filter) ([]ec2types.NetworkInterface, error) {
	if s.seen != nil {
		return s.seen.interfaces.search(func(all ...ec2types.Filter) ([]ec2types.NetworkInterface, error) {
			return s.listInterfaces(ctx, all...)
		}, filters)
	}
	return s.listInterfaces(ctx, filters...)
}

func (s *site) listInterfaces(ctx context.Context, filters ...ec2types.Filter) ([]ec2types.NetworkInterface, error) {
	var all []ec2types.NetworkInterface
	pages := ec2.NewDescribeNetworkInterfacesPaginator(s.EC2, &ec2.DescribeNetworkInterfacesInput{Filters: filters, MaxResults: fullPage})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, page.NetworkInterfaces...)
	}
	return all, nil
}

// addressOf is an interface's private IPv4 address, or its IPv6 address in a subnet that has nothing else.
func addressOf(i ec2types.NetworkInterface) string {
	if i.PrivateIpAddress == nil && len(i.Ipv6Addresses) > 0 {
		return sdk.ToString(i.Ipv6Addresses[0].Ipv6Address)
	}
	return sdk.ToString(i.PrivateIpAddress)
}

func compareIPs(a, b string) int {
	x, errX := netip.ParseAddr(a)
	y, errY := netip.ParseAddr(b)
	if errX != nil || errY != nil {
		return cmp.Compare(a, b)
	}
	return x.Compare(y)
}

// serviceDetails is what a consumer may know of a service; nil when it is not visible here. The SDK has no
// paginator for this call.
func (s *site) serviceDetails(ctx context.Context, name, region string) (*ec2types.ServiceDetail, error) {
	in := ec2.DescribeVpcEndpointServicesInput{ServiceNames: []string{name}}
	if region != "" && region != s.place.Region {
		in.ServiceRegions = []string{region}
	}
	for {
		out, err := s.EC2.DescribeVpcEndpointServices(ctx, &in)
		if hasCode(err, "InvalidServiceName") {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, d := range out.ServiceDetails {
			if sdk.ToString(d.ServiceName) == name {
				return &d, nil
			}
		}
		if sdk.ToString(out.NextToken) == "" {
			return nil, nil
		}
		in.NextToken = out.NextToken
	}
}

package aws

import (
	"context"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
)

// serviceGone are the codes of a service that does not exist. EC2 uses both: describing and rejecting answer with
// the first, the items of a deletion with the second.
var serviceGone = []string{"InvalidVpcEndpointServiceId.NotFound", "InvalidVpcEndpointService.NotFound"}

// servicesOf finds the services that carry the owner's tag and still exist in some way, the best one first.
func (s *site) servicesOf(ctx context.Context, owner activities.Owner) ([]ec2types.ServiceConfiguration, error) {
	found, err := s.services(ctx, ownedBy(owner))
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(c ec2types.ServiceConfiguration) bool {
		return ownerOf(c.Tags) != owner || serviceState(c.ServiceState) == activities.ServiceDeleted
	})
	rank := func(c ec2types.ServiceConfiguration) int {
		return slices.Index([]activities.ServiceState{activities.ServiceDeleting, activities.ServiceFailed,
			activities.ServicePending, activities.ServiceAvailable}, serviceState(c.ServiceState))
	}
	slices.SortFunc(found, func(a, b ec2types.ServiceConfiguration) int {
		if d := rank(b) - rank(a); d != 0 {
			return d
		}
		return strings.Compare(sdk.ToString(a.ServiceId), sdk.ToString(b.ServiceId))
	})
	return found, nil
}

// services lists services to the last page: a page may be empty although another one follows.
func (s *site) services(ctx context.Context, filters ...ec2types.Filter) ([]ec2types.ServiceConfiguration, error) {
	if s.seen != nil {
		return s.seen.services.search(func(all ...ec2types.Filter) ([]ec2types.ServiceConfiguration, error) {
			return s.listServices(ctx, all...)
		}, filters)
	}
	return s.listServices(ctx, filters...)
}

func (s *site) listServices(ctx context.Context, filters ...ec2types.Filter) ([]ec2types.ServiceConfiguration, error) {
	var all []ec2types.ServiceConfiguration
	pages := ec2.NewDescribeVpcEndpointServiceConfigurationsPaginator(s.EC2,
		&ec2.DescribeVpcEndpointServiceConfigurationsInput{Filters: filters, MaxResults: fullPage})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, page.ServiceConfigurations...)
	}
	return all, nil
}

// service looks at one service; gone when it does not exist.
func (s *site) service(ctx context.Context, id string) (ec2types.ServiceConfiguration, error) {
	c, err := s.listedService(ctx, id)
	if err != nil {
		return ec2types.ServiceConfiguration{}, s.failed(err)
	}
	switch {
	case c == nil:
		return ec2types.ServiceConfiguration{}, s.gone(ctx, "service "+id, nil)
	case serviceState(c.ServiceState) == activities.ServiceDeleted:
		return ec2types.ServiceConfiguration{}, activities.Gone("service "+id+" is deleted", nil)
	}
	return *c, nil
}

// listedService finds a service in any state; nil when EC2 does not list it.
func (s *site) listedService(ctx context.Context, id string) (*ec2types.ServiceConfiguration, error) {
	found, err := s.services(ctx, filter("service-id", id))
	if err != nil && !hasCode(err, serviceGone...) {
		return nil, err
	}
	for _, c := range found {
		if sdk.ToString(c.ServiceId) == id {
			return &c, nil
		}
	}
	return nil, nil
}

// principals lists who may ask for a connection.
func (s *site) principals(ctx context.Context, id string) ([]string, error) {
	return read(s, "principals of "+id, func() ([]string, error) {
		var all []string
		pages := ec2.NewDescribeVpcEndpointServicePermissionsPaginator(s.EC2,
			&ec2.DescribeVpcEndpointServicePermissionsInput{ServiceId: sdk.String(id)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, p := range page.AllowedPrincipals {
				all = append(all, sdk.ToString(p.Principal))
			}
		}
		return all, nil
	})
}

// connections lists a service's connections, whatever their state.
func (s *site) connections(ctx context.Context, filters ...ec2types.Filter) ([]ec2types.VpcEndpointConnection, error) {
	if s.seen != nil {
		return s.seen.connections.search(func(all ...ec2types.Filter) ([]ec2types.VpcEndpointConnection, error) {
			return s.listConnections(ctx, all...)
		}, filters)
	}
	return s.listConnections(ctx, filters...)
}

func (s *site) listConnections(ctx context.Context, filters ...ec2types.Filter) ([]ec2types.VpcEndpointConnection, error) {
	var all []ec2types.VpcEndpointConnection
	pages := ec2.NewDescribeVpcEndpointConnectionsPaginator(s.EC2,
		&ec2.DescribeVpcEndpointConnectionsInput{Filters: filters, MaxResults: fullPage})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, page.VpcEndpointConnections...)
	}
	return all, nil
}

// deleteService asks for a service's deletion; nothing happens when it is gone.
func (s *site) deleteService(ctx context.Context, id string) error {
	out, err := s.EC2.DeleteVpcEndpointServiceConfigurations(ctx,
		&ec2.DeleteVpcEndpointServiceConfigurationsInput{ServiceIds: []string{id}})
	if err == nil {
		err = unsuccessful("DeleteVpcEndpointServiceConfigurations", out.Unsuccessful, serviceGone...)
	}
	if hasCode(err, serviceGone...) {
		return nil
	}
	if hasCode(err, unauthorized...) {
		// Policies go by the tag, and what is gone has none: a deletion whose answer was lost is refused the next time.
		c, looked := s.listedService(ctx, id)
		if looked == nil && (c == nil || serviceState(c.ServiceState) == activities.ServiceDeleting || serviceState(c.ServiceState) == activities.ServiceDeleted) {
			return nil
		}
	}
	return err
}

package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// snapshot is all of some kinds that an account has in a region, from one look at everything. A site that has one finds
// in it what it would ask EC2 for, one by one.
type snapshot struct {
	services    []ec2types.ServiceConfiguration
	connections []ec2types.VpcEndpointConnection
	endpoints   []ec2types.VpcEndpoint
	interfaces  []ec2types.NetworkInterface
	groups      []ec2types.SecurityGroup
}

// snapshot looks at everything, a page at a time. Of the network interfaces it wants those of endpoints alone.
func (s *site) snapshot(ctx context.Context) (*snapshot, error) {
	var all snapshot
	var err error
	if all.services, err = s.services(ctx); err != nil {
		return nil, err
	}
	if len(all.services) > 0 {
		if all.connections, err = s.connections(ctx); err != nil {
			return nil, err
		}
	}
	if all.endpoints, err = s.endpoints(ctx); err != nil {
		return nil, err
	}
	if len(all.endpoints) > 0 {
		if all.interfaces, err = s.interfaces(ctx, filter("interface-type", "vpc_endpoint")); err != nil {
			return nil, err
		}
	}
	all.groups, err = s.groups(ctx, ec2types.Filter{Name: sdk.String("tag-key"), Values: []string{ownerTag}})
	return &all, err
}

// among answers filters of EC2's from a snapshot: what has one of the values of each of them. fields are the filters of
// its kind that are used here, beside those of tags.
func among[T any](all []T, filters []ec2types.Filter, tags func(T) []ec2types.Tag, fields map[string]func(T) string) ([]T, error) {
	var found []T
	for _, one := range all {
		fits := true
		for _, f := range filters {
			name := sdk.ToString(f.Name)
			field := fields[name]
			if key, ok := strings.CutPrefix(name, "tag:"); ok {
				field = func(one T) string { return tagged(tags(one), key) }
			}
			if field == nil {
				return nil, fmt.Errorf("a snapshot cannot be searched by %s", name)
			}
			fits = fits && slices.Contains(f.Values, field(one))
		}
		if fits {
			found = append(found, one)
		}
	}
	return found, nil
}

func tagged(tags []ec2types.Tag, key string) string {
	for _, t := range tags {
		if sdk.ToString(t.Key) == key {
			return sdk.ToString(t.Value)
		}
	}
	return ""
}

func (n *snapshot) servicesBy(filters []ec2types.Filter) ([]ec2types.ServiceConfiguration, error) {
	return among(n.services, filters, func(c ec2types.ServiceConfiguration) []ec2types.Tag { return c.Tags },
		map[string]func(ec2types.ServiceConfiguration) string{
			"service-id": func(c ec2types.ServiceConfiguration) string { return sdk.ToString(c.ServiceId) },
		})
}

func (n *snapshot) connectionsBy(filters []ec2types.Filter) ([]ec2types.VpcEndpointConnection, error) {
	return among(n.connections, filters, func(c ec2types.VpcEndpointConnection) []ec2types.Tag { return c.Tags },
		map[string]func(ec2types.VpcEndpointConnection) string{
			"service-id":      func(c ec2types.VpcEndpointConnection) string { return sdk.ToString(c.ServiceId) },
			"vpc-endpoint-id": func(c ec2types.VpcEndpointConnection) string { return sdk.ToString(c.VpcEndpointId) },
		})
}

func (n *snapshot) endpointsBy(filters []ec2types.Filter) ([]ec2types.VpcEndpoint, error) {
	return among(n.endpoints, filters, func(e ec2types.VpcEndpoint) []ec2types.Tag { return e.Tags },
		map[string]func(ec2types.VpcEndpoint) string{
			"vpc-endpoint-id":   func(e ec2types.VpcEndpoint) string { return sdk.ToString(e.VpcEndpointId) },
			"vpc-endpoint-type": func(e ec2types.VpcEndpoint) string { return string(e.VpcEndpointType) },
			"vpc-id":            func(e ec2types.VpcEndpoint) string { return sdk.ToString(e.VpcId) },
		})
}

func (n *snapshot) interfacesBy(filters []ec2types.Filter) ([]ec2types.NetworkInterface, error) {
	return among(n.interfaces, filters, func(i ec2types.NetworkInterface) []ec2types.Tag { return i.TagSet },
		map[string]func(ec2types.NetworkInterface) string{
			"network-interface-id": func(i ec2types.NetworkInterface) string { return sdk.ToString(i.NetworkInterfaceId) },
		})
}

func (n *snapshot) groupsBy(filters []ec2types.Filter) ([]ec2types.SecurityGroup, error) {
	return among(n.groups, filters, func(g ec2types.SecurityGroup) []ec2types.Tag { return g.Tags },
		map[string]func(ec2types.SecurityGroup) string{
			"group-id": func(g ec2types.SecurityGroup) string { return sdk.ToString(g.GroupId) },
		})
}

package aws

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// snapshot is what an account has in a region, kind by kind. A site that has one finds in it what it would otherwise ask
// EC2 for, one by one: all of a kind is looked at once, when the first is wanted.
type snapshot struct {
	services    album[ec2types.ServiceConfiguration]
	connections album[ec2types.VpcEndpointConnection]
	endpoints   album[ec2types.VpcEndpoint]
	interfaces  album[ec2types.NetworkInterface]
	groups      album[ec2types.SecurityGroup]
}

func newSnapshot() *snapshot {
	return &snapshot{
		services: album[ec2types.ServiceConfiguration]{
			tags: func(c ec2types.ServiceConfiguration) []ec2types.Tag { return c.Tags },
			fields: map[string]func(ec2types.ServiceConfiguration) *string{
				"service-id": func(c ec2types.ServiceConfiguration) *string { return c.ServiceId },
			},
		},
		connections: album[ec2types.VpcEndpointConnection]{
			tags: func(c ec2types.VpcEndpointConnection) []ec2types.Tag { return c.Tags },
			fields: map[string]func(ec2types.VpcEndpointConnection) *string{
				"service-id":      func(c ec2types.VpcEndpointConnection) *string { return c.ServiceId },
				"vpc-endpoint-id": func(c ec2types.VpcEndpointConnection) *string { return c.VpcEndpointId },
			},
		},
		endpoints: album[ec2types.VpcEndpoint]{
			tags: func(e ec2types.VpcEndpoint) []ec2types.Tag { return e.Tags },
			fields: map[string]func(ec2types.VpcEndpoint) *string{
				"vpc-endpoint-id":   func(e ec2types.VpcEndpoint) *string { return e.VpcEndpointId },
				"vpc-endpoint-type": func(e ec2types.VpcEndpoint) *string { return (*string)(&e.VpcEndpointType) },
				"vpc-id":            func(e ec2types.VpcEndpoint) *string { return e.VpcId },
			},
		},
		interfaces: album[ec2types.NetworkInterface]{
			// Of a VPC's many interfaces, those of endpoints are wanted here.
			all:  []ec2types.Filter{filter("interface-type", "vpc_endpoint")},
			tags: func(i ec2types.NetworkInterface) []ec2types.Tag { return i.TagSet },
			fields: map[string]func(ec2types.NetworkInterface) *string{
				"network-interface-id": func(i ec2types.NetworkInterface) *string { return i.NetworkInterfaceId },
			},
		},
		groups: album[ec2types.SecurityGroup]{
			all:  []ec2types.Filter{filter("tag-key", ownerTag)},
			tags: func(g ec2types.SecurityGroup) []ec2types.Tag { return g.Tags },
			fields: map[string]func(ec2types.SecurityGroup) *string{
				"group-id": func(g ec2types.SecurityGroup) *string { return g.GroupId },
			},
		},
	}
}

// album is everything of one kind.
type album[T any] struct {
	looked bool
	found  []T
	// all selects what is looked at; nothing for everything.
	all []ec2types.Filter
	// tags and fields answer filters: "tag:KEY", and those of the kind that are used here.
	tags   func(T) []ec2types.Tag
	fields map[string]func(T) *string
}

// search answers filters as EC2 does, from a look at everything: what has one of the values of each of them.
func (a *album[T]) search(look func(...ec2types.Filter) ([]T, error), filters []ec2types.Filter) ([]T, error) {
	if !a.looked {
		found, err := look(a.all...)
		if err != nil {
			return nil, err
		}
		a.looked, a.found = true, found
	}
	left := slices.Clone(a.found)
	for _, f := range filters {
		name := sdk.ToString(f.Name)
		field := a.fields[name]
		if key, ok := strings.CutPrefix(name, "tag:"); ok {
			field = func(one T) *string { return tagged(a.tags(one), key) }
		}
		if field == nil {
			return nil, fmt.Errorf("a snapshot cannot be searched by %s", name)
		}
		left = slices.DeleteFunc(left, func(one T) bool {
			value := field(one)
			return value == nil || !slices.Contains(f.Values, *value)
		})
	}
	return left, nil
}

// tagged is the value of a tag; nil without it.
func tagged(tags []ec2types.Tag, key string) *string {
	for _, t := range tags {
		if sdk.ToString(t.Key) == key {
			return t.Value
		}
	}
	return nil
}

package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/accounts"
)

// snapshot is what an account has in a region, kind by kind. A site that has one finds in it what it would otherwise ask
// the cloud for, one by one: all of a kind is looked at once, when the first is wanted.
type snapshot struct {
	services    album[ec2types.ServiceConfiguration]
	connections album[ec2types.VpcEndpointConnection]
	endpoints   album[ec2types.VpcEndpoint]
	interfaces  album[ec2types.NetworkInterface]
	groups      album[ec2types.SecurityGroup]

	// wanted is what somebody stands by here.
	wanted wanted
	// looks are kept by what they were about, the looks at everything of other services than EC2 among them.
	looks map[string]any
	// tagged are the owners of things of Elastic Load Balancing whose tags were read, by ARN; empty for none.
	tagged map[string]activities.Owner

	// deep says to look, too, at what can only be looked at alone. The calls that took are the reads.
	deep  bool
	calls *accounts.Tally
	reads int
}

// seen is a look that is kept.
type seen[T any] struct {
	found T
	err   error
}

// shared looks at something for everybody who wants it: a snapshot keeps what was found, or why nothing was. A site
// without one just looks.
func shared[T any](s *site, what string, look func() (T, error)) (T, error) {
	if s.seen == nil {
		return look()
	}
	if kept, ok := s.seen.looks[what].(seen[T]); ok {
		return kept.found, kept.err
	}
	found, err := look()
	s.seen.looks[what] = seen[T]{found, err}
	return found, err
}

// read is shared for what can only be looked at alone.
func read[T any](s *site, what string, look func() (T, error)) (T, error) {
	return shared(s, what, func() (T, error) {
		if s.seen == nil {
			return look()
		}
		before := s.seen.calls.Calls()
		found, err := look()
		s.seen.reads += s.seen.calls.Calls() - before
		return found, err
	})
}

// deep reports whether to look at what can only be looked at alone.
func (s *site) deep() bool { return s.seen == nil || s.seen.deep }

// fullPage is how much comes in one answer of EC2 at the most (Amazon EC2 API Reference, MaxResults of Describe actions).
// To ask for a page keeps a look at everything out of the small buckets of those that ask for no page.
var fullPage = sdk.Int32(1000)

func newSnapshot(expected []activities.Expected, calls *accounts.Tally) *snapshot {
	return &snapshot{
		wanted: wantedOf(expected), calls: calls, looks: map[string]any{}, tagged: map[string]activities.Owner{},
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
			tags: func(g ec2types.SecurityGroup) []ec2types.Tag { return g.Tags },
			fields: map[string]func(ec2types.SecurityGroup) *string{
				"group-id": func(g ec2types.SecurityGroup) *string { return g.GroupId },
			},
		},
	}
}

package aws

import (
	"context"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
)

// Importer says as specs what is there already. It makes no call that changes anything.
type Importer struct{ config Config }

var _ activities.Importer = (*Importer)(nil)

// NewImporter returns the importer's looks.
func NewImporter(c Config) *Importer { return &Importer{c.withDefaults()} }

// Discover implements [activities.Importer]. It lists all services and interface endpoints by pages, and asks of each
// service that gets a spec who may connect, which EC2 answers for one service at a time.
func (i *Importer) Discover(ctx context.Context, req activities.DiscoverRequest) (activities.Discovered, error) {
	s, err := i.config.at(ctx, req.Place)
	if err != nil {
		return activities.Discovered{}, err
	}
	services, err := s.services(ctx)
	if err != nil {
		return activities.Discovered{}, s.failed(err)
	}
	slices.SortFunc(services, func(a, b ec2types.ServiceConfiguration) int {
		return strings.Compare(sdk.ToString(a.ServiceId), sdk.ToString(b.ServiceId))
	})
	finding := finding{DiscoverRequest: req}
	names := map[string]bool{} // of the services that were asked for
	for _, c := range services {
		if !asksForService(req.Services, c) {
			continue
		}
		names[sdk.ToString(c.ServiceName)] = true
		if why := finding.serviceLeftOut(c); why != "" {
			finding.leaveServiceOut(c, why)
			continue
		}
		principals, err := s.principals(ctx, sdk.ToString(c.ServiceId))
		if hasCode(err, serviceGone...) {
			continue // deleted meanwhile
		}
		if err != nil {
			return activities.Discovered{}, s.failed(err)
		}
		finding.service(c, principals)
	}
	endpoints, err := s.endpoints(ctx, filter("vpc-endpoint-type", string(ec2types.VpcEndpointTypeInterface)))
	if err != nil {
		return activities.Discovered{}, s.failed(err)
	}
	slices.SortFunc(endpoints, func(a, b ec2types.VpcEndpoint) int {
		return strings.Compare(sdk.ToString(a.VpcEndpointId), sdk.ToString(b.VpcEndpointId))
	})
	for _, e := range endpoints {
		name := sdk.ToString(e.ServiceName)
		if leadsToEndpointService(name) && (names[name] || asksForName(req.Services, name)) {
			finding.endpoint(e)
		}
	}
	return finding.found.Within(req.Room), nil
}

// asksForService reports whether a service is among those that were asked for, or all were.
func asksForService(wanted []string, c ec2types.ServiceConfiguration) bool {
	return asksForName(wanted, sdk.ToString(c.ServiceName)) || slices.Contains(wanted, tagMap(c.Tags)["Name"])
}

// asksForName is asksForService for those who see a service's name alone. The name ends in the id.
func asksForName(wanted []string, name string) bool {
	return len(wanted) == 0 || slices.ContainsFunc(wanted, func(want string) bool {
		return want == name || strings.HasSuffix(name, "."+want)
	})
}

// leadsToEndpointService tells the services of customers and partners from AWS's own (AWS PrivateLink Guide, "Share your
// services through AWS PrivateLink").
func leadsToEndpointService(name string) bool { return strings.Contains(name, "com.amazonaws.vpce.") }

package ec2

import (
	"cmp"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// serviceDetail is a consumer's view of an endpoint service.
type serviceDetail struct {
	Name             string        `xml:"serviceName"`
	ID               string        `xml:"serviceId"`
	Region           string        `xml:"serviceRegion"`
	Types            []string      `xml:"serviceType>item>serviceType"`
	Zones            []string      `xml:"availabilityZoneSet>item"`
	ZoneIDs          []string      `xml:"availabilityZoneIdSet>item"`
	Owner            string        `xml:"owner"`
	BaseNames        []string      `xml:"baseEndpointDnsNameSet>item"`
	PrivateDNSName   string        `xml:"privateDnsName,omitempty"`
	PrivateDNSNames  []privateName `xml:"privateDnsNameSet>item"`
	PrivateDNSState  string        `xml:"privateDnsNameVerificationState,omitempty"`
	PolicySupported  bool          `xml:"vpcEndpointPolicySupported"`
	Acceptance       bool          `xml:"acceptanceRequired"`
	ManagesEndpoints bool          `xml:"managesVpcEndpoints"`
	Payer            string        `xml:"payerResponsibility,omitempty"`
	IPAddressTypes   []string      `xml:"supportedIpAddressTypeSet>item"`
	Tags             []tagItem     `xml:"tagSet>item"`
}

type privateName struct {
	Name string `xml:"privateDnsName"`
}

// detail shows the zones in the consumer's own naming. For a service in another Region there are none to
// show.
func (v *EndpointService) detail(r *sim.Request) serviceDetail {
	d := serviceDetail{
		Name: v.Name(), ID: v.ID, Region: v.Region, Types: []string{"Interface"}, Owner: v.Owner, BaseNames: []string{v.domain()},
		Acceptance: v.Acceptance, Payer: v.Payer, IPAddressTypes: v.IPAddressTypes,
	}
	if v.Region == r.Region {
		d.Zones, d.ZoneIDs = zonesByID(r.Caller.AccountID, r.Region, v.ZoneIDs)
	}
	if v.Owner == r.Caller.AccountID {
		d.Tags = tagSet(v.Tags)
	}
	if v.PrivateDNS != nil {
		d.PrivateDNSName, d.PrivateDNSState = v.PrivateDNS.Name, v.PrivateDNS.State
		d.PrivateDNSNames = []privateName{{v.PrivateDNS.Name}}
	}
	return d
}

// offered reports whether the caller can connect to the service from the Region of its request, to a service
// of that Region unless it names others.
func (v *EndpointService) offered(r *sim.Request, serviceRegions []string) bool {
	if len(serviceRegions) == 0 {
		serviceRegions = []string{r.Region}
	}
	return v.State == serviceAvailable && v.allows(r.Caller) &&
		slices.Contains(serviceRegions, v.Region) && slices.Contains(v.regions(), r.Region)
}

// describeEndpointServices lists what the caller may connect to. AWS's own services are not part of this
// cloud.
func (s *Service) describeEndpointServices(r *sim.Request, f query.Form) (any, error) {
	size, err := pageLimits.Size(f, "MaxResults")
	if err != nil {
		return nil, err
	}
	if err := f.Filters().Check(isServiceFilter); err != nil {
		return nil, err
	}
	names, found := f.List("ServiceName"), map[string]bool{}
	var services []*EndpointService
	for _, service := range s.state.EndpointServices {
		if !service.offered(r, f.List("ServiceRegion")) || !s.world.Clock.Passed(service.Shown) {
			continue
		}
		found[service.Name()] = true
		if f.Filters().Match(service.consumerAttribute) && (len(names) == 0 || slices.Contains(names, service.Name())) {
			services = append(services, service)
		}
	}
	for _, name := range names {
		if !found[name] {
			return nil, noSuchService(name)
		}
	}
	slices.SortFunc(services, func(a, b *EndpointService) int { return cmp.Compare(a.Sequence, b.Sequence) })
	var result struct {
		Names     []string        `xml:"serviceNameSet>item"`
		Details   []serviceDetail `xml:"serviceDetailSet>item"`
		NextToken string          `xml:"nextToken,omitempty"`
	}
	page, next, err := query.Page(r, services, func(v *EndpointService) int { return v.Sequence }, size, f.String("NextToken"))
	if err != nil {
		return nil, err
	}
	for _, service := range page {
		result.Names = append(result.Names, service.Name())
		result.Details = append(result.Details, service.detail(r))
	}
	result.NextToken = next
	return result, nil
}

// serviceFilters are what DescribeVpcEndpointServices filters by, besides tags.
var serviceFilters = map[string]func(*EndpointService) []string{
	"owner":                      one(func(v *EndpointService) string { return v.Owner }),
	"service-name":               one((*EndpointService).Name),
	"service-region":             one(func(v *EndpointService) string { return v.Region }),
	"service-type":               one(func(*EndpointService) string { return "Interface" }),
	"supported-ip-address-types": func(v *EndpointService) []string { return v.IPAddressTypes },
}

func isServiceFilter(name string) bool {
	return listing[*EndpointService]{filters: serviceFilters}.filtersBy(name)
}

func (v *EndpointService) consumerAttribute(filter string) []string {
	return listing[*EndpointService]{filters: serviceFilters}.attribute(v, filter)
}

func noSuchService(name string) *sim.Error {
	return sim.Errorf("InvalidServiceName", "The Vpc Endpoint Service '%s' does not exist", name)
}

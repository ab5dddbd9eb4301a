package workflows

import (
	"reflect"
	"slices"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// standBy writes down what the flow stands by from now on, where the audit finds it without asking the flow.
func (f *flow) standBy(ctx workflow.Context) {
	expected := f.standsBy()
	if reflect.DeepEqual(expected, f.stood) {
		return
	}
	f.stood = expected
	// Only what cannot be written as JSON, and a malformed key, can fail here.
	if err := workflow.UpsertMemo(ctx, map[string]any{activities.ExpectedMemo: expected}); err != nil {
		workflow.GetLogger(ctx).Error("what the flow stands by was not written down", "error", err)
	}
	if f.revision >= brief {
		f.places = expected.places() // written with what else is shown
		return
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, LinkPlaces.ValueSet(expected.places())); err != nil {
		workflow.GetLogger(ctx).Error("where the flow stands by something was not written down", "error", err)
	}
}

// stance is what a flow stands by, place by place.
type stance []activities.Expectation

// at is what the flow stands by in a place.
func (s *stance) at(place activities.Place) *activities.Expectation {
	for i := range *s {
		if (*s)[i].Place == place {
			return &(*s)[i]
		}
	}
	*s = append(*s, activities.Expectation{Place: place})
	return &(*s)[len(*s)-1]
}

// places are the values of [LinkPlaces].
func (s stance) places() []string {
	all := []string{} // also of nothing
	for _, e := range s {
		all = append(all, e.Place.String())
	}
	slices.Sort(all)
	return all
}

// stance is the service itself, the proof of its domain, and its name in a parameter.
func (s *service) stance() stance {
	var all stance
	here := all.at(s.place())
	request := s.ensureRequest()
	here.Service, here.Zones = &request, s.Service.Zones
	here.Verified = s.Service.Domain != nil && s.Service.Domain.State == activities.DomainVerified
	if s.Proof != nil {
		proof := s.Proof.request(s.Spec.Region)
		all.at(proof.Place).Proof = &proof
	}
	if s.Parameter != nil {
		name := s.nameRequest()
		all.at(name.Place).Name = &name
	}
	return all
}

// stance is, on the provider's side, that the endpoint was let in; on the consumer's, the endpoint and what leads to it.
func (c *connection) stance() stance {
	var all stance
	if !c.elsewhere() {
		request := c.connectionRequest()
		there := all.at(request.Place)
		there.Connection, there.Unapproved = &request, c.unapproved()
	}
	if c.Spec == nil {
		return all
	}
	here := all.at(c.here())
	endpoint := c.endpointRequest()
	here.Endpoint = &endpoint
	if want := c.Spec.OwnSecurityGroup(); want != nil {
		group := c.groupRequest(want)
		here.SecurityGroup = &group
	}
	if c.usesAddresses() {
		here.Addresses = ips(c.Endpoint.Addresses)
	}
	c.standByZone(&all)
	c.standByRoute(&all)
	return all
}

func (c *connection) standByZone(all *stance) {
	want := c.hostedZone()
	if want == nil || c.Zone == nil || c.Zone.ID == "" {
		return
	}
	there := all.at(c.Zone.place())
	zone, records := c.zoneRequest(), c.recordsRequest(want)
	there.Zone, there.Records = &zone, &records
	for _, vpc := range c.Zone.VPCs {
		request := c.zoneVPC(vpc.Account, vpc, c.Zone.Name)
		seen := all.at(request.Place)
		seen.ZoneVPCs = append(seen.ZoneVPCs, request)
	}
}

func (c *connection) standByRoute(all *stance) {
	if c.Targets == nil || c.Spec.Ingress == nil {
		return
	}
	targets := c.Targets.request(c.Targets.Owned)
	there := all.at(targets.Place)
	there.Targets = &targets
	if c.Route == nil {
		return
	}
	group, route := c.targetGroupRequest(), c.routeRequest()
	there.TargetGroup, there.Route = &group, &route
}

// targetGroupRequest is about the target group of the route.
func (c *connection) targetGroupRequest() activities.TargetGroupRequest {
	return activities.TargetGroupRequest{
		Place: c.Route.place(), Owner: c.owner, Name: c.readableName(),
		Listener: c.Route.Listener, Port: c.Spec.Ingress.Port, Want: c.wantedRoute().Targets,
	}
}

// narrow reports whether nobody has asked for anything new since the spec was carried out: what would let in more than
// now is then left for a person to decide.
func (f *flow) narrow() bool {
	applied, known := f.status.Condition(link.SpecApplied)
	return known && applied.OK && !f.mayWiden()
}

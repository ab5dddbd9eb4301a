package faults

import (
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws"
	"github.com/linkwright/linkwright/internal/simaws/sim"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// inAWS is how AWS speaks. The patterns of ids differ in length: "vpce-*" would match both.
func inAWS() words {
	w := words{
		endpoint: "vpce-" + strings.Repeat("?", 17), service: "vpce-svc-" + strings.Repeat("?", 17),
		connects: "CreateVpcEndpoint", deletes: []string{"DeleteVpcEndpoint"}, reads: sim.IsRead,
	}
	change := func(resource, field, value string) simcloud.Fault {
		return simcloud.Fault{Resource: resource, Effect: simcloud.EffectChange, Change: map[string]string{field: value}}
	}
	w.mishaps = append(w.anywhere(), []mishap{
		{name: "empty page", fault: fails(simaws.EffectEmptyPage, 1), fits: paged},
		{name: "unsuccessful", fault: simcloud.Fault{Effect: simaws.EffectUnsuccessful, Code: "InternalError", Message: "An internal error has occurred"}, fits: batch},
		// Other people.
		{name: "endpoint deleted", meddles: true, fits: func(c call) bool { return c.Endpoint },
			fault: simcloud.Fault{Resource: w.endpoint, Effect: simcloud.EffectDelete}},
		{name: "endpoint without private DNS", meddles: true, fits: letIn, fault: change(w.endpoint, "PrivateDnsEnabled", "false")},
		{name: "connection rejected", meddles: true, fits: func(c call) bool { return c.Endpoint && c.Stage != withdrawn },
			fault: change(w.endpoint, "Action", "RejectVpcEndpointConnections")},
		{name: "connection accepted", meddles: true, fits: func(c call) bool { return c.Endpoint && c.Stage == applied },
			fault: change(w.endpoint, "Action", "AcceptVpcEndpointConnections")},
		{name: "service deleted", meddles: true, fits: func(c call) bool { return c.EndpointService },
			fault: simcloud.Fault{Resource: w.service, Effect: simcloud.EffectDelete}},
		{name: "service without acceptance", meddles: true, fits: func(c call) bool { return c.EndpointService },
			fault: change(w.service, "AcceptanceRequired", "false")},
	}...)
	return w
}

// letIn are the calls that name an endpoint which may have been let in by then: before that, AWS does not let its
// owner change it. The provider names it only to let it in.
func letIn(c call) bool {
	return c.Endpoint && c.Stage == approved && c.Account != "provider"
}

// paged are the lists of EC2; single attributes have no pages.
func paged(c call) bool {
	return c.Service == "ec2" && strings.HasPrefix(c.Action, "Describe") && !strings.HasSuffix(c.Action, "Attribute")
}

// batch are the calls that report failures inside an answer of status 200 (Amazon EC2 API Reference, the actions
// that return UnsuccessfulItem).
func batch(c call) bool {
	return slices.Contains([]string{
		"AcceptVpcEndpointConnections", "RejectVpcEndpointConnections", "DeleteVpcEndpoints", "DeleteVpcEndpointServiceConfigurations",
	}, c.Action)
}

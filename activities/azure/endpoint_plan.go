package azure

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// endpointFate is what becomes of an endpoint that was found.
type endpointFate int

const (
	keepEndpoint    endpointFate = iota
	awaitEndpoint                // a change is under way
	replaceEndpoint              // delete it, and make another under its name
	decideEndpoint               // a person has to decide
)

// judgeEndpoint decides about an endpoint of the flow's:
//
//	state                  service   on disconnect   fate
//	-----------------------------------------------------
//	being changed          any       any             await
//	rejected, failed       any       any             replace
//	disconnected           any       replace         replace
//	disconnected           any       wait            decide
//	any other              another   replace         replace
//	any other              another   wait            decide
//	any other              the same  any             keep
//
// An endpoint never comes back from the first states, and one to a service that was deleted and made anew stays
// disconnected for ever (Azure Private Link, "Manage Azure private endpoints", Private endpoint connections).
func judgeEndpoint(e armnetwork.PrivateEndpoint, wanted []string, on link.DisconnectedAction) (endpointFate, string) {
	fate := replaceEndpoint
	if on == link.DisconnectedWait {
		fate = decideEndpoint
	}
	switch state := endpointView(e).State; {
	case e.Properties == nil || under(e.Properties.ProvisioningState):
		return awaitEndpoint, "it is being changed"
	case state == activities.EndpointDisconnected:
		return fate, "it is disconnected: the private link service, or the connection there, is gone"
	case state.Over():
		return replaceEndpoint, "it is " + string(state)
	case !leadsTo(e, wanted):
		return fate, "it leads to " + requestOf(e).service
	}
	return keepEndpoint, ""
}

// leadsTo reports whether an endpoint is one to a service, whichever of its names it was called by.
func leadsTo(e armnetwork.PrivateEndpoint, wanted []string) bool {
	for _, name := range wanted {
		if name != "" && strings.EqualFold(requestOf(e).service, name) {
			return true
		}
	}
	return false
}

// namesOf are what the service of a request may be called by.
func namesOf(req activities.EnsureEndpointRequest) []string {
	return []string{req.ServiceName, req.ServiceID}
}

// target is what a new endpoint calls its service; empty when the spec wants a resource id and none is known.
func target(req activities.EnsureEndpointRequest) string {
	if req.Spec.Azure.ConnectBy != link.ByResourceID {
		return req.ServiceName
	}
	for _, name := range []string{req.ServiceID, req.ServiceName} {
		if _, ok := link.ParseAzureID(name); ok {
			return name
		}
	}
	return ""
}

// nameLength is how long the name of a private endpoint may be (Azure Resource Manager, "Naming rules and restrictions
// for Azure resources", Microsoft.Network).
const nameLength = 64

// endpointName is what a new endpoint is called: as the spec says, or by the service and the connection. A name that
// would be too long ends in a mark of the whole.
func endpointName(req activities.EnsureEndpointRequest) string {
	if req.Spec.Azure.Name != "" {
		return req.Spec.Azure.Name
	}
	name := strings.ReplaceAll(req.Name, "/", "-")
	if len(name) <= nameLength {
		return name
	}
	return name[:nameLength-9] + "-" + mark(name)
}

// mark is a short text that is the same for the same text, and hardly ever for another one.
func mark(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}

// newEndpoint is the endpoint of a spec, as it is to be written. It asks by hand, as Azure calls it, so that it waits
// until it is let in: that is the only way to name a service by its alias (Azure Private Link, "What is a private
// endpoint?", Access to a private link resource using approval workflow).
func newEndpoint(req activities.EnsureEndpointRequest) armnetwork.PrivateEndpoint {
	want := req.Spec.Azure
	message := want.RequestMessage
	if message == "" {
		message = requestMessage(req)
	}
	subnet, to := want.Subnet, target(req)
	return armnetwork.PrivateEndpoint{
		Location: &req.Region,
		Tags:     tagged(nil, req.Owner, want.Tags),
		Properties: &armnetwork.PrivateEndpointProperties{
			Subnet: &armnetwork.Subnet{ID: &subnet},
			ManualPrivateLinkServiceConnections: []*armnetwork.PrivateLinkServiceConnection{{
				Name:       new(endpointName(req)),
				Properties: &armnetwork.PrivateLinkServiceConnectionProperties{PrivateLinkServiceID: &to, RequestMessage: new(cut(message, messageLength))},
			}},
		},
	}
}

// requestMessage says which connection of which service asks.
func requestMessage(req activities.EnsureEndpointRequest) string {
	service, connection, _ := strings.Cut(req.Name, "/")
	return fmt.Sprintf("Linkwright: connection %s of service %s asks", connection, service)
}

// planEndpoint finds what makes an endpoint as wanted, of what can be changed about it: its tags.
func planEndpoint(have armnetwork.PrivateEndpoint, owner activities.Owner, tags map[string]string) (changes []link.Difference, next armnetwork.PrivateEndpoint) {
	next = have
	next.Tags = tagged(have.Tags, owner, tags)
	switch {
	case ownerOf(have.Tags) != owner:
		changes = append(changes, link.Difference{Kind: link.DriftTags, Text: "private endpoint " + value(have.Name) + " taken over"})
	case !sameTags(have.Tags, next.Tags):
		changes = append(changes, link.Difference{Kind: link.DriftTags, Text: "tags"})
	}
	if have.Properties != nil {
		there := *have.Properties
		there.NetworkInterfaces, there.ProvisioningState = nil, nil // Azure's
		next.Properties = &there
	}
	return changes, next
}

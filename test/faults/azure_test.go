package faults

import (
	"context"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/internal/simazure"
	"github.com/linkwright/linkwright/internal/simazure/arm"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// inAzure is how Azure speaks. Resource ids may be in any case; that of these types is all that differs.
func inAzure() words {
	w := words{
		endpoint: "/subscriptions/*/private?ndpoints/orders-shop", service: "/subscriptions/*/private?ink?ervices/orders",
		connects: "privateEndpoints/write", deletes: []string{"privateEndpoints/delete", "privateLinkServices/delete"}, reads: arm.IsRead,
	}
	decide := func(status string) simcloud.Fault {
		return simcloud.Fault{Resource: w.endpoint, Effect: simcloud.EffectChange, Change: map[string]string{"status": status}}
	}
	// Nobody can act on a connection at the very call that makes its endpoint.
	connected := func(c call) bool { return c.Endpoint && c.Action != w.connects }
	w.mishaps = append(w.anywhere(), []mishap{
		// Azure takes a change on, and fails at it.
		{name: "operation failed", fits: operation,
			fault: simcloud.Fault{Effect: simazure.EffectFailOperation, Code: "InternalServerError", Message: "An error occurred."}},
		// Other people.
		{name: "endpoint deleted", meddles: true, fits: func(c call) bool { return c.Endpoint },
			fault: simcloud.Fault{Resource: w.endpoint, Effect: simcloud.EffectDelete}},
		{name: "connection rejected", meddles: true, fits: func(c call) bool { return connected(c) && c.Stage != withdrawn }, fault: decide("Rejected")},
		{name: "connection approved", meddles: true, fits: func(c call) bool { return connected(c) && c.Stage == applied }, fault: decide("Approved")},
		{name: "connection deleted", meddles: true, fits: func(c call) bool { return connected(c) && c.Stage != withdrawn }, fault: decide("Disconnected")},
		// Azure deletes no service that has connections.
		{name: "service deleted", meddles: true, fits: func(c call) bool { return c.EndpointService && !c.Connected },
			fault: simcloud.Fault{Resource: w.service, Effect: simcloud.EffectDelete}},
	}...)
	return w
}

// operation are the calls that Azure carries out on its own time: all changes but those of record sets and decisions.
func operation(c call) bool {
	atOnce := []string{"privateDnsZones/A/write", "privateDnsZones/A/delete", "privateLinkServices/privateEndpointConnections/write"}
	return !c.signIn() && !arm.IsRead(c.Action) && !slices.Contains(atOnce, c.Action)
}

// switchPoliciesOn makes the provider's subnet as it was: a life switches its network policies off.
func switchPoliciesOn(ctx context.Context, l *lane) error {
	subscription, credential, options, err := l.Cloud.Azure.Admin("orders")
	if err != nil {
		return err
	}
	subnets, err := armnetwork.NewSubnetsClient(subscription, credential, options)
	if err != nil {
		return err
	}
	const group, network, name = "MC_rg-orders_orders_westeurope", "cluster", "nat"
	have, err := subnets.Get(ctx, group, network, name, nil)
	if err != nil {
		return err
	}
	have.Properties.PrivateLinkServiceNetworkPolicies = new(armnetwork.VirtualNetworkPrivateLinkServiceNetworkPoliciesEnabled)
	poller, err := subnets.BeginCreateOrUpdate(ctx, group, network, name, have.Subnet, nil)
	if err != nil {
		return err
	}
	_, err = poller.PollUntilDone(ctx, &runtime.PollUntilDoneOptions{Frequency: time.Second})
	return err
}

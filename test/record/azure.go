package main

import (
	"context"
	"errors"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simcloud"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/test/lab"
)

// The flows of the demo's scenario in Azure.
var (
	orders = flows.ServiceRef("orders")
	shop   = flows.ConnectionRef("orders", "shop")
)

// azureLife is that of a link in Azure which is blocked, and whose provider cuts the connection off, so that it asks again.
func azureLife(ctx context.Context, l *lab.Lab, b *book) error {
	cloud := &l.Cloud.Azure.Simulation
	if err := cloud.Inject(ctx, simcloud.Fault{Action: "privateEndpoints/write", Times: 1 << 20, Effect: simcloud.EffectAccessDenied}); err != nil {
		return err
	}
	if err := l.Apply(ctx); err != nil {
		return err
	}
	if err := b.whenBlockedIn(ctx, l, cloud, "connection-azure-blocked", shop); err != nil {
		return err
	}
	if err := l.Approve(ctx, shop); err != nil {
		return err
	}
	if err := l.Reach(ctx, shop, link.Ready); err != nil {
		return err
	}
	if err := errors.Join(
		b.write(ctx, l.Client, "service-azure-serving", orders.WorkflowID()),
		b.write(ctx, l.Client, "connection-azure-ready", shop.WorkflowID()),
	); err != nil {
		return err
	}
	if err := cutOff(ctx, l); err != nil {
		return err
	}
	if err := l.Approve(ctx, shop); err != nil {
		return err
	}
	if err := l.Reach(ctx, shop, link.Ready); err != nil {
		return err
	}
	if err := takeDownOf(ctx, l, orders, shop); err != nil {
		return err
	}
	return errors.Join(
		b.write(ctx, l.Client, "service-azure", orders.WorkflowID()),
		b.write(ctx, l.Client, "connection-azure", shop.WorkflowID()),
	)
}

// cutOff deletes the connections of the service, as its owner may.
func cutOff(ctx context.Context, l *lab.Lab) error {
	subscription, credential, options, err := l.Cloud.Azure.Admin("orders")
	if err != nil {
		return err
	}
	services, err := armnetwork.NewPrivateLinkServicesClient(subscription, credential, options)
	if err != nil {
		return err
	}
	page, err := services.NewListPrivateEndpointConnectionsPager("rg-orders", "orders", nil).NextPage(ctx)
	if err != nil {
		return err
	}
	for _, c := range page.Value {
		poller, err := services.BeginDeletePrivateEndpointConnection(ctx, "rg-orders", "orders", *c.Name, nil)
		if err != nil {
			return err
		}
		if _, err := poller.PollUntilDone(ctx, &runtime.PollUntilDoneOptions{Frequency: time.Second}); err != nil {
			return err
		}
	}
	return nil
}

// continuedInAzure is that of a link whose flows continue as new again and again.
func continuedInAzure(ctx context.Context, l *lab.Lab, b *book) error {
	if err := upAndDown(ctx, l, orders, shop); err != nil {
		return err
	}
	return errors.Join(
		b.writeRuns(ctx, l.Client, "service-azure-continued", orders.WorkflowID()),
		b.writeRuns(ctx, l.Client, "connection-azure-continued", shop.WorkflowID()),
	)
}

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/test/lab"
	"github.com/linkwright/linkwright/workflows"
)

var (
	providerWatch = workflows.WatchID(link.AWS, "provider", "eu-central-1")
	consumerWatch = workflows.WatchID(link.AWS, "consumer", "eu-central-1")
)

// wholeLife is that of a link which is blocked twice, whose worker dies while it waits for approval, and beside
// which a consumer connects by itself.
func wholeLife(ctx context.Context, l *lab.Lab, b *book) error {
	if err := block(ctx, l, "CreateVpcEndpointServiceConfiguration"); err != nil {
		return err
	}
	if err := l.Apply(ctx); err != nil {
		return err
	}
	if err := b.whenBlocked(ctx, l, "service-blocked", lab.Service); err != nil {
		return err
	}
	if err := l.Reach(ctx, lab.Connection, link.AwaitingApproval); err != nil {
		return err
	}
	if err := errors.Join(
		b.write(ctx, l.Client, "service-serving", lab.Service.WorkflowID()),
		b.write(ctx, l.Client, "connection-awaiting-approval", lab.Connection.WorkflowID()),
		b.write(ctx, l.Client, "watch-polling", consumerWatch),
	); err != nil {
		return err
	}
	if err := errors.Join(l.KillWorker(), l.StartWorker()); err != nil {
		return err
	}
	if err := block(ctx, l, "ModifyVpcEndpoint"); err != nil {
		return err
	}
	if err := l.Approve(ctx, lab.Connection); err != nil {
		return err
	}
	if err := b.whenBlocked(ctx, l, "connection-blocked", lab.Connection); err != nil {
		return err
	}
	if err := l.Reach(ctx, lab.Connection, link.Ready); err != nil {
		return err
	}
	if err := b.write(ctx, l.Client, "connection-ready", lab.Connection.WorkflowID()); err != nil {
		return err
	}
	found, err := connectByHand(ctx, l)
	if err != nil {
		return err
	}
	if err := takeDown(ctx, l, found); err != nil {
		return err
	}
	fmt.Println("waiting for the Watches to end, a minute after their last subscriber")
	for _, id := range []string{providerWatch, consumerWatch} {
		if err := l.Client.GetWorkflow(ctx, id, "").Get(ctx, nil); err != nil {
			return err
		}
	}
	return errors.Join(
		b.write(ctx, l.Client, "service", lab.Service.WorkflowID()),
		b.write(ctx, l.Client, "connection", lab.Connection.WorkflowID()),
		b.write(ctx, l.Client, "connection-found", found.WorkflowID()),
		b.write(ctx, l.Client, "watch-provider", providerWatch),
		b.write(ctx, l.Client, "watch-consumer", consumerWatch),
	)
}

// continuedLife is that of a link whose flows continue as new again and again.
func continuedLife(ctx context.Context, l *lab.Lab, b *book) error {
	if err := upAndDown(ctx, l, lab.Service, lab.Connection); err != nil {
		return err
	}
	return errors.Join(
		b.writeRuns(ctx, l.Client, "service-continued", lab.Service.WorkflowID()),
		b.writeRuns(ctx, l.Client, "connection-continued", lab.Connection.WorkflowID()),
		b.writeRuns(ctx, l.Client, "watch-continued", consumerWatch),
	)
}

// upAndDown applies the specs, lets the connection in, and takes all down once it is ready.
func upAndDown(ctx context.Context, l *lab.Lab, service, connection flows.Ref) error {
	if err := ready(ctx, l, connection); err != nil {
		return err
	}
	return takeDownOf(ctx, l, service, connection)
}

// ready applies the specs, lets the connection in, and waits until it is ready.
func ready(ctx context.Context, l *lab.Lab, connection flows.Ref) error {
	if err := l.Apply(ctx); err != nil {
		return err
	}
	if err := l.Approve(ctx, connection); err != nil {
		return err
	}
	return l.Reach(ctx, connection, link.Ready)
}

// connectByHand has the consumer open an endpoint by itself, and somebody let it in.
func connectByHand(ctx context.Context, l *lab.Lab) (flows.Ref, error) {
	service, err := l.Flows.Status(ctx, lab.Service)
	if err != nil {
		return flows.Ref{}, err
	}
	endpoint, err := l.Cloud.OpenEndpoint(ctx, service.ServiceName)
	if err != nil {
		return flows.Ref{}, err
	}
	found := flows.ConnectionRef(lab.Service.Name, endpoint)
	if err := l.Approve(ctx, found); err != nil {
		return found, err
	}
	return found, l.Reach(ctx, found, link.Ready)
}

// takeDown withdraws the demo's service, and waits until it and a connection are gone.
func takeDown(ctx context.Context, l *lab.Lab, connection flows.Ref) error {
	return takeDownOf(ctx, l, lab.Service, connection)
}

func takeDownOf(ctx context.Context, l *lab.Lab, service, connection flows.Ref) error {
	if err := l.Withdraw(ctx, service); err != nil {
		return err
	}
	if err := l.Reach(ctx, connection, link.Disconnected); err != nil {
		return err
	}
	return l.Reach(ctx, service, link.Withdrawn)
}

// block makes the cloud refuse an action until its faults are cleared.
func block(ctx context.Context, l *lab.Lab, action string) error {
	return l.Cloud.Inject(ctx, simaws.Fault{
		Action: action, Times: 1 << 20, Effect: simaws.EffectAccessDenied,
	})
}

// whenBlocked waits until a flow is blocked, writes its history down, and mends what blocks it in AWS.
func (b *book) whenBlocked(ctx context.Context, l *lab.Lab, name string, ref flows.Ref) error {
	return b.whenBlockedIn(ctx, l, &l.Cloud.Simulation, name, ref)
}

func (b *book) whenBlockedIn(ctx context.Context, l *lab.Lab, cloud *lab.Simulation, name string, ref flows.Ref) error {
	if err := lab.Until(ctx, ref.String()+" to be blocked", func() (bool, error) {
		blocked, err := l.Flows.List(ctx, flows.Filter{Kind: ref.Kind, Name: ref.Name, Blocked: flows.AnyReason})
		return len(blocked) > 0, err
	}); err != nil {
		return err
	}
	if err := b.write(ctx, l.Client, name, ref.WorkflowID()); err != nil {
		return err
	}
	return cloud.ClearFaults(ctx)
}

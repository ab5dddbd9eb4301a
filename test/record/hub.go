package main

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/test/lab"
	"github.com/linkwright/linkwright/workflows"
)

var (
	hub     = flows.InventoryRef("hub")
	offices = flows.PeeringRef("offices")
	// The world and the specs of a hub, from where make runs.
	hubWorld = filepath.Join("test", "record", "testdata", "hub-world.yaml")
	hubSpecs = filepath.Join("test", "record", "testdata", "hub-specs.yaml")
)

// hubLife is that of a link that finds its place in an inventory, has a zone and a security group of its own, and is
// reached from a peered network.
func hubLife(ctx context.Context, l *lab.Lab, b *book) error {
	documents, err := l.Documents()
	if err != nil {
		return err
	}
	if _, err := l.Flows.Plan(ctx, documents, time.Minute); err != nil {
		return err
	}
	if err := l.Apply(ctx); err != nil {
		return err
	}
	if err := l.Reach(ctx, hub, link.Offering); err != nil {
		return err
	}
	if err := block(ctx, l, "CreateRoute"); err != nil {
		return err
	}
	if _, err := l.Flows.ApplyPeering(ctx, offices.Name, link.PeeringSpec{
		Hub: link.PeeringHub{
			Account: "operators", Region: "eu-central-1", VPC: l.Cloud.Resource("operators", "vpc", "offices"),
			RouteTables: []string{l.Cloud.Resource("operators", "route-table", "offices/private")},
		},
		Inventory: hub.Name,
	}, "lab"); err != nil {
		return err
	}
	if err := b.whenBlocked(ctx, l, "peering-blocked", offices); err != nil {
		return err
	}
	if err := l.Approve(ctx, lab.Connection); err != nil {
		return err
	}
	if err := errors.Join(l.Reach(ctx, lab.Connection, link.Ready), l.Reach(ctx, offices, link.Peered)); err != nil {
		return err
	}
	if err := errors.Join(
		b.write(ctx, l.Client, "inventory-offering", hub.WorkflowID()),
		b.write(ctx, l.Client, "peering-peered", offices.WorkflowID()),
		b.write(ctx, l.Client, "connection-hub-ready", lab.Connection.WorkflowID()),
	); err != nil {
		return err
	}
	if err := b.writeOnly(ctx, l.Client, "plan", workflows.PlanWorkflow); err != nil {
		return err
	}
	if err := remove(ctx, l, offices, link.Removed); err != nil {
		return err
	}
	if err := takeDown(ctx, l, lab.Connection); err != nil {
		return err
	}
	if err := remove(ctx, l, hub, link.Closed); err != nil {
		return err
	}
	return errors.Join(
		b.write(ctx, l.Client, "inventory", hub.WorkflowID()),
		b.write(ctx, l.Client, "peering", offices.WorkflowID()),
		b.write(ctx, l.Client, "connection-hub", lab.Connection.WorkflowID()),
	)
}

// continuedHub is the same with flows that continue as new again and again.
func continuedHub(ctx context.Context, l *lab.Lab, b *book) error {
	if err := upAndDown(ctx, l, lab.Service, lab.Connection); err != nil {
		return err
	}
	if err := remove(ctx, l, hub, link.Closed); err != nil {
		return err
	}
	return errors.Join(
		b.writeRuns(ctx, l.Client, "inventory-continued", hub.WorkflowID()),
		b.writeRuns(ctx, l.Client, "connection-hub-continued", lab.Connection.WorkflowID()),
	)
}

// remove takes a flow down, and waits for its end.
func remove(ctx context.Context, l *lab.Lab, ref flows.Ref, end link.Phase) error {
	if _, err := l.Flows.Remove(ctx, ref, link.Decision{By: "lab", Reason: "the life is over"}); err != nil {
		return err
	}
	return l.Reach(ctx, ref, end)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/test/lab"
	"github.com/linkwright/linkwright/workflows"
)

// fleetLife is that of a link which somebody changes behind its back: an audit finds it, part of it is repaired, and part
// of it once a person has approved that. Before, an import looks at the accounts.
func fleetLife(ctx context.Context, l *lab.Lab, b *book) error {
	if err := ready(ctx, l, lab.Connection); err != nil {
		return err
	}
	if _, err := l.Flows.Import(ctx, workflows.ImportInput{
		Cloud: link.AWS, Accounts: []string{"provider", "consumer"}, Region: "eu-central-1",
	}, time.Minute); err != nil {
		return err
	}
	if err := driftAndBack(ctx, l, b, "reconcile"); err != nil {
		return err
	}
	return errors.Join(
		b.writeOnly(ctx, l.Client, "import", workflows.ImportWorkflow),
		b.write(ctx, l.Client, "service-drifted", lab.Service.WorkflowID()),
		b.write(ctx, l.Client, "connection-drifted", lab.Connection.WorkflowID()),
	)
}

// continuedFleet is the same with flows that continue as new again and again.
func continuedFleet(ctx context.Context, l *lab.Lab, b *book) error {
	if err := ready(ctx, l, lab.Connection); err != nil {
		return err
	}
	if err := driftAndBack(ctx, l, b, ""); err != nil {
		return err
	}
	return errors.Join(
		b.writeRuns(ctx, l.Client, "service-drifted-continued", lab.Service.WorkflowID()),
		b.writeRuns(ctx, l.Client, "connection-drifted-continued", lab.Connection.WorkflowID()),
		b.writeRuns(ctx, l.Client, "watch-drifted-continued", providerWatch),
	)
}

// driftAndBack changes a link behind its back, has all of it set right, and takes the link down. With a name, it writes down
// the audits, and the service while it asks.
func driftAndBack(ctx context.Context, l *lab.Lab, b *book, name string) error {
	if err := reconcile(ctx, l, b, "", 2, link.ReconcileReport.Clean); err != nil {
		return err
	}
	if err := meddle(ctx, l); err != nil {
		return err
	}
	if err := reconcile(ctx, l, b, name, 2, func(r link.ReconcileReport) bool { return r.Drifted == 2 && r.Waiting == 1 }); err != nil {
		return err
	}
	clean := ""
	if name != "" {
		clean = name + "-clean"
		if err := b.write(ctx, l.Client, "service-asking", lab.Service.WorkflowID()); err != nil {
			return err
		}
	}
	if err := l.WhenHeard(ctx, "the service to ask", func() (bool, error) { return l.ApproveIfAsked(ctx, lab.Service) }); err != nil {
		return err
	}
	if err := reconcile(ctx, l, b, clean, 2, link.ReconcileReport.Clean); err != nil {
		return err
	}
	return takeDown(ctx, l, lab.Connection)
}

// meddle turns back what a service and an endpoint have: whom the service admits, which is widened by nobody without a
// word, and the endpoint's private DNS.
func meddle(ctx context.Context, l *lab.Lab) error {
	service, err := l.Flows.Status(ctx, lab.Service)
	if err != nil {
		return err
	}
	connection, err := l.Flows.Status(ctx, lab.Connection)
	if err != nil {
		return err
	}
	serviceID, endpointID := resource(service, link.KindService), resource(connection, link.KindEndpoint)
	provider := ec2.NewFromConfig(l.Cloud.Admin("provider"))
	admitted, err := provider.DescribeVpcEndpointServicePermissions(ctx, &ec2.DescribeVpcEndpointServicePermissionsInput{ServiceId: &serviceID})
	if err != nil {
		return err
	}
	var principals []string
	for _, p := range admitted.AllowedPrincipals {
		principals = append(principals, sdk.ToString(p.Principal))
	}
	_, err = provider.ModifyVpcEndpointServicePermissions(ctx, &ec2.ModifyVpcEndpointServicePermissionsInput{
		ServiceId: &serviceID, RemoveAllowedPrincipals: principals,
	})
	if err != nil {
		return err
	}
	_, err = ec2.NewFromConfig(l.Cloud.Admin("consumer")).ModifyVpcEndpoint(ctx, &ec2.ModifyVpcEndpointInput{
		VpcEndpointId: &endpointID, PrivateDnsEnabled: sdk.Bool(false),
	})
	return err
}

// resource is the id of the one resource of a kind.
func resource(s link.Status, kind string) string {
	for _, r := range s.Resources {
		if r.Kind == kind {
			return r.ID
		}
	}
	return ""
}

// orphanedLife is that of a link whose connection is ended from outside: what it has left is removed.
func orphanedLife(ctx context.Context, l *lab.Lab, b *book) error {
	if err := ready(ctx, l, lab.Connection); err != nil {
		return err
	}
	if err := l.Client.TerminateWorkflow(ctx, lab.Connection.WorkflowID(), "", "by mistake"); err != nil {
		return err
	}
	var report link.ReconcileReport
	if err := reconcile(ctx, l, b, "reconcile-orphans", 1, func(r link.ReconcileReport) bool {
		report = r
		return len(r.Orphans) > 0
	}); err != nil {
		return err
	}
	removal, err := l.Flows.CleanUp(ctx, lab.Connection, flows.OrphansIn(report), "recorder")
	if err != nil {
		return err
	}
	if _, err := l.Flows.CleanupReport(ctx, removal); err != nil {
		return err
	}
	return b.write(ctx, l.Client, "cleanup", lab.Connection.WorkflowID())
}

// reconcile audits the fleet, of so many links, until an audit has come to what it must, and writes that one down, if it gets
// a name. Temporal lists flows a moment after they have said what they stand by.
func reconcile(ctx context.Context, l *lab.Lab, b *book, name string, links int, done func(link.ReconcileReport) bool) error {
	return lab.Until(ctx, "an audit to find what there is", func() (bool, error) {
		run, err := l.Flows.Reconcile(ctx, workflows.ReconcileInput{Mode: link.ByPolicy})
		if err != nil {
			return false, err
		}
		var report link.ReconcileReport
		if err := l.Client.GetWorkflow(ctx, run.WorkflowID, "").Get(ctx, &report); err != nil {
			return false, err
		}
		fmt.Println(report.Summary())
		if report.Links < links || report.AtWork > 0 || !done(report) {
			return false, nil
		}
		if name == "" {
			return true, nil
		}
		return true, b.write(ctx, l.Client, name, run.WorkflowID)
	})
}

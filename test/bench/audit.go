package main

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// audit reconciles the whole fleet, which has to be as it should be. Temporal lists flows a moment after they have said
// what they stand by, so that the audit is made again until it has seen them all.
func (s *scene) audit(ctx context.Context) (link.ReconcileReport, error) {
	for nth := 1; ; nth++ {
		run, err := s.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
			ID: workflows.ReconcileID(fmt.Sprintf("bench-%d", nth)), TaskQueue: workflows.TaskQueue,
		}, workflows.ReconcileWorkflow, workflows.ReconcileInput{})
		var report link.ReconcileReport
		if err == nil {
			err = run.Get(ctx, &report)
		}
		switch {
		case err != nil:
			return report, fmt.Errorf("audit the fleet: %w", err)
		case report.Links == len(s.connections)+len(s.services) && report.AtWork == 0:
			if !report.Clean() {
				return report, fmt.Errorf("the audit of a fleet that nobody has touched has found something: %s; %+v %+v", report.Summary(), report.Found, report.Unseen)
			}
			return report, nil
		}
		if err := pause(ctx, time.Second); err != nil {
			return report, fmt.Errorf("the audit sees %d of %d links: %w", report.Links, len(s.connections)+len(s.services), err)
		}
	}
}

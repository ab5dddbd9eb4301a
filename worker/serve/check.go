package serve

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/sdk/client"
)

// pollsWithin is how recently a live worker has polled: the SDK's long polls last a minute.
const pollsWithin = 2 * time.Minute

// Check asks Temporal whether a worker on a machine polls all of some task queues. Workers are known by the
// identity that the SDK gives them, PID@HOST@.
func Check(ctx context.Context, c client.Client, queues []string, host string) error {
	for _, queue := range queues {
		seen, err := c.DescribeTaskQueue(ctx, queue, enumspb.TASK_QUEUE_TYPE_ACTIVITY)
		if err != nil {
			return fmt.Errorf("ask who polls task queue %s: %w", queue, err)
		}
		polls := func(p *taskqueue.PollerInfo) bool {
			return strings.Contains(p.GetIdentity(), "@"+host+"@") && time.Since(p.GetLastAccessTime().AsTime()) < pollsWithin
		}
		if !slices.ContainsFunc(seen.GetPollers(), polls) {
			return fmt.Errorf("no worker on %s polls task queue %s", host, queue)
		}
	}
	return nil
}
